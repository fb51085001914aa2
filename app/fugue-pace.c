/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-pace.h"

#include <math.h>
#include <string.h>

/* Of the newest measurement in the running mean: quick to follow another device, slow to follow one hiccup. */
#define NEWEST 0.2

/* Where a batch was last. */
typedef struct
{
  char  *stage;
  guint  step;
  double time;
} Mark;

struct _FuguePace
{
  GHashTable *marks;                    /* batch → Mark */
  GHashTable *seconds;                  /* stage → double: a step of one picture */
};

static void
mark_free (gpointer data)
{
  Mark *mark = data;

  g_free (mark->stage);
  g_free (mark);
}

FuguePace *
fugue_pace_new (void)
{
  FuguePace *pace = g_new (FuguePace, 1);

  pace->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, mark_free);
  pace->seconds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return pace;
}

void
fugue_pace_free (FuguePace *pace)
{
  if (pace == NULL)
    return;
  g_hash_table_unref (pace->marks);
  g_hash_table_unref (pace->seconds);
  g_free (pace);
}

static void
measure (FuguePace *pace, const char *stage, double seconds)
{
  double *mean = g_hash_table_lookup (pace->seconds, stage);

  if (mean != NULL)
    *mean += NEWEST * (seconds - *mean);
  else
    g_hash_table_insert (pace->seconds, g_strdup (stage), g_memdup2 (&seconds, sizeof seconds));
}

void
fugue_pace_report (FuguePace *pace, const char *batch, guint n, const char *stage, guint step, double now)
{
  Mark *mark = g_hash_table_lookup (pace->marks, batch);

  if (mark == NULL)
    {
      mark = g_new0 (Mark, 1);
      g_hash_table_insert (pace->marks, g_strdup (batch), mark);
    }
  /* The first step of a stage has its preparations in it, so measuring begins with the second. */
  if (g_strcmp0 (mark->stage, stage) == 0 && step > mark->step)
    measure (pace, stage, (now - mark->time) / ((step - mark->step) * n));
  else
    {
      g_free (mark->stage);
      mark->stage = g_strdup (stage);
    }
  mark->step = step;
  mark->time = now;
}

char *
fugue_pace_dup_string (FuguePace *pace)
{
  GString       *text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer       stage, seconds;

  g_hash_table_iter_init (&iter, pace->seconds);
  while (g_hash_table_iter_next (&iter, &stage, &seconds))
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (number, sizeof number, "%.6g", *(double *) seconds);
      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? ";" : "", (const char *) stage, number);
    }
  return g_string_free (text, FALSE);
}

void
fugue_pace_read_string (FuguePace *pace, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ";", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char  *equals = strchr (parts[i], '=');
      double seconds = equals != NULL ? g_ascii_strtod (equals + 1, NULL) : 0;

      if (seconds <= 0 || !isfinite (seconds))
        continue;
      *equals = '\0';
      g_hash_table_insert (pace->seconds, g_strdup (parts[i]), g_memdup2 (&seconds, sizeof seconds));
    }
}

void
fugue_pace_forget (FuguePace *pace, const char *batch)
{
  g_hash_table_remove (pace->marks, batch);
}

static double
get_seconds (FuguePace *pace, const char *stage)
{
  double *mean = g_hash_table_lookup (pace->seconds, stage);

  return mean != NULL ? *mean : 0;
}

double
fugue_pace_estimate (FuguePace *pace, UnclipRecipe *recipe)
{
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);

  return fugue_pace_estimate_steps (pace, sampler->n_steps, sampler->n_upsampler_steps);
}

double
fugue_pace_estimate_steps (FuguePace *pace, guint n_steps, guint n_upsampler_steps)
{
  if (get_seconds (pace, "decoder") == 0)
    return -1;
  return n_steps * get_seconds (pace, "decoder") + n_upsampler_steps * get_seconds (pace, "upsampler");
}

double
fugue_recipe_get_progress (UnclipRecipe *recipe, const char *stage, guint step)
{
  const UnclipRecipeSampler *sampler = unclip_recipe_get_sampler (recipe);
  double                     total = sampler->n_steps + sampler->n_upsampler_steps;

  if (g_str_equal (stage, "decoder"))
    return MIN (step / total, 1);
  if (g_str_equal (stage, "upsampler"))
    return MIN ((sampler->n_steps + step) / total, 1);
  /* What comes before may be known from another picture, and cost nothing. */
  return 0;
}
