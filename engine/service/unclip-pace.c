/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-pace.h"

/* Weight of the newest step: three steps make up for an old habit. */
#define NEWEST 0.4

struct _UnclipPace
{
  GHashTable *seconds;          /* "stage/batch" → double, seconds a step */
  gint64      last;             /* when the last step ended or the run began */
};

UnclipPace *
unclip_pace_new (void)
{
  UnclipPace *pace = g_new0 (UnclipPace, 1);

  pace->seconds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return pace;
}

void
unclip_pace_free (UnclipPace *pace)
{
  if (pace == NULL)
    return;
  g_hash_table_unref (pace->seconds);
  g_free (pace);
}

void
unclip_pace_begin (UnclipPace *pace, gint64 now)
{
  pace->last = now;
}

static char *
dup_key (const char *stage, guint batch)
{
  return g_strdup_printf ("%s/%u", stage, batch);
}

void
unclip_pace_step (UnclipPace *pace, const char *stage, guint batch, guint step, gint64 now)
{
  double seconds = (double) (now - pace->last) / G_USEC_PER_SEC;
  char  *key = dup_key (stage, batch);
  double *known = g_hash_table_lookup (pace->seconds, key);

  pace->last = now;
  if (step > 1 && known == NULL)
    {
      g_hash_table_insert (pace->seconds, g_steal_pointer (&key), g_memdup2 (&seconds, sizeof seconds));
      return;
    }
  if (step > 1)
    *known = (1 - NEWEST) * *known + NEWEST * seconds;
  g_free (key);
}

/* Seconds a step; @otherwise where nothing is known. */
static double
look_up (UnclipPace *pace, const char *stage, guint batch, double otherwise)
{
  g_autofree char *key = dup_key (stage, batch);
  const double    *known = g_hash_table_lookup (pace->seconds, key);

  return known != NULL ? *known : otherwise;
}

double
unclip_pace_get_seconds_left (UnclipPace *pace, const char *stage, guint batch, guint n_left, const UnclipRecipeSampler *sampler)
{
  double here = look_up (pace, stage, batch, -1);
  double seconds = here * n_left;

  if (here < 0)
    return -1;
  if (g_str_equal (stage, "upsampler"))
    return seconds;
  seconds += sampler->n_upsampler_steps * look_up (pace, "upsampler", batch, here);
  if (!g_str_equal (stage, "decoder"))
    seconds += sampler->n_steps * look_up (pace, "decoder", batch, here);
  return seconds;
}
