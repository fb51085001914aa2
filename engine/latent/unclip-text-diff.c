/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-text-diff.h"

#include "unclip-error.h"
#include "unclip-slerp.h"

#include <math.h>
#include <string.h>

/* Of the longer text embedding; half precision text towers repeat themselves to about 1e-3, captions that differ are
 * farther apart than 1e-1. */
#define SAME_CAPTION 1e-5

gboolean
unclip_text_diff_direction (const float *from, const float *to, gsize n, float *out, GError **error)
{
  double scale = MAX (unclip_vector_length (from, n), unclip_vector_length (to, n));
  double sum = 0, length;

  for (gsize i = 0; i < n; i++)
    sum += ((double) to[i] - from[i]) * ((double) to[i] - from[i]);
  length = sqrt (sum);
  if (!(length > SAME_CAPTION * scale))
    {
      g_set_error_literal (error, UNCLIP_ERROR, UNCLIP_ERROR_RECIPE,
                           "The two captions say the same to the model, so there is no direction from one to the other.");
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (((double) to[i] - from[i]) / length);
  return TRUE;
}

void
unclip_text_diff_turn (const float *z, const float *direction, double amount, gsize n, float *out)
{
  double            length = unclip_vector_length (z, n);
  g_autofree float *end = g_new (float, n);

  if (length == 0 || amount == 0)
    {
      memmove (out, z, n * sizeof *out);
      return;
    }
  for (gsize i = 0; i < n; i++)
    end[i] = (float) (copysign (length, amount) * direction[i]);
  unclip_slerp (z, end, fabs (amount), n, out);
}
