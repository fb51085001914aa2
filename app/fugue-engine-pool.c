/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-engine-pool.h"

#include "fugue-error.h"

#include <glib/gi18n.h>

/* Until an engine on the processor that has nothing to do gives its memory back. */
#define PROCESSOR_REST_MS 60000

struct _FugueEnginePool
{
  GObject           parent_instance;

  GPtrArray        *engines;            /* of FugueEngine */
  GPtrArray        *launchers;          /* of char *, "" for the default one; beside the engines */
  FugueEngine      *processor;          /* NULL mostly */
  guint             rest_source;        /* of the processor's */

  /* For engines to come. */
  FugueSourceFunc   source_func;
  gpointer          source_data;
  FugueModelChoice  choice;             /* owned strings */
  gboolean          is_started;
  gboolean          is_paused;
};

enum
{
  PROGRESS,
  PREVIEW,
  FINISHED,
  FAILED,
  CANCELLED,
  DIED,
  ENGINE_FREE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FugueEnginePool, fugue_engine_pool, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* What engines tell, told again. */

static void
progress_cb (FugueEngine *engine, const char *const *ids, const char *stage, guint step, guint steps, double seconds_left, FugueEnginePool *self)
{
  g_signal_emit (self, signals[PROGRESS], 0, engine, ids, stage, step, steps, seconds_left);
}

static void
preview_cb (FugueEngine *engine, const char *id, const char *stage, guint step, guint steps, UnclipImage *image, FugueEnginePool *self)
{
  g_signal_emit (self, signals[PREVIEW], 0, engine, id, stage, step, steps, image);
}

static void
finished_cb (FugueEngine *engine, const char *id, UnclipImage *image, GVariant *figures, FugueEnginePool *self)
{
  g_signal_emit (self, signals[FINISHED], 0, engine, id, image, figures);
}

static void
failed_cb (FugueEngine *engine, const char *id, const GError *error, FugueEnginePool *self)
{
  g_signal_emit (self, signals[FAILED], 0, engine, id, error);
}

static void
cancelled_cb (FugueEngine *engine, const char *id, FugueEnginePool *self)
{
  g_signal_emit (self, signals[CANCELLED], 0, engine, id);
}

static void
died_cb (FugueEngine *engine, const char *const *ids, const GError *error, FugueEnginePool *self)
{
  g_signal_emit (self, signals[DIED], 0, engine, ids, error);
}

static void
state_cb (FugueEngine *engine, GParamSpec *pspec, FugueEnginePool *self)
{
  if (fugue_engine_can_take_jobs (engine))
    g_signal_emit (self, signals[ENGINE_FREE], 0, engine);
}

/* Engines. */

static FugueEngine *
new_engine (FugueEnginePool *self, const char *launcher)
{
  FugueEngine *engine = fugue_engine_new (launcher);

  fugue_engine_set_source_func (engine, self->source_func, self->source_data);
  fugue_engine_set_model (engine, &self->choice);
  fugue_engine_set_paused (engine, self->is_paused);
  g_signal_connect (engine, "progress", G_CALLBACK (progress_cb), self);
  g_signal_connect (engine, "preview", G_CALLBACK (preview_cb), self);
  g_signal_connect (engine, "finished", G_CALLBACK (finished_cb), self);
  g_signal_connect (engine, "failed", G_CALLBACK (failed_cb), self);
  g_signal_connect (engine, "cancelled", G_CALLBACK (cancelled_cb), self);
  g_signal_connect (engine, "died", G_CALLBACK (died_cb), self);
  g_signal_connect (engine, "notify::state", G_CALLBACK (state_cb), self);
  return engine;
}

/* What an engine that leaves had to do is told as after a death. */
static void
dismiss (FugueEnginePool *self, FugueEngine *engine)
{
  g_auto (GStrv) ids = fugue_engine_dup_jobs (engine);

  g_signal_handlers_disconnect_by_data (engine, self);
  if (ids[0] != NULL)
    {
      g_autoptr (GError) error = g_error_new (FUGUE_ERROR, FUGUE_ERROR_ENGINE, _("The engine “%s” was taken out of use."),
                                              fugue_engine_get_launcher (engine));

      g_signal_emit (self, signals[DIED], 0, engine, ids, error);
    }
}

/* Takes the engine with this launcher out of the list. */
static FugueEngine *
take_engine (GPtrArray *engines, GPtrArray *launchers, const char *launcher)
{
  guint i;

  if (!g_ptr_array_find_with_equal_func (launchers, launcher, g_str_equal, &i))
    return NULL;
  g_ptr_array_remove_index (launchers, i);
  return g_ptr_array_steal_index (engines, i);
}

void
fugue_engine_pool_set_launchers (FugueEnginePool *self, const char *const *launchers)
{
  static const char *const only_default[] = { "", NULL };
  g_autoptr (GPtrArray)    old_engines = g_steal_pointer (&self->engines);
  g_autoptr (GPtrArray)    old_launchers = g_steal_pointer (&self->launchers);
  g_autoptr (GPtrArray)    fresh = g_ptr_array_new ();
  guint                    n_before = old_engines->len;

  if (launchers == NULL || launchers[0] == NULL)
    launchers = only_default;
  self->engines = g_ptr_array_new_with_free_func (g_object_unref);
  self->launchers = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; launchers[i] != NULL; i++)
    {
      FugueEngine *engine = take_engine (old_engines, old_launchers, launchers[i]);

      if (engine == NULL)
        {
          engine = new_engine (self, launchers[i]);
          g_ptr_array_add (fresh, engine);
        }
      g_ptr_array_add (self->engines, engine);
      g_ptr_array_add (self->launchers, g_strdup (launchers[i]));
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->engines->len);
  for (guint i = 0; i < old_engines->len; i++)
    dismiss (self, g_ptr_array_index (old_engines, i));
  for (guint i = 0; self->is_started && i < fresh->len; i++)
    fugue_engine_start (g_ptr_array_index (fresh, i));
}

