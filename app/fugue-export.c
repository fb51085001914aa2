/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture's pixels come from the session; encoding and writing is a thread's. */

#include "config.h"

#include "fugue-export.h"

#include "fugue-session-private.h"
#include "unclip-file.h"
#include "unclip-image-text.h"
#include "unclip-result-note.h"

#include <glib/gi18n.h>
#include <string.h>

/* Bytes of the source's name in a file name; other parts are short. */
#define MAX_SOURCE_BYTES 60

/* Files of one name that are counted through before giving up. */
#define MAX_TRIES 100000

/* Names. */

/* What no file system or shell minds: no separators, no control characters, no spaces, no dot in front. */
static void
append_tame (GString *name, const char *text, gsize max_bytes)
{
  gsize end = name->len + max_bytes;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_gap = c == '/' || c == '\\' || g_unichar_isspace (c);

      if (!is_gap && !g_unichar_isprint (c))
        continue;
      if (is_gap || (c == '.' && name->len == 0))
        c = '-';
      if (name->len + (gsize) g_unichar_to_utf8 (c, NULL) > end)
        return;
      if (c != '-' || name->len == 0 || name->str[name->len - 1] != '-')
        g_string_append_unichar (name, c);
    }
}

char *
fugue_export_dup_name (const char *pattern, FuguePicture *picture, guint number)
{
  const char *label = fugue_picture_get_label (picture);
  GString    *name = g_string_new (NULL);

  g_return_val_if_fail (FUGUE_IS_PICTURE (picture), NULL);

  for (const char *p = pattern; *p != '\0';)
    {
      if (g_str_has_prefix (p, "{source}"))
        append_tame (name, *label != '\0' ? label : "picture", MAX_SOURCE_BYTES);
      else if (g_str_has_prefix (p, "{verb}"))
        append_tame (name, fugue_picture_get_verb (picture), MAX_SOURCE_BYTES);
      else if (g_str_has_prefix (p, "{seed}"))
        g_string_append_printf (name, "%" G_GUINT64_FORMAT, fugue_picture_get_seed (picture));
      else if (g_str_has_prefix (p, "{n}"))
        g_string_append_printf (name, "%u", number);
      else
        {
          g_autofree char *one = g_strndup (p, (gsize) (g_utf8_next_char (p) - p));

          append_tame (name, one, MAX_SOURCE_BYTES);
          p = g_utf8_next_char (p);
          continue;
        }
      p = strchr (p, '}') + 1;
    }
  if (name->len == 0)
    g_string_append (name, "picture");
  return g_string_free (name, FALSE);
}

/* Encoding. */

static GBytes *
encode (FuguePicture *picture, UnclipImage *image, FugueExportRecipe recipe, GError **error)
{
  FuguePictureFacts facts;
  UnclipResultTexts texts;
  UnclipImageText   chosen[UNCLIP_RESULT_N_TEXTS];
  guint             n = 0;
  GBytes           *bytes;

  fugue_picture_get_facts (picture, &facts);
  if (facts.recipe == NULL || recipe == FUGUE_EXPORT_RECIPE_NONE)
    return unclip_image_encode_png (image, NULL, 0, error);
  unclip_result_texts_init (&texts, facts.recipe, image,
                            &(UnclipResultEngine){ facts.version != NULL ? facts.version : FUGUE_VERSION,
                                                   facts.device != NULL ? facts.device : "",
                                                   facts.precision != NULL ? facts.precision : "" },
                            facts.label);
  for (guint i = 0; i < UNCLIP_RESULT_N_TEXTS; i++)
    if (recipe == FUGUE_EXPORT_RECIPE_FULL || !g_str_equal (texts.texts[i].key, UNCLIP_IMAGE_TEXT_RECIPE))
      chosen[n++] = texts.texts[i];
  bytes = unclip_image_encode_png (image, chosen, n, error);
  unclip_result_texts_clear (&texts);
  return bytes;
}

/* Exporting: one picture after the other. Pictures are only looked at here, and what is looked at does not change once they are
 * finished. */

typedef struct
{
  GPtrArray        *pictures;           /* FuguePicture */
  guint             next;
  char             *folder;
  char             *pattern;
  char             *path;               /* instead of folder and pattern */
  gboolean          overwrite;
  gboolean          bytes_only;
  FugueExportRecipe recipe;
  gboolean          with_json;
  UnclipImage      *image;              /* of the picture whose turn it is */
  GBytes           *bytes;
  GPtrArray        *paths;
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;

  g_ptr_array_unref (export->pictures);
  g_free (export->folder);
  g_free (export->pattern);
  g_free (export->path);
  g_clear_pointer (&export->image, unclip_image_unref);
  g_clear_pointer (&export->bytes, g_bytes_unref);
  g_ptr_array_unref (export->paths);
  g_free (export);
}

static FuguePicture *
get_picture (Export *export)
{
  return g_ptr_array_index (export->pictures, export->next);
}

/* A name that is free, found by writing: others may write at the same time. */
static char *
write_under_pattern (Export *export, GError **error)
{
  FuguePicture *picture = get_picture (export);
  guint         number = fugue_picture_get_number (picture) + 1;
  gboolean      is_numbered = strstr (export->pattern, "{n}") != NULL;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autofree char   *name = fugue_export_dup_name (export->pattern, picture, number + i);
      g_autofree char   *file = is_numbered || i == 0 ? g_strconcat (name, ".png", NULL) : g_strdup_printf ("%s-%u.png", name, i + 1);
      g_autofree char   *path = g_build_filename (export->folder, file, NULL);
      g_autoptr (GError) failure = NULL;

      if (unclip_file_write_new (path, export->bytes, &failure))
        return g_steal_pointer (&path);
      if (!g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST, _ ("There are too many files of this name in “%s”; choose another folder."),
               export->folder);
  return NULL;
}

