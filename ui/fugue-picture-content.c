/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-picture-content.h"

#include <glib/gstdio.h>

#include "fugue-export.h"
#include "fugue-settings.h"

#define PNG      "image/png"
#define URI_LIST "text/uri-list"

struct _FuguePictureContent
{
  GdkContentProvider parent_instance;

  /* Owned */
  FugueSession      *session;
  GPtrArray         *pictures;      /* of FuguePicture */
};

G_DEFINE_FINAL_TYPE (FuguePictureContent, fugue_picture_content, GDK_TYPE_CONTENT_PROVIDER)

static GdkContentFormats *
fugue_picture_content_ref_formats (GdkContentProvider *provider)
{
  GdkContentFormatsBuilder *builder = gdk_content_formats_builder_new ();

  gdk_content_formats_builder_add_gtype (builder, FUGUE_TYPE_PICTURE);
  gdk_content_formats_builder_add_mime_type (builder, PNG);
  gdk_content_formats_builder_add_mime_type (builder, URI_LIST);
  return gdk_content_formats_builder_free_to_formats (builder);
}

static gboolean
fugue_picture_content_get_value (GdkContentProvider  *provider,
                                 GValue              *value,
                                 GError             **error)
{
  FuguePictureContent *self = FUGUE_PICTURE_CONTENT (provider);

  if (!G_VALUE_HOLDS (value, FUGUE_TYPE_PICTURE))
    return GDK_CONTENT_PROVIDER_CLASS (fugue_picture_content_parent_class)->get_value (provider, value, error);

  g_value_set_object (value, self->pictures->pdata[0]);
  return TRUE;
}

/* ---- writing for others: the task's data is the stream ---- */

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
write_bytes (GTask  *task,
             GBytes *bytes)
{
  GOutputStream *stream = g_task_get_task_data (task);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  /* The bytes must outlive the writing. */
  g_object_set_data_full (G_OBJECT (task), "bytes", g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
  g_output_stream_write_all_async (stream, data, size, g_task_get_priority (task), g_task_get_cancellable (task),
                                   written_cb, task);
}

static void
encoded_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = fugue_export_encode_finish (FUGUE_SESSION (source), result, &error);

  if (bytes == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  write_bytes (task, bytes);
}

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_auto (GStrv) paths = fugue_export_finish (FUGUE_SESSION (source), result, &error);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (paths == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);

      g_string_append_printf (list, "%s\r\n", uri);
    }
  bytes = g_string_free_to_bytes (g_steal_pointer (&list));
  write_bytes (task, bytes);
}

static void
fugue_picture_content_write_mime_type_async (GdkContentProvider  *provider,
                                             const char          *mime_type,
                                             GOutputStream       *stream,
                                             int                  io_priority,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data)
{
  FuguePictureContent *self = FUGUE_PICTURE_CONTENT (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FugueExportRecipe recipe = g_settings_get_enum (fugue_settings_get_default (), "export-recipe");

  g_task_set_source_tag (task, fugue_picture_content_write_mime_type_async);
  g_task_set_priority (task, io_priority);
  g_task_set_task_data (task, g_object_ref (stream), g_object_unref);

  if (g_str_equal (mime_type, URI_LIST))
    {
      g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "fugue", NULL);
      FugueExportOptions options = { .folder = folder, .recipe = recipe };

      /* If that fails, so will the export, which says why. */
      g_mkdir_with_parents (folder, 0700);
      fugue_export_async (self->session, self->pictures, &options, cancellable, exported_cb, task);
    }
  else
    {
      fugue_export_encode_async (self->session, self->pictures->pdata[0], recipe, cancellable, encoded_cb, task);
    }
}

static gboolean
fugue_picture_content_write_mime_type_finish (GdkContentProvider  *provider,
                                              GAsyncResult        *result,
                                              GError             **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fugue_picture_content_finalize (GObject *object)
{
  FuguePictureContent *self = FUGUE_PICTURE_CONTENT (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->pictures, g_ptr_array_unref);
  G_OBJECT_CLASS (fugue_picture_content_parent_class)->finalize (object);
}

static void
fugue_picture_content_class_init (FuguePictureContentClass *klass)
{
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fugue_picture_content_finalize;
  provider_class->ref_formats = fugue_picture_content_ref_formats;
  provider_class->get_value = fugue_picture_content_get_value;
  provider_class->write_mime_type_async = fugue_picture_content_write_mime_type_async;
  provider_class->write_mime_type_finish = fugue_picture_content_write_mime_type_finish;
}

static void
fugue_picture_content_init (FuguePictureContent *self)
{
}

GdkContentProvider *
fugue_picture_content_new (FugueSession *session,
                           GPtrArray    *pictures)
{
  FuguePictureContent *self;

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (pictures != NULL && pictures->len > 0, NULL);

  self = g_object_new (FUGUE_TYPE_PICTURE_CONTENT, NULL);
  self->session = g_object_ref (session);
  self->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    g_ptr_array_add (self->pictures, g_object_ref (pictures->pdata[i]));
  return GDK_CONTENT_PROVIDER (self);
}
