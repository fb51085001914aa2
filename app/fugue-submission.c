/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-submission.h"

#include <string.h>

/* Small enough that sending one takes the main loop a few milliseconds. */
#define PIECE_BYTES (1 << 20)

struct _FugueSubmission
{
  UnclipEngineBus    *bus;
  GPtrArray          *jobs;
  FugueSubmitOptions  options;
  GHashTable         *known;            /* set of hashes of what is there */
  FugueSourceFunc     source_func;
  gpointer            source_data;
  GCancellable       *cancellable;
  FugueSubmissionFunc func;
  gpointer            user_data;

  char              **missing;          /* hashes that are still to be put, from next on */
  guint               next;
  UnclipImage        *image;            /* that is being put; NULL between two */
  guint               n_rows;           /* of it that are there */
};

FugueJobState *
fugue_job_state_new (const FugueEngineJob *job)
{
  FugueJobState *state = g_rc_box_new0 (FugueJobState);

  state->id = g_strdup (job->id);
  state->recipe = unclip_recipe_ref (job->recipe);
  return state;
}

FugueJobState *
fugue_job_state_ref (FugueJobState *job)
{
  return g_rc_box_acquire (job);
}

static void
job_state_clear (gpointer data)
{
  FugueJobState *job = data;

  g_free (job->id);
  unclip_recipe_unref (job->recipe);
}

void
fugue_job_state_unref (FugueJobState *job)
{
  if (job != NULL)
    g_rc_box_release_full (job, job_state_clear);
}

static void
submission_free (FugueSubmission *self)
{
  g_object_unref (self->bus);
  g_ptr_array_unref (self->jobs);
  g_hash_table_unref (self->known);
  g_object_unref (self->cancellable);
  g_strfreev (self->missing);
  unclip_image_unref (self->image);
  g_free (self);
}

/* Ends it, with @error (nullable); after a cancel without a word. */
static void
finish (FugueSubmission *self, GPtrArray *without_source, const GError *error)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  if (!g_cancellable_is_cancelled (self->cancellable))
    self->func (self, without_source != NULL ? without_source : none, error, self->user_data);
  submission_free (self);
}

/* The recipes. */

static gboolean
has_sources (FugueSubmission *self, UnclipRecipe *recipe)
{
  const char *const *sources = unclip_recipe_get_sources (recipe);

  for (guint i = 0; sources[i] != NULL; i++)
    if (!g_hash_table_contains (self->known, sources[i]))
      return FALSE;
  return TRUE;
}

typedef struct
{
  FugueSubmission *submission;
  GPtrArray       *without_source;
} Submit;

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Submit                *submit = user_data;
  g_autoptr (GPtrArray)  without_source = submit->without_source;
  FugueSubmission       *self = submit->submission;
  g_autoptr (GError)     error = NULL;

  g_free (submit);
  unclip_engine_bus_call_submit_finish (UNCLIP_ENGINE_BUS (source), result, &error);
  finish (self, without_source, error);
}

static void
submit (FugueSubmission *self)
{
  GVariantDict    options;
  GVariantBuilder jobs;
  Submit         *call = g_new (Submit, 1);

  call->submission = self;
  call->without_source = g_ptr_array_new ();
  g_variant_builder_init (&jobs, G_VARIANT_TYPE ("a(ss)"));
  for (guint i = 0; i < self->jobs->len; i++)
    {
      FugueJobState *job = g_ptr_array_index (self->jobs, i);

      if (job->is_cancelled)
        continue;
      if (!has_sources (self, job->recipe))
        {
          g_ptr_array_add (call->without_source, job);
          continue;
        }
      g_variant_builder_add (&jobs, "(ss)", job->id, unclip_recipe_get_canonical (job->recipe));
      job->is_sent = TRUE;
    }
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "preview_every", "u", self->options.preview_every);
  if (self->options.max_batch > 0)
    g_variant_dict_insert (&options, "max_batch", "u", self->options.max_batch);
  unclip_engine_bus_call_submit (self->bus, g_variant_builder_end (&jobs), g_variant_dict_end (&options), self->cancellable, submitted_cb,
                                 call);
}

