/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-queue-popover.h"

#include <glib/gi18n.h>

#include "fugue-activity-bar.h"

struct _FugueQueuePopover
{
  GtkPopover   parent_instance;

  /* Borrowed: within */
  GtkListBox  *list;

  /* Owned */
  FugueQueue  *queue;
};

G_DEFINE_FINAL_TYPE (FugueQueuePopover, fugue_queue_popover, GTK_TYPE_POPOVER)

/* ---- a row: a grid of title, state and buttons ---- */

typedef struct
{
  FugueQueuePopover *popover;    /* borrowed: it has the row */
  FugueJob          *job;        /* owned */
  GtkLabel          *title;
  GtkLabel          *state;
  GtkProgressBar    *progress;
  GtkWidget         *edit;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_object_unref (row->job);
  g_free (row);
}

static char *
dup_state (FugueJob *job)
{
  double left = fugue_job_get_seconds_left (job);
  guint n = g_list_model_get_n_items (fugue_job_get_pictures (job));
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, ngettext ("%u of %u picture", "%u of %u pictures", n), fugue_job_get_n_finished (job), n);
  if (fugue_job_get_state (job) == FUGUE_JOB_WAITING)
    g_string_append_printf (text, " · %s", _("waiting"));
  if (left >= 0)
    {
      g_autofree char *duration = fugue_format_duration (left);

      g_string_append (text, " · ");
      g_string_append_printf (text, _("about %s"), duration);
    }
  if (*fugue_job_get_message (job) != '\0')
    g_string_append_printf (text, " · %s", fugue_job_get_message (job));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
update_row (GtkWidget *widget)
{
  Row *row = g_object_get_data (G_OBJECT (widget), "fugue-row");
  g_autofree char *state = dup_state (row->job);
  g_autofree char *words = g_strdup_printf ("%s, %s", fugue_job_get_title (row->job), state);

  gtk_label_set_text (row->title, fugue_job_get_title (row->job));
  gtk_label_set_text (row->state, state);
  gtk_progress_bar_set_fraction (row->progress, fugue_job_get_progress (row->job));
  gtk_widget_set_visible (GTK_WIDGET (row->progress), fugue_job_get_state (row->job) == FUGUE_JOB_RUNNING);
  gtk_widget_set_sensitive (row->edit, fugue_job_get_state (row->job) == FUGUE_JOB_WAITING);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
move_job (FugueQueuePopover *self,
          FugueJob          *job,
          int                by)
{
  GListModel *jobs = G_LIST_MODEL (self->queue);
  guint n = g_list_model_get_n_items (jobs);
  gint64 target = by;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueJob) item = g_list_model_get_item (jobs, i);

      if (item == job)
        target += i;
    }
  if (target >= 0 && target < n)
    fugue_queue_move (self->queue, job, target);
}

static void
edit (GtkWidget *widget,
      Row       *row)
{
  GtkPopover *popover = GTK_POPOVER (row->popover);

  if (fugue_job_get_state (row->job) != FUGUE_JOB_WAITING)
    return;

  /* The row goes with the job. */
  gtk_widget_activate_action (widget, "win.edit-job", "x", fugue_job_get_id (row->job));
  gtk_popover_popdown (popover);
}

static void
edit_cb (GtkButton *button,
         Row       *row)
{
  edit (GTK_WIDGET (button), row);
}

static void
row_activated_cb (GtkListBox    *list,
                  GtkListBoxRow *widget,
                  gpointer       user_data)
{
  edit (GTK_WIDGET (list), g_object_get_data (G_OBJECT (widget), "fugue-row"));
}

/* ---- dragging a row to another place ---- */

static GdkContentProvider *
drag_prepare_cb (GtkDragSource *source,
                 double         x,
                 double         y,
                 Row           *row)
{
  if (fugue_job_get_state (row->job) == FUGUE_JOB_RUNNING)
    return NULL;
  return gdk_content_provider_new_typed (FUGUE_TYPE_JOB, row->job);
}

static void
drag_begin_cb (GtkDragSource *source,
               GdkDrag       *drag,
               Row           *row)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  g_autoptr (GdkPaintable) icon = gtk_widget_paintable_new (widget);

  gtk_drag_source_set_icon (source, icon, 0, 0);
}

/* The job takes the place of the row that it is dropped on. One of another window's queue is not found there, and stays. */
static gboolean
drop_cb (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         Row           *row)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));

  fugue_queue_move (row->popover->queue, g_value_get_object (value), gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (widget)));
  return TRUE;
}

