/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-engine-private.h"

#include "fugue-error.h"

#include <glib/gi18n.h>

static gboolean
check_running (FugueEngine *self, GTask *task)
{
  if (fugue_engine_get_bus (self) != NULL)
    return TRUE;
  g_task_return_new_error (task, FUGUE_ERROR, FUGUE_ERROR_ENGINE, _("The engine “%s” is not running."), fugue_engine_get_launcher (self));
  return FALSE;
}

/* A remote error keeps its domain; everything else means that the engine is gone. */
static void
return_error (GTask *task, GError *error)
{
  if (g_dbus_error_is_remote_error (error))
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, error);
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      error->domain = FUGUE_ERROR;
      error->code = FUGUE_ERROR_ENGINE;
    }
  g_task_return_error (task, error);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask)    task = user_data;
  GPtrArray           *found;
  g_autoptr (GVariant) models = NULL;
  GError              *error = NULL;

  if (!unclip_engine_bus_call_find_models_finish (UNCLIP_ENGINE_BUS (source), &models, result, &error))
    {
      return_error (task, error);
      return;
    }
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) fugue_found_model_free);
  for (gsize i = 0; i < g_variant_n_children (models); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (models, i);
      FugueFoundModel     *model = g_new0 (FugueFoundModel, 1);

      g_variant_lookup (dict, "name", "s", &model->name);
      g_variant_lookup (dict, "folder", "s", &model->folder);
      g_variant_lookup (dict, "complete", "b", &model->is_complete);
      g_variant_lookup (dict, "message", "s", &model->message);
      g_variant_lookup (dict, "bytes", "t", &model->n_bytes);
      g_ptr_array_add (found, model);
    }
  g_task_return_pointer (task, found, (GDestroyNotify) g_ptr_array_unref);
}

void
fugue_engine_find_models_async (FugueEngine         *self,
                                const char *const   *folders,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (check_running (self, task))
    unclip_engine_bus_call_find_models (fugue_engine_get_bus (self), folders, cancellable, found_cb, g_steal_pointer (&task));
}

GPtrArray *
fugue_engine_find_models_finish (FugueEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  guint tokens, limit, kept_bytes;
} Count;

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Count            *count = g_new0 (Count, 1);
  GError           *error = NULL;

  if (unclip_engine_bus_call_count_tokens_finish (UNCLIP_ENGINE_BUS (source), &count->tokens, &count->limit, &count->kept_bytes, result, &error))
    {
      g_task_return_pointer (task, count, g_free);
      return;
    }
  g_free (count);
  return_error (task, error);
}

void
fugue_engine_count_tokens_async (FugueEngine         *self,
                                 const char          *text,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (check_running (self, task))
    unclip_engine_bus_call_count_tokens (fugue_engine_get_bus (self), text, cancellable, counted_cb, g_steal_pointer (&task));
}

gboolean
fugue_engine_count_tokens_finish (FugueEngine *self, GAsyncResult *result, guint *tokens, guint *limit, guint *kept_bytes, GError **error)
{
  g_autofree Count *count = g_task_propagate_pointer (G_TASK (result), error);

  if (count == NULL)
    return FALSE;
  *tokens = count->tokens;
  *limit = count->limit;
  *kept_bytes = count->kept_bytes;
  return TRUE;
}