/* The sources. */

static void put_next (FugueSubmission *self);

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueSubmission   *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!unclip_engine_bus_call_put_source_finish (UNCLIP_ENGINE_BUS (source), result, &error))
    {
      finish (self, NULL, error);
      return;
    }
  if (self->n_rows == unclip_image_get_height (self->image))
    {
      g_hash_table_add (self->known, g_strdup (self->missing[self->next++]));
      g_clear_pointer (&self->image, unclip_image_unref);
    }
  put_next (self);
}

static void
put_rows (FugueSubmission *self)
{
  guint         width = unclip_image_get_width (self->image), height = unclip_image_get_height (self->image);
  gsize         stride = (gsize) width * 3;
  guint         n = (guint) MAX (PIECE_BYTES / stride, 1);
  guint         first = self->n_rows;
  const guint8 *pixels = unclip_image_get_pixels (self->image) + first * stride;
  GVariant     *rows;

  n = MIN (n, height - first);
  rows = g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, pixels, n * stride, TRUE, (GDestroyNotify) unclip_image_unref,
                                  unclip_image_ref (self->image));
  self->n_rows += n;
  unclip_engine_bus_call_put_source (self->bus, self->missing[self->next], width, height, first, rows, self->cancellable, put_cb, self);
}

/* Goes on with the picture at hand, or the next one; then come the recipes. */
static void
put_next (FugueSubmission *self)
{
  while (self->image == NULL && self->missing[self->next] != NULL)
    {
      self->n_rows = 0;
      self->image = self->source_func != NULL ? self->source_func (self->missing[self->next], self->source_data) : NULL;
      if (self->image == NULL)
        self->next++;
    }
  if (self->image != NULL)
    put_rows (self);
  else
    submit (self);
}

static void
has_sources_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FugueSubmission   *self = user_data;
  g_autoptr (GError) error = NULL;
  char             **missing = NULL;

  if (!unclip_engine_bus_call_has_sources_finish (UNCLIP_ENGINE_BUS (source), &missing, result, &error))
    {
      finish (self, NULL, error);
      return;
    }
  /* What is not missing is known from now on. */
  for (guint i = 0; self->missing[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) missing, self->missing[i]))
      g_hash_table_add (self->known, g_strdup (self->missing[i]));
  g_strfreev (self->missing);
  self->missing = missing;
  put_next (self);
}

/* Hashes of all sources, each once. The engine is asked each time: it forgets what was not used for long. */
static char **
list_sources (FugueSubmission *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray             *list = g_ptr_array_new ();

  for (guint i = 0; i < self->jobs->len; i++)
    {
      const char *const *sources = unclip_recipe_get_sources (((FugueJobState *) g_ptr_array_index (self->jobs, i))->recipe);

      for (guint k = 0; sources[k] != NULL; k++)
        if (g_hash_table_add (seen, (gpointer) sources[k]))
          g_ptr_array_add (list, g_strdup (sources[k]));
    }
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (list, FALSE);
}

void
fugue_submission_start (const FugueSubmissionParams *params)
{
  FugueSubmission *self = g_new0 (FugueSubmission, 1);

  self->bus = g_object_ref (params->bus);
  self->jobs = g_ptr_array_ref (params->jobs);
  self->options = params->options;
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->source_func = params->source_func;
  self->source_data = params->source_data;
  self->cancellable = g_object_ref (params->cancellable);
  self->func = params->func;
  self->user_data = params->user_data;
  self->missing = list_sources (self);
  if (self->missing[0] == NULL)
    submit (self);
  else
    unclip_engine_bus_call_has_sources (self->bus, (const char *const *) self->missing, self->cancellable, has_sources_cb, self);
}