/* The one on the processor. */

/* The same model on another device; what is prepared for is one picture at a time. */
static void
set_processor_model (FugueEnginePool *self)
{
  FugueModelChoice choice = self->choice;

  choice.device = (char *) "software";
  choice.warm_batch = 0;
  fugue_engine_set_model (self->processor, &choice);
}

static gboolean
rest_cb (gpointer user_data)
{
  FugueEnginePool *self = user_data;

  self->rest_source = 0;
  fugue_engine_pool_end_processor (self);
  return G_SOURCE_REMOVE;
}

static void
processor_state_cb (FugueEngine *engine, GParamSpec *pspec, FugueEnginePool *self)
{
  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (fugue_engine_can_take_jobs (engine))
    self->rest_source = g_timeout_add (PROCESSOR_REST_MS, rest_cb, self);
  else if (fugue_engine_get_state (engine) == FUGUE_ENGINE_GIVEN_UP || fugue_engine_get_state (engine) == FUGUE_ENGINE_NO_MODEL)
    g_signal_emit (self, signals[ENGINE_FREE], 0, engine);
}

FugueEngine *
fugue_engine_pool_get_processor (FugueEnginePool *self)
{
  if (self->processor == NULL)
    {
      self->processor = new_engine (self, NULL);
      set_processor_model (self);
      g_signal_connect (self->processor, "notify::state", G_CALLBACK (processor_state_cb), self);
      fugue_engine_start (self->processor);
    }
  return self->processor;
}

void
fugue_engine_pool_end_processor (FugueEnginePool *self)
{
  g_autoptr (FugueEngine) processor = g_steal_pointer (&self->processor);

  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (processor != NULL)
    dismiss (self, processor);
}

/* All of them. */

/* Whoever hears of what is done may change the list. */
static GPtrArray *
dup_all (FugueEnginePool *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->engines->len; i++)
    g_ptr_array_add (all, g_object_ref (g_ptr_array_index (self->engines, i)));
  if (self->processor != NULL)
    g_ptr_array_add (all, g_object_ref (self->processor));
  return all;
}

void
fugue_engine_pool_set_source_func (FugueEnginePool *self, FugueSourceFunc func, gpointer user_data)
{
  g_autoptr (GPtrArray) all = dup_all (self);

  self->source_func = func;
  self->source_data = user_data;
  for (guint i = 0; i < all->len; i++)
    fugue_engine_set_source_func (g_ptr_array_index (all, i), func, user_data);
}

void
fugue_engine_pool_set_model (FugueEnginePool *self, const FugueModelChoice *choice)
{
  fugue_model_choice_copy (&self->choice, choice);
  for (guint i = 0; i < self->engines->len; i++)
    fugue_engine_set_model (g_ptr_array_index (self->engines, i), choice);
  if (self->processor != NULL)
    set_processor_model (self);
}

void
fugue_engine_pool_start (FugueEnginePool *self)
{
  self->is_started = TRUE;
  for (guint i = 0; i < self->engines->len; i++)
    fugue_engine_start (g_ptr_array_index (self->engines, i));
}

