/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fake-runner.h"

#include "app-support.h"
#include "fugue-error.h"

typedef struct
{
  GPtrArray *ids;
  GPtrArray *recipes;
  gboolean   on_processor;
} Batch;

struct _FakeRunner
{
  GObject    parent_instance;

  guint      n_places;
  GPtrArray *batches;
  GPtrArray *cancelled;                 /* ids */
  guint      n_images;
  guint      n_cancels;
  gboolean   is_paused;
};

static void init_interface (FugueRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeRunner, fake_runner, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (FUGUE_TYPE_RUNNER, init_interface))

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_ptr_array_unref (batch->ids);
  g_ptr_array_unref (batch->recipes);
  g_free (batch);
}

static guint
count_on_processor (FakeRunner *fake)
{
  guint n = 0;

  for (guint i = 0; i < fake->batches->len; i++)
    n += ((Batch *) g_ptr_array_index (fake->batches, i))->on_processor;
  return n;
}

/* One place on the processor, as soon as it was asked for. */
static guint
get_n_free (FugueRunner *runner, gboolean on_processor)
{
  FakeRunner *fake = FAKE_RUNNER (runner);
  guint       n_on_processor = count_on_processor (fake);
  guint       n_others = fake->batches->len - n_on_processor;

  if (on_processor)
    return n_on_processor == 0;
  return fake->n_places - MIN (n_others, fake->n_places);
}

static void
submit (FugueRunner *runner, const FugueBatch *batch)
{
  FakeRunner *fake = FAKE_RUNNER (runner);
  Batch      *copy = g_new (Batch, 1);

  g_assert_cmpuint (get_n_free (runner, batch->on_processor), >, 0);
  copy->on_processor = batch->on_processor;
  copy->ids = g_ptr_array_new_with_free_func (g_free);
  copy->recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_recipe_unref);
  for (guint i = 0; i < batch->n; i++)
    {
      g_ptr_array_add (copy->ids, g_strdup (batch->ids[i]));
      g_ptr_array_add (copy->recipes, unclip_recipe_ref (batch->recipes[i]));
      for (const char *const *source = unclip_recipe_get_sources (batch->recipes[i]); *source != NULL; source++)
        g_assert_true (g_hash_table_contains (batch->images, *source));
    }
  fake->n_images = g_hash_table_size (batch->images);
  g_ptr_array_add (fake->batches, copy);
}

static void
cancel (FugueRunner *runner, const char *const *ids)
{
  FakeRunner *fake = FAKE_RUNNER (runner);

  fake->n_cancels++;
  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (fake->cancelled, g_strdup (ids[i]));
}

static void
set_paused (FugueRunner *runner, gboolean is_paused)
{
  FAKE_RUNNER (runner)->is_paused = is_paused;
  if (!is_paused)
    g_signal_emit_by_name (runner, "free");
}

static void
init_interface (FugueRunnerInterface *iface)
{
  iface->get_n_free = get_n_free;
  iface->submit = submit;
  iface->cancel = cancel;
  iface->set_paused = set_paused;
}

static void
fake_runner_finalize (GObject *object)
{
  FakeRunner *fake = FAKE_RUNNER (object);

  g_ptr_array_unref (fake->batches);
  g_ptr_array_unref (fake->cancelled);
  G_OBJECT_CLASS (fake_runner_parent_class)->finalize (object);
}

static void
fake_runner_class_init (FakeRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_runner_finalize;
}

static void
fake_runner_init (FakeRunner *fake)
{
  fake->batches = g_ptr_array_new_with_free_func (batch_free);
  fake->cancelled = g_ptr_array_new_with_free_func (g_free);
}

FakeRunner *
fake_runner_new (guint n_places)
{
  FakeRunner *fake = g_object_new (FAKE_TYPE_RUNNER, NULL);

  fake->n_places = n_places;
  return fake;
}

gboolean
fake_runner_is_on_processor (FakeRunner *runner, guint batch)
{
  g_assert_cmpuint (batch, <, runner->batches->len);
  return ((Batch *) g_ptr_array_index (runner->batches, batch))->on_processor;
}

guint
fake_runner_get_n_batches (FakeRunner *runner)
{
  return runner->batches->len;
}

typedef struct
{
  FakeRunner *runner;
  guint       n;
} Batches;

static gboolean
has_batches (gpointer data)
{
  Batches *batches = data;

  return fake_runner_get_n_batches (batches->runner) == batches->n;
}

