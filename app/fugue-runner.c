/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-runner.h"

G_DEFINE_INTERFACE (FugueRunner, fugue_runner, G_TYPE_OBJECT)

static void
fugue_runner_default_init (FugueRunnerInterface *iface)
{
  GType type = FUGUE_TYPE_RUNNER;

  g_signal_new ("free", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5, G_TYPE_STRV, G_TYPE_STRING, G_TYPE_UINT,
                G_TYPE_UINT, G_TYPE_DOUBLE);
  g_signal_new ("preview", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT,
                G_TYPE_UINT, UNCLIP_TYPE_IMAGE);
  g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING, UNCLIP_TYPE_IMAGE,
                G_TYPE_VARIANT);
  g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  g_signal_new ("cancelled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_signal_new ("died", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRV, G_TYPE_ERROR);
}

guint
fugue_runner_get_n_free (FugueRunner *runner, gboolean on_processor)
{
  g_return_val_if_fail (FUGUE_IS_RUNNER (runner), 0);

  return FUGUE_RUNNER_GET_IFACE (runner)->get_n_free (runner, on_processor);
}

void
fugue_runner_submit (FugueRunner *runner, const FugueBatch *batch)
{
  g_return_if_fail (FUGUE_IS_RUNNER (runner));
  g_return_if_fail (batch->n > 0);

  FUGUE_RUNNER_GET_IFACE (runner)->submit (runner, batch);
}

void
fugue_runner_cancel (FugueRunner *runner, const char *const *ids)
{
  g_return_if_fail (FUGUE_IS_RUNNER (runner));

  FUGUE_RUNNER_GET_IFACE (runner)->cancel (runner, ids);
}

void
fugue_runner_set_paused (FugueRunner *runner, gboolean is_paused)
{
  g_return_if_fail (FUGUE_IS_RUNNER (runner));

  FUGUE_RUNNER_GET_IFACE (runner)->set_paused (runner, is_paused);
}

/* Over a pool of engines. */

struct _FuguePoolRunner
{
  GObject          parent_instance;

  FugueEnginePool *pool;
  GHashTable      *images;              /* id of what runs → its sources, by hash */
};

static void pool_runner_init_interface (FugueRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FuguePoolRunner, fugue_pool_runner, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FUGUE_TYPE_RUNNER, pool_runner_init_interface))

/* One that will not come takes batches too, and fails them: else they would wait for ever. */
static gboolean
is_hopeless (FugueEngine *engine)
{
  return fugue_engine_get_state (engine) == FUGUE_ENGINE_GIVEN_UP || fugue_engine_get_state (engine) == FUGUE_ENGINE_NO_MODEL;
}

static guint
pool_runner_get_n_free (FugueRunner *runner, gboolean on_processor)
{
  FugueEnginePool *pool = FUGUE_POOL_RUNNER (runner)->pool;
  GListModel      *engines = G_LIST_MODEL (pool);
  guint            n_free = 0;

  if (on_processor)
    {
      FugueEngine *processor = fugue_engine_pool_get_processor (pool);

      return fugue_engine_can_take_jobs (processor) || is_hopeless (processor);
    }
  for (guint i = 0; i < g_list_model_get_n_items (engines); i++)
    {
      g_autoptr (FugueEngine) engine = g_list_model_get_item (engines, i);

      n_free += fugue_engine_can_take_jobs (engine);
    }
  return n_free;
}

typedef struct
{
  FuguePoolRunner *runner;              /* referenced */
  char           **ids;
  GError          *error;
} Failure;

static gboolean
fail_cb (gpointer user_data)
{
  Failure *failure = user_data;

  for (guint i = 0; failure->ids[i] != NULL; i++)
    g_signal_emit_by_name (failure->runner, "failed", failure->ids[i], failure->error);
  return G_SOURCE_REMOVE;
}

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  g_object_unref (failure->runner);
  g_strfreev (failure->ids);
  g_error_free (failure->error);
  g_free (failure);
}

/* Nobody hears of a batch before it is submitted. */
static void
fail_later (FuguePoolRunner *self, const FugueBatch *batch, const GError *error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  Failure                 *failure = g_new (Failure, 1);

  for (guint i = 0; i < batch->n; i++)
    g_strv_builder_add (builder, batch->ids[i]);
  *failure = (Failure){ g_object_ref (self), g_strv_builder_end (builder), g_error_copy (error) };
  g_idle_add_full (G_PRIORITY_DEFAULT, fail_cb, failure, failure_free);
}