void
fugue_engine_pool_stop (FugueEnginePool *self)
{
  self->is_started = FALSE;
  for (guint i = 0; i < self->engines->len; i++)
    fugue_engine_stop (g_ptr_array_index (self->engines, i));
  fugue_engine_pool_end_processor (self);
}

void
fugue_engine_pool_retry (FugueEnginePool *self)
{
  for (guint i = 0; i < self->engines->len; i++)
    fugue_engine_retry (g_ptr_array_index (self->engines, i));
}

void
fugue_engine_pool_set_paused (FugueEnginePool *self, gboolean paused)
{
  g_autoptr (GPtrArray) all = dup_all (self);

  self->is_paused = paused;
  for (guint i = 0; i < all->len; i++)
    fugue_engine_set_paused (g_ptr_array_index (all, i), paused);
}

void
fugue_engine_pool_cancel (FugueEnginePool *self, const char *const *ids)
{
  g_autoptr (GPtrArray) all = dup_all (self);

  for (guint i = 0; i < all->len; i++)
    fugue_engine_cancel (g_ptr_array_index (all, i), ids);
}

FugueEngine *
fugue_engine_pool_get_free (FugueEnginePool *self)
{
  for (guint i = 0; i < self->engines->len; i++)
    if (fugue_engine_can_take_jobs (g_ptr_array_index (self->engines, i)))
      return g_ptr_array_index (self->engines, i);
  return NULL;
}

FugueEngine *
fugue_engine_pool_get_main (FugueEnginePool *self)
{
  for (guint i = 0; i < self->engines->len; i++)
    if (fugue_engine_get_model (g_ptr_array_index (self->engines, i)) != NULL)
      return g_ptr_array_index (self->engines, i);
  return g_ptr_array_index (self->engines, 0);
}

/* The list. */

static GType
get_item_type (GListModel *list)
{
  return FUGUE_TYPE_ENGINE;
}

static guint
get_n_items (GListModel *list)
{
  return FUGUE_ENGINE_POOL (list)->engines->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  FugueEnginePool *self = FUGUE_ENGINE_POOL (list);

  return position < self->engines->len ? g_object_ref (g_ptr_array_index (self->engines, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* The object. */

FugueEnginePool *
fugue_engine_pool_new (void)
{
  return g_object_new (FUGUE_TYPE_ENGINE_POOL, NULL);
}

static void
fugue_engine_pool_finalize (GObject *object)
{
  FugueEnginePool *self = FUGUE_ENGINE_POOL (object);

  for (guint i = 0; i < self->engines->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->engines, i), self);
  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (self->processor != NULL)
    g_signal_handlers_disconnect_by_data (self->processor, self);
  g_clear_object (&self->processor);
  g_ptr_array_unref (self->engines);
  g_ptr_array_unref (self->launchers);
  fugue_model_choice_clear (&self->choice);
  G_OBJECT_CLASS (fugue_engine_pool_parent_class)->finalize (object);
}

static void
fugue_engine_pool_class_init (FugueEnginePoolClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fugue_engine_pool_finalize;
  signals[PROGRESS] = g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 6, FUGUE_TYPE_ENGINE, G_TYPE_STRV,
                                    G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT, G_TYPE_DOUBLE);
  signals[PREVIEW] = g_signal_new ("preview", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 6, FUGUE_TYPE_ENGINE, G_TYPE_STRING,
                                   G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT, UNCLIP_TYPE_IMAGE);
  signals[FINISHED] = g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, FUGUE_TYPE_ENGINE, G_TYPE_STRING,
                                    UNCLIP_TYPE_IMAGE, G_TYPE_VARIANT);
  signals[FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, FUGUE_TYPE_ENGINE, G_TYPE_STRING,
                                  G_TYPE_ERROR);
  signals[CANCELLED] = g_signal_new ("cancelled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, FUGUE_TYPE_ENGINE,
                                     G_TYPE_STRING);
  signals[DIED] = g_signal_new ("died", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, FUGUE_TYPE_ENGINE, G_TYPE_STRV,
                                G_TYPE_ERROR);
  signals[ENGINE_FREE] = g_signal_new ("engine-free", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, FUGUE_TYPE_ENGINE);
}

static void
fugue_engine_pool_init (FugueEnginePool *self)
{
  self->engines = g_ptr_array_new_with_free_func (g_object_unref);
  self->launchers = g_ptr_array_new_with_free_func (g_free);
  fugue_engine_pool_set_launchers (self, NULL);
}
