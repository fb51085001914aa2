/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-guidance.h"

/* Two pixels of six channels, as a decoder gives them: the first three are guided. */
static void
test_decoder (void)
{
  const float batch[] = {
    1, 2, 3, 4, 5, 6,             7, 8, 9, 10, 11, 12,          /* unconditional */
    1.5f, 2, 2.5f, 40, 50, 60,    8, 8, 8, 100, 110, 120,       /* conditional */
  };
  const float                 expected[] = { 5, 2, -1, 40, 50, 60, 15, 8, 1, 100, 110, 120 };
  float                       out[12];
  const UnclipGuidanceBuffers buffers = {
    .n_pixels = 2, .n_channels = 6, .n_guided = 3, .scale = 8,
    .unconditional = batch, .conditional = batch + 12, .out = out,
  };

  unclip_guidance_apply (&buffers);
  g_assert_cmpmem (out, sizeof out, expected, sizeof expected);
}

/* All channels of a flat vector, in place. */
static void
test_prior (void)
{
  float                       u[] = { 0, 1, -2, 0.5f }, c[] = { 1, 1, -1, 0 };
  const float                 expected[] = { 4, 1, 2, -1.5f };
  const UnclipGuidanceBuffers buffers = {
    .n_pixels = 1, .n_channels = 4, .n_guided = 4, .scale = 4, .unconditional = u, .conditional = c, .out = u,
  };

  unclip_guidance_apply (&buffers);
  g_assert_cmpmem (u, sizeof u, expected, sizeof expected);
}

static void
test_is_on (void)
{
  g_assert_false (unclip_guidance_is_on (0));
  g_assert_false (unclip_guidance_is_on (1));
  g_assert_true (unclip_guidance_is_on (1.01f));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/guidance/decoder", test_decoder);
  g_test_add_func ("/diffusion/guidance/prior", test_prior);
  g_test_add_func ("/diffusion/guidance/is-on", test_is_on);
  return g_test_run ();
}
