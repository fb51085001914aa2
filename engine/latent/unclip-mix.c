/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-mix.h"

#include "unclip-error.h"
#include "unclip-slerp.h"

#include <math.h>
#include <string.h>

#define MAX_SPREAD 4            /* of the sum of sizes over the sum of weights */
#define MAX_ROUNDS 200
#define TOLERANCE 1e-12         /* radians of a round's step */
#define SMALL_ANGLE 1e-6        /* of π, where unclip_slerp() picks a way too */

gboolean
unclip_mix_check_weights (const double *weights, guint n, GError **error)
{
  double sum = 0, sizes = 0;

  for (guint i = 0; i < n; i++)
    {
      sum += weights[i];
      sizes += fabs (weights[i]);
    }
  if (sizes == 0)
    g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE, "All weights of the mix are 0; give one of them at least some.");
  /* A little room for weights that were rounded. */
  else if (!(sizes <= MAX_SPREAD * sum * (1 + 1e-9)))
    g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                         "The negative weights of the mix outweigh the others; their sum must be a quarter of their sizes at least.");
  else
    return TRUE;
  return FALSE;
}

static double
get_sum (const double *weights, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += weights[i];
  return sum;
}

/* The only part with any weight, or n_parts. */
static guint
find_only (const double *weights, guint n_parts)
{
  guint only = n_parts;

  for (guint i = 0; i < n_parts; i++)
    {
      if (weights[i] != 0 && only != n_parts)
        return n_parts;
      if (weights[i] != 0)
        only = i;
    }
  return only;
}

static double
dot (const double *a, const double *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* Directions of the parts that count; of the others, zeros. */
static gboolean
get_units (const float *const *parts, const double *weights, guint n_parts, gsize n, double *units, double *log_length, GError **error)
{
  double sum = get_sum (weights, n_parts);

  *log_length = 0;
  for (guint i = 0; i < n_parts; i++)
    {
      double length = weights[i] != 0 ? unclip_vector_length (parts[i], n) : 1;

      if (!(length > 0) || !isfinite (length))
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                       "Part %u of the mix has an embedding without direction; mix straight, or leave it out.", i + 1);
          return FALSE;
        }
      *log_length += weights[i] / sum * log (length);
      for (gsize k = 0; k < n; k++)
        units[i * n + k] = weights[i] != 0 ? parts[i][k] / length : 0;
    }
  return TRUE;
}

/* The direction of the straight mean, or of the heaviest part where that has none. */
static void
start_mean (const double *units, const double *weights, guint n_parts, gsize n, double *mean)
{
  double sum = get_sum (weights, n_parts), length;
  guint  heaviest = 0;

  memset (mean, 0, n * sizeof *mean);
  for (guint i = 0; i < n_parts; i++)
    {
      if (weights[i] > weights[heaviest])
        heaviest = i;
      for (gsize k = 0; k < n; k++)
        mean[k] += weights[i] / sum * units[i * n + k];
    }
  length = sqrt (dot (mean, mean, n));
  for (gsize k = 0; k < n; k++)
    mean[k] = length > SMALL_ANGLE ? mean[k] / length : units[heaviest * n + k];
}

/* Adds weight · log_m (u) to @sum. */
static void
add_log (const double *mean, const double *unit, double weight, gsize n, double *scratch, double *sum)
{
  double cosine = dot (mean, unit, n), sine, angle;

  for (gsize k = 0; k < n; k++)
    scratch[k] = unit[k] - cosine * mean[k];
  sine = sqrt (dot (scratch, scratch, n));
  angle = atan2 (sine, cosine);
  if (angle > G_PI - SMALL_ANGLE && n > 1)
    {
      unclip_vector_pick_normal (mean, n, scratch);
      sine = 1;
    }
  for (gsize k = 0; k < n && sine > 0; k++)
    sum[k] += weight * angle / sine * scratch[k];
}

/* mean ← exp_mean (size · step) */
static void
move_mean (double *mean, const double *step, double size, gsize n)
{
  double length = sqrt (dot (step, step, n)), scale;

  for (gsize k = 0; k < n; k++)
    mean[k] = cos (size * length) * mean[k] + (length > 0 ? sin (size * length) / length * step[k] : 0);
  /* Rounding must not add up over the rounds. */
  scale = 1 / sqrt (dot (mean, mean, n));
  for (gsize k = 0; k < n; k++)
    mean[k] *= scale;
}

static void
find_mean (const double *units, const double *weights, guint n_parts, gsize n, double *mean)
{
  g_autofree double *step = g_new (double, n);
  g_autofree double *scratch = g_new (double, n);
  double             sum = get_sum (weights, n_parts), size = 1, last = G_PI;

  start_mean (units, weights, n_parts, n, mean);
  for (guint round = 0; round < MAX_ROUNDS && last > TOLERANCE; round++)
    {
      double length;

      memset (step, 0, n * sizeof *step);
      for (guint i = 0; i < n_parts; i++)
        if (weights[i] != 0)
          add_log (mean, units + i * n, weights[i] / sum, n, scratch, step);
      length = sqrt (dot (step, step, n));
      /* Overshot: parts on all sides of the sphere pull harder than the plain step allows for. */
      if (length > last)
        size /= 2;
      last = length;
      move_mean (mean, step, size, n);
    }
}

gboolean
unclip_mix_spherical (const float *const *parts, const double *weights, guint n_parts, gsize n, float *out, GError **error)
{
  g_autofree double *units = g_new (double, n_parts * n);
  g_autofree double *mean = g_new (double, n);
  guint              only = find_only (weights, n_parts);
  double             log_length;

  if (!get_units (parts, weights, n_parts, n, units, &log_length, error))
    return FALSE;
  if (only < n_parts)
    {
      memcpy (out, parts[only], n * sizeof *out);
      return TRUE;
    }
  find_mean (units, weights, n_parts, n, mean);
  for (gsize k = 0; k < n; k++)
    out[k] = (float) (exp (log_length) * mean[k]);
  return TRUE;
}

void
unclip_mix_straight (const float *const *parts, const double *weights, guint n_parts, gsize n, float *out)
{
  double sum = get_sum (weights, n_parts);

  for (gsize k = 0; k < n; k++)
    {
      double value = 0;

      for (guint i = 0; i < n_parts; i++)
        value += weights[i] / sum * parts[i][k];
      out[k] = (float) value;
    }
}
