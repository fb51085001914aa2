/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A contact sheet of pictures as a file. Each picture is made as small as it will be on the sheet before the next one is read, so that a
 * whole gallery fits into memory; the sheet itself is drawn by the engine's code, as the command line does it.
 */

#include "config.h"

#include "fugue-export.h"

#include "unclip-image-file.h"
#include "unclip-resize.h"
#include "unclip-sheet.h"

#include <math.h>

/* Pixels of the sheet's side, about, and of a picture on it; the smallest are for sheets that become larger then. */
#define SHEET_SIDE 4096
#define MAX_CELL   512
#define MIN_CELL   160

typedef struct
{
  GPtrArray *pictures;          /* FuguePicture */
  GPtrArray *images;            /* UnclipImage, as small as they will be shown */
  GPtrArray *captions;
  char      *title;             /* nullable */
  char      *stem;
  char      *folder;
  char      *path;              /* nullable: of what was written */
} Sheet;

static void
sheet_free (gpointer data)
{
  Sheet *sheet = data;

  g_ptr_array_unref (sheet->pictures);
  g_ptr_array_unref (sheet->images);
  g_ptr_array_unref (sheet->captions);
  g_free (sheet->title);
  g_free (sheet->stem);
  g_free (sheet->folder);
  g_free (sheet->path);
  g_free (sheet);
}

static guint
get_cell_size (Sheet *sheet)
{
  return CLAMP ((guint) (SHEET_SIDE / ceil (sqrt (sheet->pictures->len))), MIN_CELL, MAX_CELL);
}

static void
shrink_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  guint size = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (task), "size"));

  g_task_return_pointer (task, unclip_image_resize_to_fit (data, size, size), (GDestroyNotify) unclip_image_unref);
}

static void
draw_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Sheet                  *sheet = data;
  g_autoptr (GArray)      cells = g_array_new (FALSE, FALSE, sizeof (UnclipSheetCell));
  g_autoptr (UnclipImage) image = NULL;
  UnclipSheetParams       params = { .title = sheet->title };
  GError                 *error = NULL;

  for (guint i = 0; i < sheet->images->len; i++)
    {
      UnclipSheetCell cell = { g_ptr_array_index (sheet->images, i), g_ptr_array_index (sheet->captions, i) };

      g_array_append_val (cells, cell);
    }
  params.cells = (const UnclipSheetCell *) cells->data;
  params.n_cells = cells->len;
  image = unclip_sheet_new (&params, &error);
  if (image != NULL)
    sheet->path = unclip_image_save_numbered (image, sheet->folder, sheet->stem, 1, NULL, 0, &error);
  if (sheet->path == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void load_next (GTask *task);

static void
shrunk_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sheet            *sheet = g_task_get_task_data (task);
  GError           *error = NULL;
  UnclipImage      *image = g_task_propagate_pointer (G_TASK (result), &error);

  if (image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_add (sheet->images, image);
  load_next (g_steal_pointer (&task));
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask)       task = user_data;
  g_autoptr (GTask)       step = NULL;
  g_autoptr (UnclipImage) image = NULL;
  GCancellable           *cancellable = g_task_get_cancellable (task);
  Sheet                  *sheet = g_task_get_task_data (task);
  guint                   size = get_cell_size (sheet);
  GError                 *error = NULL;

  image = fugue_session_load_finish (FUGUE_SESSION (object), result, &error);
  if (image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (MAX (unclip_image_get_width (image), unclip_image_get_height (image)) <= size)
    {
      g_ptr_array_add (sheet->images, g_steal_pointer (&image));
      load_next (g_steal_pointer (&task));
      return;
    }
  step = g_task_new (object, cancellable, shrunk_cb, g_steal_pointer (&task));
  g_object_set_data (G_OBJECT (step), "size", GUINT_TO_POINTER (size));
  g_task_set_task_data (step, g_steal_pointer (&image), (GDestroyNotify) unclip_image_unref);
  g_task_run_in_thread (step, shrink_worker);
}

/* @task: (transfer full) */
static void
load_next (GTask *task)
{
  Sheet *sheet = g_task_get_task_data (task);

  if (sheet->images->len < sheet->pictures->len)
    {
      fugue_session_load_picture_async (g_task_get_source_object (task), g_ptr_array_index (sheet->pictures, sheet->images->len),
                                        g_task_get_cancellable (task), loaded_cb, task);
      return;
    }
  g_task_run_in_thread (task, draw_worker);
  g_object_unref (task);
}

/* What all have in common stands above them, and in the file's name. */
static void
name_sheet (Sheet *sheet)
{
  FuguePicture *first = g_ptr_array_index (sheet->pictures, 0);
  const char   *label = fugue_picture_get_label (first);

  for (guint i = 0; i < sheet->pictures->len && label != NULL; i++)
    if (!g_str_equal (fugue_picture_get_label (g_ptr_array_index (sheet->pictures, i)), label))
      label = NULL;
  sheet->title = label != NULL && *label != '\0' ? g_strdup (label) : NULL;
  sheet->stem = fugue_export_dup_name (sheet->title != NULL ? "{source}-sheet" : "pictures-sheet", first, 1);
}

void
fugue_export_sheet_async (FugueSession        *session,
                          GPtrArray           *pictures,
                          const char          *folder,
                          const char          *pattern,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task;
  Sheet *sheet;

  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (pictures->len > 0);
  g_return_if_fail (folder != NULL);

  sheet = g_new0 (Sheet, 1);
  sheet->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  sheet->images = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  sheet->captions = g_ptr_array_new_with_free_func (g_free);
  sheet->folder = g_strdup (folder);
  for (guint i = 0; i < pictures->len; i++)
    {
      FuguePicture *picture = g_ptr_array_index (pictures, i);

      g_ptr_array_add (sheet->pictures, g_object_ref (picture));
      g_ptr_array_add (sheet->captions, fugue_export_dup_name (pattern != NULL && *pattern != '\0' ? pattern : FUGUE_EXPORT_PATTERN,
                                                               picture, fugue_picture_get_number (picture) + 1));
    }
  name_sheet (sheet);
  task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (task, fugue_export_sheet_async);
  g_task_set_task_data (task, sheet, sheet_free);
  load_next (task);
}

char *
fugue_export_sheet_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  Sheet *sheet;

  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  sheet = g_task_get_task_data (G_TASK (result));
  return g_steal_pointer (&sheet->path);
}