static void
pool_runner_submit (FugueRunner *runner, const FugueBatch *batch)
{
  FuguePoolRunner            *self = FUGUE_POOL_RUNNER (runner);
  FugueEngine                *engine = batch->on_processor ? fugue_engine_pool_get_processor (self->pool)
                                                           : fugue_engine_pool_get_free (self->pool);
  g_autofree FugueEngineJob  *jobs = g_new (FugueEngineJob, batch->n);

  g_return_if_fail (engine != NULL);

  if (is_hopeless (engine))
    {
      fail_later (self, batch, fugue_engine_get_error (engine));
      /* The next time begins with another one. */
      fugue_engine_pool_end_processor (self->pool);
      return;
    }
  for (guint i = 0; i < batch->n; i++)
    {
      jobs[i] = (FugueEngineJob){ batch->ids[i], batch->recipes[i] };
      g_hash_table_insert (self->images, g_strdup (batch->ids[i]), g_hash_table_ref (batch->images));
    }
  fugue_engine_submit (engine, jobs, batch->n, &(FugueSubmitOptions){ .preview_every = batch->preview_every });
}

static void
pool_runner_cancel (FugueRunner *runner, const char *const *ids)
{
  fugue_engine_pool_cancel (FUGUE_POOL_RUNNER (runner)->pool, ids);
}

static void
pool_runner_set_paused (FugueRunner *runner, gboolean is_paused)
{
  fugue_engine_pool_set_paused (FUGUE_POOL_RUNNER (runner)->pool, is_paused);
}

static void
pool_runner_init_interface (FugueRunnerInterface *iface)
{
  iface->get_n_free = pool_runner_get_n_free;
  iface->submit = pool_runner_submit;
  iface->cancel = pool_runner_cancel;
  iface->set_paused = pool_runner_set_paused;
}

/* An engine wants a picture that a running recipe names. */
static UnclipImage *
find_image (const char *sha256, gpointer user_data)
{
  FuguePoolRunner *self = user_data;
  GHashTableIter   iter;
  gpointer         images;

  g_hash_table_iter_init (&iter, self->images);
  while (g_hash_table_iter_next (&iter, NULL, &images))
    {
      UnclipImage *image = g_hash_table_lookup (images, sha256);

      if (image != NULL)
        return unclip_image_ref (image);
    }
  return NULL;
}

static void
forward_free (FuguePoolRunner *self, FugueEngine *engine)
{
  g_signal_emit_by_name (self, "free");
}

static void
forward_progress (FuguePoolRunner *self, FugueEngine *engine, char **ids, const char *stage, guint step, guint steps, double seconds_left)
{
  g_signal_emit_by_name (self, "progress", ids, stage, step, steps, seconds_left);
}

static void
forward_preview (FuguePoolRunner *self, FugueEngine *engine, const char *id, const char *stage, guint step, guint steps, UnclipImage *image)
{
  g_signal_emit_by_name (self, "preview", id, stage, step, steps, image);
}

static void
forward_finished (FuguePoolRunner *self, FugueEngine *engine, const char *id, UnclipImage *image, GVariant *figures)
{
  g_hash_table_remove (self->images, id);
  g_signal_emit_by_name (self, "finished", id, image, figures);
}

static void
forward_failed (FuguePoolRunner *self, FugueEngine *engine, const char *id, GError *error)
{
  g_hash_table_remove (self->images, id);
  g_signal_emit_by_name (self, "failed", id, error);
}

static void
forward_cancelled (FuguePoolRunner *self, FugueEngine *engine, const char *id)
{
  g_hash_table_remove (self->images, id);
  g_signal_emit_by_name (self, "cancelled", id);
}

static void
forward_died (FuguePoolRunner *self, FugueEngine *engine, char **ids, GError *error)
{
  for (guint i = 0; ids[i] != NULL; i++)
    g_hash_table_remove (self->images, ids[i]);
  g_signal_emit_by_name (self, "died", ids, error);
}

static void
fugue_pool_runner_dispose (GObject *object)
{
  FuguePoolRunner *self = FUGUE_POOL_RUNNER (object);

  if (self->pool != NULL)
    fugue_engine_pool_set_source_func (self->pool, NULL, NULL);
  g_clear_object (&self->pool);
  g_clear_pointer (&self->images, g_hash_table_unref);
  G_OBJECT_CLASS (fugue_pool_runner_parent_class)->dispose (object);
}

static void
fugue_pool_runner_class_init (FuguePoolRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fugue_pool_runner_dispose;
}

static void
fugue_pool_runner_init (FuguePoolRunner *self)
{
  self->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
}

FuguePoolRunner *
fugue_pool_runner_new (FugueEnginePool *pool)
{
  FuguePoolRunner *self = g_object_new (FUGUE_TYPE_POOL_RUNNER, NULL);

  g_return_val_if_fail (FUGUE_IS_ENGINE_POOL (pool), NULL);

  self->pool = g_object_ref (pool);
  fugue_engine_pool_set_source_func (pool, find_image, self);
  g_signal_connect_object (pool, "engine-free", G_CALLBACK (forward_free), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "progress", G_CALLBACK (forward_progress), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "preview", G_CALLBACK (forward_preview), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "finished", G_CALLBACK (forward_finished), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "failed", G_CALLBACK (forward_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "cancelled", G_CALLBACK (forward_cancelled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pool, "died", G_CALLBACK (forward_died), self, G_CONNECT_SWAPPED);
  return self;
}
