/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two rules for the position that becomes the text embedding. */

#include "config.h"

#include "unclip-clip-text.h"

static void
test_find_end (void)
{
  static const gint32 ids[] = { 97, 5, 90, 98, 90, 98, 0 };
  const UnclipClipTextConfig legacy = { .eos_token_id = 2 };
  const UnclipClipTextConfig own = { .eos_token_id = 90 };
  const UnclipClipTextConfig absent = { .eos_token_id = 91 };

  /* First of the largest; first of its id; the first position where there is none. */
  g_assert_cmpint (unclip_clip_text_find_end (&legacy, ids, G_N_ELEMENTS (ids)), ==, 3);
  g_assert_cmpint (unclip_clip_text_find_end (&own, ids, G_N_ELEMENTS (ids)), ==, 2);
  g_assert_cmpint (unclip_clip_text_find_end (&absent, ids, G_N_ELEMENTS (ids)), ==, 0);
  g_assert_cmpint (unclip_clip_text_find_end (&legacy, ids, 1), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nets/clip-text/find-end", test_find_end);
  return g_test_run ();
}