static void
add_dragging (GtkWidget *widget,
              Row       *row)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (FUGUE_TYPE_JOB, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (drag_prepare_cb), row);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin_cb), row);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), row);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

/* ---- buttons ---- */

static void
up_cb (GtkButton *button,
       Row       *row)
{
  move_job (row->popover, row->job, -1);
}

static void
down_cb (GtkButton *button,
         Row       *row)
{
  move_job (row->popover, row->job, 1);
}

static void
duplicate_cb (GtkButton *button,
              Row       *row)
{
  fugue_queue_duplicate (row->popover->queue, row->job, g_random_int ());
}

static void
remove_cb (GtkButton *button,
           Row       *row)
{
  fugue_queue_remove (row->popover->queue, row->job);
}

static GtkWidget *
icon_button_new (const char *icon,
                 const char *words,
                 GCallback   callback,
                 Row        *row)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_signal_connect (button, "clicked", callback, row);
  return button;
}

static GtkWidget *
create_row_cb (gpointer item,
               gpointer user_data)
{
  GtkWidget *widget = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  Row *row = g_new0 (Row, 1);

  row->popover = user_data;
  row->job = g_object_ref (item);
  row->title = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END,
                             "max-width-chars", 36, NULL);
  row->state = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END,
                             "max-width-chars", 36, NULL);
  row->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (row->state), "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->title));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->state));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->progress));
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), icon_button_new ("go-up-symbolic", _("Earlier"), G_CALLBACK (up_cb), row));
  gtk_box_append (GTK_BOX (box), icon_button_new ("go-down-symbolic", _("Later"), G_CALLBACK (down_cb), row));
  row->edit = icon_button_new ("document-edit-symbolic", _("Edit: take its settings out of the queue"), G_CALLBACK (edit_cb), row);
  gtk_box_append (GTK_BOX (box), row->edit);
  gtk_box_append (GTK_BOX (box), icon_button_new ("edit-copy-symbolic", _("Once more, with another seed"),
                                                  G_CALLBACK (duplicate_cb), row));
  gtk_box_append (GTK_BOX (box), icon_button_new ("list-remove-symbolic", _("Remove"), G_CALLBACK (remove_cb), row));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (widget), box);

  g_object_set_data_full (G_OBJECT (widget), "fugue-row", row, row_free);
  g_signal_connect_object (item, "notify", G_CALLBACK (update_row), widget, G_CONNECT_SWAPPED);
  add_dragging (widget, row);
  update_row (widget);
  return widget;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                FugueQueuePopover     *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = gtk_root_get_focus (root);
  Row *row;

  if (!GTK_IS_LIST_BOX_ROW (focus))
    return GDK_EVENT_PROPAGATE;

  row = g_object_get_data (G_OBJECT (focus), "fugue-row");
  if ((state & GDK_ALT_MASK) && (keyval == GDK_KEY_Up || keyval == GDK_KEY_Down))
    {
      move_job (self, row->job, keyval == GDK_KEY_Up ? -1 : 1);
      return GDK_EVENT_STOP;
    }
  if (keyval == GDK_KEY_Delete)
    {
      fugue_queue_remove (self->queue, row->job);
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

static void
fugue_queue_popover_dispose (GObject *object)
{
  g_clear_object (&FUGUE_QUEUE_POPOVER (object)->queue);
  G_OBJECT_CLASS (fugue_queue_popover_parent_class)->dispose (object);
}

static void
fugue_queue_popover_class_init (FugueQueuePopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fugue_queue_popover_dispose;
}

static void
fugue_queue_popover_init (FugueQueuePopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *clear = gtk_button_new_with_label (_("Remove all that wait"));
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *empty = gtk_label_new (_("Nothing is waiting."));
  GtkEventController *key = gtk_event_controller_key_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_placeholder (self->list, empty);
  gtk_widget_set_margin_top (empty, 12);
  gtk_widget_set_margin_bottom (empty, 12);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (row_activated_cb), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Queue"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 400);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  gtk_widget_set_size_request (scrolled, 380, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (clear), "win.clear-queue");
  gtk_widget_set_halign (clear, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_box_append (GTK_BOX (box), clear);
  gtk_popover_set_child (GTK_POPOVER (self), box);

  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

GtkWidget *
fugue_queue_popover_new (FugueQueue *queue)
{
  FugueQueuePopover *self = g_object_new (FUGUE_TYPE_QUEUE_POPOVER, NULL);

  self->queue = g_object_ref (queue);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (queue), create_row_cb, self, NULL);
  return GTK_WIDGET (self);
}