void
fake_runner_wait_for (FakeRunner *runner, guint n_batches)
{
  app_wait_until (has_batches, &(Batches){ runner, n_batches });
}

static Batch *
get_batch (FakeRunner *runner, guint batch)
{
  g_assert_cmpuint (batch, <, runner->batches->len);
  return g_ptr_array_index (runner->batches, batch);
}

guint
fake_runner_get_n (FakeRunner *runner, guint batch)
{
  return get_batch (runner, batch)->ids->len;
}

UnclipRecipe *
fake_runner_get_recipe (FakeRunner *runner, guint batch, guint index)
{
  return g_ptr_array_index (get_batch (runner, batch)->recipes, index);
}

guint
fake_runner_get_n_images (FakeRunner *runner)
{
  return runner->n_images;
}

gboolean
fake_runner_is_paused (FakeRunner *runner)
{
  return runner->is_paused;
}

guint
fake_runner_get_n_cancels (FakeRunner *runner)
{
  return runner->n_cancels;
}

static char **
dup_ids (Batch *batch)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char        **ids;

  for (guint i = 0; i < batch->ids->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (batch->ids, i));
  ids = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return ids;
}

void
fake_runner_progress (FakeRunner *runner, guint batch, const char *stage, guint step, double seconds_left)
{
  g_auto (GStrv) ids = dup_ids (get_batch (runner, batch));

  g_signal_emit_by_name (runner, "progress", ids, stage, step, g_str_equal (stage, "decoder") ? 25u : 7u, seconds_left);
}

void
fake_runner_preview (FakeRunner *runner, guint batch, guint index, UnclipImage *image)
{
  g_signal_emit_by_name (runner, "preview", g_ptr_array_index (get_batch (runner, batch)->ids, index), "decoder", 1u, 25u, image);
}

/* The place is free before anybody hears how it ended, as with an engine. */
static char *
take_id (FakeRunner *runner, guint batch, guint index)
{
  Batch *from = get_batch (runner, batch);
  char  *id = g_ptr_array_steal_index (from->ids, index);

  g_ptr_array_remove_index (from->recipes, index);
  if (from->ids->len == 0)
    g_ptr_array_remove_index (runner->batches, batch);
  return id;
}

void
fake_runner_finish (FakeRunner *runner, guint batch, guint index)
{
  g_autofree char        *id = take_id (runner, batch, index);
  g_autoptr (UnclipImage) image = app_new_image (32, 32, g_str_hash (id));

  g_signal_emit_by_name (runner, "finished", id, image, g_variant_new_parsed ("{'seconds': <1.5>, 'device': <'fake'>}"));
  g_signal_emit_by_name (runner, "free");
}

void
fake_runner_fail (FakeRunner *runner, guint batch, guint index, GError *error)
{
  g_autofree char *id = take_id (runner, batch, index);

  g_signal_emit_by_name (runner, "failed", id, error);
  g_signal_emit_by_name (runner, "free");
}

void
fake_runner_finish_all (FakeRunner *runner, guint batch)
{
  for (guint n = fake_runner_get_n (runner, batch); n > 0; n--)
    fake_runner_finish (runner, batch, 0);
}

static gboolean
find_id (FakeRunner *runner, const char *id, guint *batch, guint *index)
{
  for (*batch = 0; *batch < runner->batches->len; (*batch)++)
    if (g_ptr_array_find_with_equal_func (get_batch (runner, *batch)->ids, id, g_str_equal, index))
      return TRUE;
  return FALSE;
}

void
fake_runner_let_go (FakeRunner *runner)
{
  for (guint i = 0; i < runner->cancelled->len; i++)
    {
      guint batch, index;

      if (find_id (runner, g_ptr_array_index (runner->cancelled, i), &batch, &index))
        {
          g_autofree char *id = take_id (runner, batch, index);

          g_signal_emit_by_name (runner, "cancelled", id);
        }
    }
  g_ptr_array_set_size (runner->cancelled, 0);
  g_signal_emit_by_name (runner, "free");
}

void
fake_runner_die (FakeRunner *runner, guint batch)
{
  g_auto (GStrv)     ids = dup_ids (get_batch (runner, batch));
  g_autoptr (GError) error = g_error_new_literal (FUGUE_ERROR, FUGUE_ERROR_ENGINE, "The engine was killed.");

  g_ptr_array_remove_index (runner->batches, batch);
  g_signal_emit_by_name (runner, "died", ids, error);
  g_signal_emit_by_name (runner, "free");
}
