/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-toasts.h"

#include "fugue-compat.h"

#include <glib/gi18n.h>

/* Long enough to read two lines and reach a button. */
#define SHOWN_MS 6000

/* Messages that wait; when more arrive, the oldest of those that wait has become old news. */
#define MAX_WAITING 5

typedef struct
{
  char  *message;
  guint  n_buttons;
  char  *labels[3];
  char  *actions[3];
} Toast;

struct _FugueToasts
{
  GtkWidget    parent_instance;

  /* Owned, as children */
  GtkWidget   *overlay;
  GtkRevealer *revealer;
  GtkLabel    *label;
  GtkBox      *buttons;

  /* Owned */
  GQueue       waiting;      /* of Toast */
  Toast       *shown;        /* (nullable) */
  guint        timeout;
  gboolean     is_held;      /* pointer or focus is there */
};

G_DEFINE_FINAL_TYPE (FugueToasts, fugue_toasts, GTK_TYPE_WIDGET)

static void show_next (FugueToasts *self);

static void
toast_free (Toast *toast)
{
  if (toast == NULL)
    return;

  g_free (toast->message);
  for (guint i = 0; i < G_N_ELEMENTS (toast->labels); i++)
    {
      g_free (toast->labels[i]);
      g_free (toast->actions[i]);
    }
  g_free (toast);
}

static gboolean
timeout_cb (gpointer user_data)
{
  FugueToasts *self = user_data;

  self->timeout = 0;
  if (!self->is_held)
    fugue_toasts_dismiss (self);
  return G_SOURCE_REMOVE;
}

static void
start_clock (FugueToasts *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->shown != NULL)
    self->timeout = g_timeout_add (SHOWN_MS, timeout_cb, self);
}

static void
clear_buttons (FugueToasts *self)
{
  GtkWidget *child;

  fugue_compat_leave (GTK_WIDGET (self->buttons), NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->buttons))) != NULL)
    gtk_box_remove (self->buttons, child);
}

static void
button_clicked_cb (GtkButton *button,
                   gpointer   user_data)
{
  fugue_toasts_dismiss (user_data);
}

static void
show_next (FugueToasts *self)
{
  self->shown = g_queue_pop_head (&self->waiting);
  if (self->shown == NULL)
    return;

  clear_buttons (self);
  gtk_label_set_text (self->label, self->shown->message);
  for (guint i = 0; i < self->shown->n_buttons; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (self->shown->labels[i]);

      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), self->shown->actions[i]);
      g_signal_connect_object (button, "clicked", G_CALLBACK (button_clicked_cb), self, G_CONNECT_AFTER);
      gtk_box_append (self->buttons, button);
    }
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  start_clock (self);
}

static void
hidden_cb (FugueToasts *self)
{
  if (!gtk_revealer_get_child_revealed (self->revealer) && self->shown == NULL)
    show_next (self);
}

static void
held_cb (FugueToasts *self)
{
  self->is_held = TRUE;
}

static void
released_cb (FugueToasts *self)
{
  self->is_held = FALSE;
  start_clock (self);
}

static void
dismiss_cb (FugueToasts *self)
{
  fugue_toasts_dismiss (self);
}

static GtkWidget *
bubble_new (FugueToasts *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  /* A live region: screen readers speak what it says when it changes. */
  self->label = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, "wrap", TRUE,
                              "natural-wrap-mode", GTK_NATURAL_WRAP_NONE, "xalign", 0.0, "max-width-chars", 60,
                              "hexpand", TRUE, NULL);
  self->buttons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  gtk_widget_set_valign (GTK_WIDGET (self->buttons), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _("Dismiss"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Dismiss"), -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (dismiss_cb), self);

  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->buttons));
  gtk_box_append (GTK_BOX (box), close);
  gtk_widget_add_css_class (box, "fugue-toast");

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (held_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (released_cb), self);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (held_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (box, motion);
  gtk_widget_add_controller (box, focus);
  return box;
}

static void
fugue_toasts_dispose (GObject *object)
{
  FugueToasts *self = FUGUE_TOASTS (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_toasts_parent_class)->dispose (object);
}

static void
fugue_toasts_finalize (GObject *object)
{
  FugueToasts *self = FUGUE_TOASTS (object);

  g_queue_clear_full (&self->waiting, (GDestroyNotify) toast_free);
  toast_free (self->shown);
  G_OBJECT_CLASS (fugue_toasts_parent_class)->finalize (object);
}

static void
fugue_toasts_class_init (FugueToastsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fugue_toasts_dispose;
  object_class->finalize = fugue_toasts_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_toasts_init (FugueToasts *self)
{
  g_queue_init (&self->waiting);
  self->overlay = gtk_overlay_new ();
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));

  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_transition_type (self->revealer, GTK_REVEALER_TRANSITION_TYPE_SLIDE_UP);
  gtk_revealer_set_child (self->revealer, bubble_new (self));
  gtk_widget_set_halign (GTK_WIDGET (self->revealer), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->revealer), GTK_ALIGN_END);
  g_signal_connect_swapped (self->revealer, "notify::child-revealed", G_CALLBACK (hidden_cb), self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->revealer));
}

GtkWidget *
fugue_toasts_new (void)
{
  return g_object_new (FUGUE_TYPE_TOASTS, NULL);
}

void
fugue_toasts_set_child (FugueToasts *self,
                        GtkWidget   *child)
{
  g_return_if_fail (FUGUE_IS_TOASTS (self));

  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), child);
}

void
fugue_toasts_add (FugueToasts            *self,
                  const char             *message,
                  const FugueToastButton *buttons,
                  guint                   n_buttons)
{
  Toast *toast;
  gboolean takes_place;

  g_return_if_fail (FUGUE_IS_TOASTS (self));
  g_return_if_fail (message != NULL);
  g_return_if_fail (n_buttons <= 3);

  takes_place = self->shown != NULL
                && (g_str_equal (self->shown->message, message) || (self->shown->n_buttons == 0 && n_buttons == 0));
  toast = g_new0 (Toast, 1);
  toast->message = g_strdup (message);
  toast->n_buttons = n_buttons;
  for (guint i = 0; i < n_buttons; i++)
    {
      toast->labels[i] = g_strdup (buttons[i].label);
      toast->actions[i] = g_strdup (buttons[i].action);
    }

  if (takes_place)
    {
      g_clear_pointer (&self->shown, toast_free);
      g_queue_push_head (&self->waiting, toast);
    }
  else
    {
      g_queue_push_tail (&self->waiting, toast);
    }
  if (g_queue_get_length (&self->waiting) > MAX_WAITING)
    toast_free (g_queue_pop_head (&self->waiting));

  if (self->shown == NULL && (takes_place || !gtk_revealer_get_child_revealed (self->revealer)))
    show_next (self);
}

gboolean
fugue_toasts_dismiss (FugueToasts *self)
{
  g_return_val_if_fail (FUGUE_IS_TOASTS (self), FALSE);

  if (self->shown == NULL)
    return FALSE;

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->shown, toast_free);
  fugue_compat_leave (GTK_WIDGET (self->revealer), NULL);
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  return TRUE;
}

const char *
fugue_toasts_get_message (FugueToasts *self)
{
  g_return_val_if_fail (FUGUE_IS_TOASTS (self), NULL);

  return self->shown != NULL ? self->shown->message : NULL;
}
