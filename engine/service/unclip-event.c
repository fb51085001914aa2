/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-event.h"

UnclipJob *
unclip_job_new (const char *id, UnclipRecipe *recipe, guint preview_every)
{
  UnclipJob *job = g_new0 (UnclipJob, 1);

  g_atomic_ref_count_init (&job->ref_count);
  job->id = g_strdup (id);
  job->recipe = recipe;
  job->preview_every = preview_every;
  return job;
}

UnclipJob *
unclip_job_ref (UnclipJob *job)
{
  g_atomic_ref_count_inc (&job->ref_count);
  return job;
}

void
unclip_job_unref (UnclipJob *job)
{
  if (job == NULL || !g_atomic_ref_count_dec (&job->ref_count))
    return;
  g_free (job->id);
  unclip_recipe_unref (job->recipe);
  g_free (job);
}

void
unclip_event_free (UnclipEvent *event)
{
  if (event == NULL)
    return;
  g_clear_pointer (&event->jobs, g_ptr_array_unref);
  unclip_job_unref (event->job);
  unclip_image_unref (event->image);
  g_clear_pointer (&event->details, g_variant_unref);
  unclip_model_unref (event->model);
  g_clear_error (&event->error);
  g_free (event);
}
