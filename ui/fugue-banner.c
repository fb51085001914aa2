/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-banner.h"

#include "fugue-compat.h"

typedef struct
{
  char  *text;      /* (nullable) */
  char **labels;
  char **actions;
} Condition;

struct _FugueBanner
{
  GtkWidget    parent_instance;

  /* Owned, as children */
  GtkRevealer *revealer;
  GtkLabel    *label;
  GtkBox      *buttons;

  Condition    conditions[FUGUE_BANNER_N_KINDS];
  Condition   *shown;       /* one of them; (nullable) */
};

G_DEFINE_FINAL_TYPE (FugueBanner, fugue_banner, GTK_TYPE_WIDGET)

static void
condition_clear (Condition *condition)
{
  g_clear_pointer (&condition->text, g_free);
  g_clear_pointer (&condition->labels, g_strfreev);
  g_clear_pointer (&condition->actions, g_strfreev);
}

static void
update (FugueBanner *self)
{
  GtkWidget *child;

  self->shown = NULL;
  for (guint i = 0; i < FUGUE_BANNER_N_KINDS && self->shown == NULL; i++)
    if (self->conditions[i].text != NULL)
      self->shown = &self->conditions[i];

  fugue_compat_leave (GTK_WIDGET (self), NULL);
  gtk_revealer_set_reveal_child (self->revealer, self->shown != NULL);
  if (self->shown == NULL)
    return;

  gtk_label_set_text (self->label, self->shown->text);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->buttons))) != NULL)
    gtk_box_remove (self->buttons, child);
  for (guint i = 0; self->shown->labels[i] != NULL; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (self->shown->labels[i]);

      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), self->shown->actions[i]);
      gtk_box_append (self->buttons, button);
    }
}

static void
fugue_banner_dispose (GObject *object)
{
  FugueBanner *self = FUGUE_BANNER (object);

  if (self->revealer != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->revealer = NULL;
  G_OBJECT_CLASS (fugue_banner_parent_class)->dispose (object);
}

static void
fugue_banner_finalize (GObject *object)
{
  FugueBanner *self = FUGUE_BANNER (object);

  for (guint i = 0; i < FUGUE_BANNER_N_KINDS; i++)
    condition_clear (&self->conditions[i]);
  G_OBJECT_CLASS (fugue_banner_parent_class)->finalize (object);
}

static void
fugue_banner_class_init (FugueBannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fugue_banner_dispose;
  object_class->finalize = fugue_banner_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "banner");
}

static void
fugue_banner_init (FugueBanner *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_widget_set_parent (GTK_WIDGET (self->revealer), GTK_WIDGET (self));
  gtk_revealer_set_child (self->revealer, box);

  self->label = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, "wrap", TRUE,
                              "xalign", 0.0, "hexpand", TRUE, NULL);
  self->buttons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  gtk_widget_set_valign (GTK_WIDGET (self->buttons), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->buttons));
  gtk_widget_add_css_class (box, "fugue-banner");
}

GtkWidget *
fugue_banner_new (void)
{
  return g_object_new (FUGUE_TYPE_BANNER, NULL);
}

void
fugue_banner_set (FugueBanner              *self,
                  FugueBannerKind           kind,
                  const FugueBannerMessage *message)
{
  Condition *condition;

  g_return_if_fail (FUGUE_IS_BANNER (self));
  g_return_if_fail (kind < FUGUE_BANNER_N_KINDS);

  condition = &self->conditions[kind];
  condition_clear (condition);
  if (message != NULL)
    {
      condition->text = g_strdup (message->text);
      condition->labels = g_strdupv ((char **) message->labels);
      condition->actions = g_strdupv ((char **) message->actions);
    }
  update (self);
}

const char *
fugue_banner_get_text (FugueBanner *self)
{
  g_return_val_if_fail (FUGUE_IS_BANNER (self), NULL);

  return self->shown != NULL ? self->shown->text : NULL;
}
