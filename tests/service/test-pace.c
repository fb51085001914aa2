/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-pace.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

static const UnclipRecipeSampler sampler = { .n_steps = 25, .n_upsampler_steps = 7 };

/* Sums of a few doubles. */
#define TOLERANCE 1e-9

static void
test_unknown (void)
{
  g_autoptr (UnclipPace) pace = unclip_pace_new ();

  g_assert_cmpfloat (unclip_pace_get_seconds_left (pace, "decoder", 8, 24, &sampler), ==, -1);
  /* The first step of a stage may have compiled things. */
  unclip_pace_begin (pace, 0);
  unclip_pace_step (pace, "decoder", 8, 1, 90 * SECOND);
  g_assert_cmpfloat (unclip_pace_get_seconds_left (pace, "decoder", 8, 24, &sampler), ==, -1);
}

static void
test_stages (void)
{
  g_autoptr (UnclipPace) pace = unclip_pace_new ();

  unclip_pace_begin (pace, 0);
  unclip_pace_step (pace, "decoder", 8, 1, 9 * SECOND);
  unclip_pace_step (pace, "decoder", 8, 2, 11 * SECOND);
  /* 23 steps of 2 s; the upsampler is taken to be like the decoder. */
  g_assert_cmpfloat_with_epsilon (unclip_pace_get_seconds_left (pace, "decoder", 8, 23, &sampler), 23 * 2 + 7 * 2, TOLERANCE);
  unclip_pace_step (pace, "upsampler", 8, 1, 20 * SECOND);
  unclip_pace_step (pace, "upsampler", 8, 2, 25 * SECOND);
  g_assert_cmpfloat_with_epsilon (unclip_pace_get_seconds_left (pace, "upsampler", 8, 5, &sampler), 5 * 5, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (unclip_pace_get_seconds_left (pace, "decoder", 8, 23, &sampler), 23 * 2 + 7 * 5, TOLERANCE);
  g_assert_cmpfloat (unclip_pace_get_seconds_left (pace, "upsampler", 8, 0, &sampler), ==, 0);
  /* Another batch has another pace. */
  g_assert_cmpfloat (unclip_pace_get_seconds_left (pace, "decoder", 1, 23, &sampler), ==, -1);

  /* What comes before the decoder has all of it before it. */
  unclip_pace_begin (pace, 100 * SECOND);
  unclip_pace_step (pace, "prior", 8, 1, 101 * SECOND);
  unclip_pace_step (pace, "prior", 8, 2, 102 * SECOND);
  g_assert_cmpfloat_with_epsilon (unclip_pace_get_seconds_left (pace, "prior", 8, 3, &sampler), 3 * 1 + 25 * 2 + 7 * 5, TOLERANCE);
}

/* A pause is nobody's step, and a change of pace is followed. */
static void
test_change (void)
{
  g_autoptr (UnclipPace) pace = unclip_pace_new ();
  gint64                 now = 0;
  double                 before, after;

  unclip_pace_begin (pace, now);
  for (guint step = 1; step <= 3; step++)
    unclip_pace_step (pace, "upsampler", 1, step, now += SECOND);
  unclip_pace_begin (pace, now += 3600 * SECOND);
  unclip_pace_step (pace, "upsampler", 1, 4, now += SECOND);
  before = unclip_pace_get_seconds_left (pace, "upsampler", 1, 1, &sampler);
  g_assert_cmpfloat_with_epsilon (before, 1, TOLERANCE);
  for (guint step = 5; step <= 8; step++)
    unclip_pace_step (pace, "upsampler", 1, step, now += 3 * SECOND);
  after = unclip_pace_get_seconds_left (pace, "upsampler", 1, 1, &sampler);
  g_assert_cmpfloat (after, >, 2.5);
  g_assert_cmpfloat (after, <=, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace/unknown", test_unknown);
  g_test_add_func ("/pace/stages", test_stages);
  g_test_add_func ("/pace/change", test_change);
  return g_test_run ();
}
