/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-window.h"

#include <glib/gi18n.h>

#include "fugue-modes.h"

struct _FugueWindow
{
  GtkApplicationWindow parent_instance;

  /* Template children */
  GtkStackSwitcher    *mode_switcher;
  GtkStack            *stage_stack;
  GtkStack            *panel_stack;
};

G_DEFINE_FINAL_TYPE (FugueWindow, fugue_window, GTK_TYPE_APPLICATION_WINDOW)

static void
add_modes (FugueWindow *self)
{
  guint n_modes;
  const FugueModeInfo *modes = fugue_modes_get (&n_modes);

  for (guint i = 0; i < n_modes; i++)
    {
      gtk_stack_add_titled (self->panel_stack, modes[i].panel_new (self), modes[i].name, _(modes[i].title));
      gtk_stack_add_titled (self->stage_stack, modes[i].stage_new (self), modes[i].name, _(modes[i].title));
    }
  g_object_bind_property (self->panel_stack, "visible-child-name",
                          self->stage_stack, "visible-child-name", G_BINDING_SYNC_CREATE);
}

static void
fugue_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), FUGUE_TYPE_WINDOW);
  G_OBJECT_CLASS (fugue_window_parent_class)->dispose (object);
}

static void
fugue_window_class_init (FugueWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fugue_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fugue/Fugue/ui/fugue-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, mode_switcher);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, stage_stack);
  gtk_widget_class_bind_template_child (widget_class, FugueWindow, panel_stack);
}

static void
fugue_window_init (FugueWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_modes (self);
}

FugueWindow *
fugue_window_new (FugueApplication *application)
{
  return g_object_new (FUGUE_TYPE_WINDOW, "application", application, NULL);
}

const char *
fugue_window_get_mode (FugueWindow *self)
{
  g_return_val_if_fail (FUGUE_IS_WINDOW (self), NULL);

  return gtk_stack_get_visible_child_name (self->panel_stack);
}

void
fugue_window_set_mode (FugueWindow *self,
                       const char  *mode)
{
  g_return_if_fail (FUGUE_IS_WINDOW (self));

  gtk_stack_set_visible_child_name (self->panel_stack, mode);
}
