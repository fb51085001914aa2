/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-folder-dialog.h"

#include <glib/gi18n.h>

#include "fugue-activity-bar.h"

typedef struct
{
  GtkWindow        *window;        /* borrowed: goes with it */
  GtkLabel         *count;         /* borrowed widgets */
  GtkSpinButton    *each;
  GtkWidget        *start;

  /* Owned */
  char             *path;
  char            **files;         /* (nullable): while they are counted */
  FugueFolderBatch *batch;
  FugueQueue       *queue;
  FugueControls    *controls;
  GCancellable     *cancellable;   /* cancelled when the window goes */
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->batch);
  g_object_unref (self->queue);
  g_object_unref (self->controls);
  g_strfreev (self->files);
  g_free (self->path);
  g_free (self);
}

/* "214 pictures, about 38 min", or without the time where no step was measured yet. */
static void
update (Dialog *self)
{
  guint n = g_strv_length (self->files);
  guint each = gtk_spin_button_get_value_as_int (self->each);
  guint steps, upsampler_steps;
  double seconds;
  g_autoptr (GString) text = g_string_new (NULL);

  g_object_get (self->controls, "decoder-steps", &steps, "upsampler-steps", &upsampler_steps, NULL);
  seconds = fugue_queue_estimate_steps (self->queue, steps, upsampler_steps) * n * each;
  if (n == 0)
    g_string_append (text, _("There are no pictures in this folder."));
  else
    g_string_append_printf (text, ngettext ("%u picture", "%u pictures", n), n);
  if (n > 0 && seconds >= 0)
    {
      g_autofree char *duration = fugue_format_duration (seconds);

      g_string_append (text, ", ");
      g_string_append_printf (text, _("about %s"), duration);
    }
  gtk_label_set_text (self->count, text->str);
  gtk_widget_set_sensitive (self->start, n > 0);
}

static void
counted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Dialog *self = user_data;
  g_autoptr (GError) error = NULL;
  char **files = fugue_folder_list_finish (result, &error);

  /* Cancelled means that the window is gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (files == NULL)
    {
      gtk_label_set_text (self->count, error->message);
      return;
    }
  self->files = files;
  update (self);
}

static void
each_changed_cb (Dialog *self)
{
  if (self->files != NULL)
    update (self);
}

static void
start_cb (Dialog *self)
{
  gtk_spin_button_update (self->each);
  fugue_folder_batch_start (self->batch, self->path, (const char *const *) self->files,
                            gtk_spin_button_get_value_as_int (self->each));
  gtk_window_destroy (self->window);
}

static void
add_escape (GtkWidget *window)
{
  GtkEventController *escape = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (escape),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, escape);
}

static GtkWidget *
buttons_new (Dialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *cancel = gtk_button_new_with_label (_("Cancel"));

  self->start = gtk_button_new_with_label (_("Vary all"));
  gtk_widget_add_css_class (self->start, "suggested-action");
  gtk_widget_set_sensitive (self->start, FALSE);
  gtk_widget_set_halign (box, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (box), cancel);
  gtk_box_append (GTK_BOX (box), self->start);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_close), self->window);
  g_signal_connect_swapped (self->start, "clicked", G_CALLBACK (start_cb), self);
  return box;
}

static GtkWidget *
each_new (Dialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new_with_mnemonic (_("_Variations of each"));
  GtkWidget *spin = gtk_spin_button_new_with_range (1, 64, 1);
  guint n;

  g_object_get (self->controls, "n-pictures", &n, NULL);
  self->each = GTK_SPIN_BUTTON (spin);
  gtk_spin_button_set_value (self->each, n);
  gtk_spin_button_set_numeric (self->each, TRUE);
  gtk_text_set_activates_default (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (spin))), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), spin);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Variations of each"), -1);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (each_changed_cb), self);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), spin);
  return box;
}

static GtkWidget *
heading_new (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *text = g_strdup_printf (_("Vary every picture in “%s”"), name);
  GtkWidget *heading = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (heading), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (heading), 40);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  return heading;
}

GtkWindow *
fugue_folder_dialog_new (GtkWindow        *parent,
                         GFile            *folder,
                         FugueFolderBatch *batch,
                         FugueQueue       *queue,
                         FugueControls    *controls)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons;
  Dialog *self;

  g_return_val_if_fail (G_IS_FILE (folder) && g_file_peek_path (folder) != NULL, NULL);
  g_return_val_if_fail (FUGUE_IS_FOLDER_BATCH (batch), NULL);

  self = g_new0 (Dialog, 1);
  self->window = GTK_WINDOW (window);
  self->path = g_file_get_path (folder);
  self->batch = g_object_ref (batch);
  self->queue = g_object_ref (queue);
  self->controls = g_object_ref (controls);
  self->cancellable = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (window), "fugue-dialog", self, dialog_free);

  self->count = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "label", _("Counting…"), "xalign", 0.0, "wrap", TRUE,
                                         "max-width-chars", 40, NULL));
  buttons = buttons_new (self);
  gtk_widget_add_css_class (box, "fugue-dialog");
  gtk_box_append (GTK_BOX (box), heading_new (self->path));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (box), each_new (self));
  gtk_box_append (GTK_BOX (box), buttons);

  gtk_window_set_title (self->window, _("Vary a Folder"));
  gtk_window_set_transient_for (self->window, parent);
  gtk_window_set_modal (self->window, parent != NULL);
  gtk_window_set_destroy_with_parent (self->window, TRUE);
  gtk_window_set_resizable (self->window, FALSE);
  gtk_window_set_child (self->window, box);
  gtk_window_set_default_widget (self->window, self->start);
  add_escape (window);
  fugue_folder_list_async (self->path, self->cancellable, counted_cb, self);
  return self->window;
}