static char *
write_path (Export *export, GError **error)
{
  gsize       length;
  const char *data = g_bytes_get_data (export->bytes, &length);
  gboolean    ok = export->overwrite ? g_file_set_contents_full (export->path, data, (gssize) length,
                                                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666, error)
                                     : unclip_file_write_new (export->path, export->bytes, error);

  return ok ? g_strdup (export->path) : NULL;
}

static gboolean
write_json (const char *path, UnclipRecipe *recipe, GError **error)
{
  g_autofree char   *stem = g_strndup (path, strlen (path) - strlen (".png"));
  g_autofree char   *json_path = g_strconcat (stem, ".fugue.json", NULL);
  const char        *canonical = unclip_recipe_get_canonical (recipe);
  g_autoptr (GBytes) bytes = g_bytes_new (canonical, strlen (canonical));

  return unclip_file_write_new (json_path, bytes, error);
}

static void
export_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Export       *export = data;
  FuguePicture *picture = get_picture (export);
  UnclipRecipe *recipe = fugue_picture_get_recipe (picture);
  GError       *error = NULL;
  char         *path = NULL;

  g_clear_pointer (&export->bytes, g_bytes_unref);
  export->bytes = encode (picture, export->image, export->recipe, &error);
  if (export->bytes != NULL && !export->bytes_only)
    {
      path = export->path != NULL ? write_path (export, &error) : write_under_pattern (export, &error);
      if (path != NULL)
        g_ptr_array_add (export->paths, path);
      if (path != NULL && export->with_json && recipe != NULL)
        write_json (path, recipe, &error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void load_next (GTask *task);

static void
written_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Export           *export = g_task_get_task_data (task);
  GError           *error = NULL;

  g_clear_pointer (&export->image, unclip_image_unref);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  export->next++;
  load_next (g_steal_pointer (&task));
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GTask) step = NULL;
  GCancellable     *cancellable = g_task_get_cancellable (task);
  Export           *export = g_task_get_task_data (task);
  GError           *error = NULL;

  export->image = fugue_session_load_finish (FUGUE_SESSION (object), result, &error);
  if (export->image == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* Reads the recipe here if that was not done yet: pictures belong to the main thread. */
  fugue_picture_get_recipe (get_picture (export));
  step = g_task_new (object, cancellable, written_cb, g_steal_pointer (&task));
  g_task_set_task_data (step, export, NULL);
  g_task_run_in_thread (step, export_worker);
}

/* @task: (transfer full) */
static void
load_next (GTask *task)
{
  Export *export = g_task_get_task_data (task);

  if (export->next < export->pictures->len)
    {
      fugue_session_load_picture_async (g_task_get_source_object (task), get_picture (export), g_task_get_cancellable (task), loaded_cb,
                                        task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static Export *
start_export (FugueSession *session, GPtrArray *pictures, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data, GTask **task)
{
  Export *export = g_new0 (Export, 1);

  export->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    g_ptr_array_add (export->pictures, g_object_ref (g_ptr_array_index (pictures, i)));
  export->paths = g_ptr_array_new_with_free_func (g_free);
  *task = g_task_new (session, cancellable, callback, user_data);
  g_task_set_source_tag (*task, tag);
  g_task_set_task_data (*task, export, export_free);
  return export;
}

void
fugue_export_async (FugueSession             *session,
                    GPtrArray                *pictures,
                    const FugueExportOptions *options,
                    GCancellable             *cancellable,
                    GAsyncReadyCallback       callback,
                    gpointer                  user_data)
{
  GTask  *task;
  Export *export;

  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (options->folder != NULL);

  export = start_export (session, pictures, fugue_export_async, cancellable, callback, user_data, &task);
  export->folder = g_strdup (options->folder);
  export->pattern = g_strdup (options->pattern != NULL && *options->pattern != '\0' ? options->pattern : FUGUE_EXPORT_PATTERN);
  export->recipe = options->recipe;
  export->with_json = options->with_json;
  load_next (task);
}

void
fugue_export_file_async (FugueSession       *session,
                         FuguePicture       *picture,
                         const char         *path,
                         gboolean            overwrite,
                         FugueExportRecipe   recipe,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  GTask                *task;
  Export               *export;

  g_return_if_fail (FUGUE_IS_SESSION (session));
  g_return_if_fail (path != NULL);

  g_ptr_array_add (pictures, picture);
  export = start_export (session, pictures, fugue_export_file_async, cancellable, callback, user_data, &task);
  export->path = g_strdup (path);
  export->overwrite = overwrite;
  export->recipe = recipe;
  load_next (task);
}

char **
fugue_export_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  Export *export;

  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  export = g_task_get_task_data (G_TASK (result));
  g_ptr_array_add (export->paths, NULL);
  return (char **) g_ptr_array_steal (export->paths, NULL);
}

void
fugue_export_encode_async (FugueSession       *session,
                           FuguePicture       *picture,
                           FugueExportRecipe   recipe,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  GTask                *task;
  Export               *export;

  g_return_if_fail (FUGUE_IS_SESSION (session));

  g_ptr_array_add (pictures, picture);
  export = start_export (session, pictures, fugue_export_encode_async, cancellable, callback, user_data, &task);
  export->bytes_only = TRUE;
  export->recipe = recipe;
  load_next (task);
}

GBytes *
fugue_export_encode_finish (FugueSession *session, GAsyncResult *result, GError **error)
{
  Export *export;

  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  export = g_task_get_task_data (G_TASK (result));
  return g_bytes_ref (export->bytes);
}
