/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be done about pictures that failed: once more on the processor, and a report. */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>

#include "fugue-about.h"

/* Whether the device, not a recipe or a source, is to blame. */
static gboolean
is_of_device (FuguePicture *picture)
{
  static const char *const CODES[] = { "bad-result", "device-lost", "engine", "out-of-memory", "internal", NULL };

  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FAILED
         && fugue_picture_get_recipe (picture) != NULL
         && g_strv_contains (CODES, fugue_picture_get_error_code (picture));
}

gboolean
fugue_window_has_failed_selected (FugueWindow *self,
                                  gboolean     of_device)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);

  for (guint i = 0; i < selected->len; i++)
    if (of_device ? is_of_device (selected->pdata[i])
                  : fugue_picture_get_state (selected->pdata[i]) == FUGUE_PICTURE_FAILED)
      return TRUE;
  return FALSE;
}

/* ---- on the processor ---- */

static void
try_on_processor (FugueWindow *self,
                  GPtrArray   *pictures)
{
  g_autoptr (GPtrArray) failed = g_ptr_array_new ();

  for (guint i = 0; i < pictures->len; i++)
    if (is_of_device (pictures->pdata[i]))
      g_ptr_array_add (failed, pictures->pdata[i]);
  if (failed->len > 0)
    fugue_queue_try_on_processor (self->queue, failed);
}

void
fugue_window_try_selected_on_processor (FugueWindow *self)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);

  try_on_processor (self, selected);
}

void
fugue_window_try_batch_on_processor (FugueWindow *self,
                                     gint64       job)
{
  GListModel *pictures = fugue_session_get_pictures (self->session);
  g_autoptr (GPtrArray) of_job = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (pictures);

  for (guint i = 0; i < n; i++)
    {
      FuguePicture *picture = g_list_model_get_item (pictures, i);

      if (fugue_picture_get_job (picture) == job)
        g_ptr_array_add (of_job, picture);
      else
        g_object_unref (picture);
    }
  try_on_processor (self, of_job);
}

/* ---- the report ---- */

static void
append_picture (GString      *report,
                FuguePicture *picture)
{
  UnclipRecipe *recipe = fugue_picture_get_recipe (picture);

  g_string_append_printf (report, "Failed picture: %s: %s\n", fugue_picture_get_error_code (picture),
                          fugue_picture_get_error_message (picture));
  if (recipe != NULL)
    g_string_append_printf (report, "  recipe: %s\n", unclip_recipe_get_canonical (recipe));
}

static void
copy_report (FugueWindow *self,
             GPtrArray   *pictures)
{
  g_autofree char *system = fugue_about_dup_report (self->pool);
  g_autoptr (GString) report = g_string_new (system);

  for (guint i = 0; i < pictures->len; i++)
    if (fugue_picture_get_state (pictures->pdata[i]) == FUGUE_PICTURE_FAILED)
      append_picture (report, pictures->pdata[i]);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), report->str);
  fugue_window_toast (self, _("The report is copied. It has the recipe in it, captions included, and no pictures."), NULL, 0);
}

void
fugue_window_copy_report_of_selected (FugueWindow *self)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);

  copy_report (self, selected);
}

void
fugue_window_copy_report_of_picture (FugueWindow *self,
                                     gint64       id)
{
  FuguePicture *picture = fugue_session_find_picture (self->session, id);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();

  if (picture != NULL)
    g_ptr_array_add (pictures, picture);
  copy_report (self, pictures);
}

/* ---- being told ---- */

static void
picture_failed_cb (FugueWindow  *self,
                   FuguePicture *picture)
{
  g_autofree char *again = g_strdup_printf ("win.try-batch-on-processor(int64 %" G_GINT64_FORMAT ")",
                                            fugue_picture_get_job (picture));
  g_autofree char *copy = g_strdup_printf ("win.copy-report-of(int64 %" G_GINT64_FORMAT ")",
                                           fugue_picture_get_id (picture));
  const FugueToastButton buttons[] = { { _("Try again on the processor"), again }, { _("Copy report"), copy } };
  const char *message = fugue_picture_get_error_message (picture);

  if (*message != '\0')
    fugue_window_toast (self, message, buttons, is_of_device (picture) && fugue_picture_get_id (picture) > 0
                                                  ? G_N_ELEMENTS (buttons) : 0);
}

void
fugue_window_follow_trouble (FugueWindow *self)
{
  g_signal_connect_object (self->queue, "picture-failed", G_CALLBACK (picture_failed_cb), self, G_CONNECT_SWAPPED);
}
