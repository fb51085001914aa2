/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-colour.h"

#include <lcms2.h>
#include <math.h>
#include <stdlib.h>

/* A conversion that moves no colour by more than this, one step of 8 bits, is not worth the rounding. */
#define NEGLIGIBLE 257

/* Colours tried on each axis to find that out. */
#define N_PROBES 9

/* libpng's own measure of "the usual gamma". */
#define USUAL_GAMMA (1 / 2.2)
#define GAMMA_TOLERANCE 0.05

#define PRIMARIES_TOLERANCE 0.001

struct _UnclipColour
{
  cmsContext    context;                /* owned */
  cmsHTRANSFORM transform;              /* owned */
  gboolean      is_grey;                /* the transform takes one channel */
};

static const UnclipColourPrimaries srgb_primaries = {
  .x = { 0.3127, 0.64, 0.30, 0.15 },
  .y = { 0.3290, 0.33, 0.60, 0.06 },
};

void
unclip_colour_free (UnclipColour *colour)
{
  if (colour == NULL)
    return;
  if (colour->transform != NULL)
    cmsDeleteTransform (colour->transform);
  cmsDeleteContext (colour->context);
  g_free (colour);
}

void
unclip_colour_convert (UnclipColour *colour, guint16 *rgb, gsize n_pixels)
{
  g_return_if_fail (n_pixels <= G_MAXUINT32 / 6);

  if (colour->is_grey)
    {
      g_autofree guint16 *grey = g_new (guint16, n_pixels);

      for (gsize i = 0; i < n_pixels; i++)
        grey[i] = rgb[3 * i];
      cmsDoTransform (colour->transform, grey, rgb, (cmsUInt32Number) n_pixels);
    }
  else
    {
      cmsDoTransform (colour->transform, rgb, rgb, (cmsUInt32Number) n_pixels);
    }
}

static gboolean
is_negligible (UnclipColour *colour)
{
  for (guint i = 0; i < N_PROBES * N_PROBES * N_PROBES; i++)
    {
      const guint steps[] = { i % N_PROBES, i / N_PROBES % N_PROBES, i / (N_PROBES * N_PROBES) };
      guint16     before[3], after[3];

      for (guint c = 0; c < 3; c++)
        before[c] = after[c] = (guint16) (65535 * steps[colour->is_grey ? 0 : c] / (N_PROBES - 1));
      unclip_colour_convert (colour, after, 1);
      for (guint c = 0; c < 3; c++)
        if (abs (after[c] - before[c]) > NEGLIGIBLE)
          return FALSE;
    }
  return TRUE;
}

/* Takes @context and @profile. */
static UnclipColour *
colour_new (cmsContext context, cmsHPROFILE profile, gboolean is_grey)
{
  g_autoptr (UnclipColour) colour = g_new0 (UnclipColour, 1);
  cmsHPROFILE              srgb = cmsCreate_sRGBProfileTHR (context);

  colour->context = context;
  colour->is_grey = is_grey;
  if (profile != NULL && srgb != NULL)
    colour->transform = cmsCreateTransformTHR (context, profile, is_grey ? TYPE_GRAY_16 : TYPE_RGB_16,
                                               srgb, TYPE_RGB_16, INTENT_RELATIVE_COLORIMETRIC,
                                               cmsFLAGS_BLACKPOINTCOMPENSATION);
  if (profile != NULL)
    cmsCloseProfile (profile);
  if (srgb != NULL)
    cmsCloseProfile (srgb);

  if (colour->transform == NULL || is_negligible (colour))
    return NULL;
  return g_steal_pointer (&colour);
}

UnclipColour *
unclip_colour_new_from_icc (const void *profile, gsize n_bytes, gboolean is_grey)
{
  cmsContext  context = cmsCreateContext (NULL, NULL);
  cmsHPROFILE opened = NULL;

  if (n_bytes <= G_MAXUINT32)
    opened = cmsOpenProfileFromMemTHR (context, profile, (cmsUInt32Number) n_bytes);

  /* A grey picture may carry a profile for RGB, not the other way round. */
  if (opened != NULL && cmsGetColorSpace (opened) == cmsSigRgbData)
    is_grey = FALSE;
  else if (opened != NULL && !(is_grey && cmsGetColorSpace (opened) == cmsSigGrayData))
    g_clear_pointer (&opened, cmsCloseProfile);
  return colour_new (context, opened, is_grey);
}

static gboolean
primaries_are_srgb (const UnclipColourPrimaries *primaries)
{
  for (guint i = 0; i < 4; i++)
    if (!(fabs (primaries->x[i] - srgb_primaries.x[i]) <= PRIMARIES_TOLERANCE
          && fabs (primaries->y[i] - srgb_primaries.y[i]) <= PRIMARIES_TOLERANCE))
      return FALSE;
  return TRUE;
}

static cmsToneCurve *
srgb_curve (cmsContext context)
{
  const double parameters[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };

  return cmsBuildParametricToneCurve (context, 4, parameters);
}

UnclipColour *
unclip_colour_new_from_gamma (double gamma, const UnclipColourPrimaries *primaries)
{
  gboolean        is_usual = fabs (gamma / USUAL_GAMMA - 1) <= GAMMA_TOLERANCE;
  cmsContext      context;
  cmsToneCurve   *curve;
  cmsHPROFILE     profile = NULL;
  cmsCIExyY       white;
  cmsCIExyYTRIPLE triple;

  if (primaries == NULL || primaries_are_srgb (primaries))
    primaries = &srgb_primaries;
  if (!(gamma > 0) || (is_usual && primaries == &srgb_primaries))
    return NULL;

  white = (cmsCIExyY) { primaries->x[0], primaries->y[0], 1 };
  triple.Red = (cmsCIExyY) { primaries->x[1], primaries->y[1], 1 };
  triple.Green = (cmsCIExyY) { primaries->x[2], primaries->y[2], 1 };
  triple.Blue = (cmsCIExyY) { primaries->x[3], primaries->y[3], 1 };

  context = cmsCreateContext (NULL, NULL);
  curve = is_usual ? srgb_curve (context) : cmsBuildGamma (context, 1 / gamma);
  if (curve != NULL)
    {
      cmsToneCurve *curves[] = { curve, curve, curve };

      profile = cmsCreateRGBProfileTHR (context, &white, &triple, curves);
      cmsFreeToneCurve (curve);
    }
  return colour_new (context, profile, FALSE);
}
