/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The edits on the command line: what `unclip diff`, `unclip mix` and a loosened `unclip vary` leave behind, and that the ends of a strip and the
 * corners of a pad are what they should be: pictures of the sources. */

#include "config.h"

#include "cli-run.h"
#include "test-device.h"
#include "unclip-image-file.h"

#include <string.h>

#define QUICK " --model @model --seed 7 --steps 2 --upsampler-steps 2 -o @out"

static gboolean
begin (CliPlace *place)
{
  if (test_device_get () == NULL)
    return FALSE;
  cli_place_init (place);
  return TRUE;
}

/* The hash of a result's pixels. */
static char *
dup_hash (const CliPlace *place, const char *name)
{
  g_autoptr (GError)      error = NULL;
  g_autofree char        *path = g_build_filename (place->out, name, NULL);
  g_autoptr (UnclipImage) image = unclip_image_load (path, &error);

  g_assert_no_error (error);
  return unclip_image_dup_sha256 (image);
}

static void
assert_same (const CliPlace *place, const char *a, const char *b, gboolean same)
{
  g_autofree char *hash_a = dup_hash (place, a), *hash_b = dup_hash (place, b);

  if (g_str_equal (hash_a, hash_b) != same)
    g_error ("%s and %s %s", a, b, same ? "differ" : "are the same");
}

static guint
count_events (const char *out, const char *name)
{
  g_autoptr (GPtrArray) events = cli_parse_events (out);
  guint                 n = 0;

  for (guint i = 0; i < events->len; i++)
    n += g_str_equal (json_object_get_string_member (g_ptr_array_index (events, i), "event"), name);
  return n;
}

/* A second source: the first one, mirrored in its colours. */
static void
make_negative (const CliPlace *place)
{
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) image = unclip_image_load (place->picture, &error);
  g_autofree char        *path = g_build_filename (place->folder, "negative.png", NULL);
  gsize                   n = unclip_image_get_n_bytes (image);
  guint8                 *pixels = g_memdup2 (unclip_image_get_pixels (image), n);
  g_autoptr (UnclipImage) negative = NULL;

  for (gsize i = 0; i < n; i++)
    pixels[i] = 255 - pixels[i];
  negative = unclip_image_new_take (unclip_image_get_width (image), unclip_image_get_height (image), pixels);
  g_assert_true (unclip_image_save_png (negative, path, NULL, 0, &error));
}

static void
test_strip (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) strip = { 0 }, plain = { 0 };
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  cli_run_ok (&place, "diff @picture --to 'a boat' --strip=-0.5:0.5:3 --sheet --animate --json" QUICK, &strip);
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "picture-0-diff-7-1.png\npicture-0-diff-7-2.png\npicture-0-diff-7-3.png\n"
                              "picture-0-diff-7-film-1.png\npicture-0-diff-7-sheet-1.png");
  g_assert_cmpuint (count_events (strip.out, "picture"), ==, 3);
  g_assert_cmpuint (count_events (strip.out, "sheet"), ==, 1);
  g_assert_cmpuint (count_events (strip.out, "film"), ==, 1);
  assert_same (&place, "picture-0-diff-7-1.png", "picture-0-diff-7-2.png", FALSE);
  assert_same (&place, "picture-0-diff-7-1.png", "picture-0-diff-7-3.png", FALSE);
  assert_same (&place, "picture-0-diff-7-1.png", "picture-0-diff-7-film-1.png", TRUE);

  /* In the middle, where the amount is 0, stands the source's own variation from the same noise. */
  cli_run_ok (&place, "vary @picture -n 1 --sampler ddim" QUICK, &plain);
  assert_same (&place, "picture-0-diff-7-2.png", "picture-0-vary-7-1.png", TRUE);
}

/* Swapped captions are a negative amount. */
static void
test_amount (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) forth = { 0 }, back = { 0 };

  if (!begin (&place))
    return;
  cli_run_ok (&place, "diff @picture --from 'a car' --to 'a boat' --amount -0.3 -n 2" QUICK, &forth);
  cli_run_ok (&place, "diff @picture --from 'a boat' --to 'a car' --amount 0.3 -n 2" QUICK, &back);
  assert_same (&place, "picture-0-diff-7-1.png", "picture-0-diff-7-3.png", TRUE);
  assert_same (&place, "picture-0-diff-7-2.png", "picture-0-diff-7-4.png", TRUE);
  assert_same (&place, "picture-0-diff-7-1.png", "picture-0-diff-7-2.png", FALSE);
}

/* Two strips, each numbered from 1. */
static void
test_strips (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) strips = { 0 };
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  make_negative (&place);
  cli_run_ok (&place, "diff @picture @folder/negative.png --to 'a boat' --strip=0:0.3:2" QUICK, &strips);
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "negative-diff-7-1.png\nnegative-diff-7-2.png\npicture-0-diff-7-1.png\npicture-0-diff-7-2.png");
}

static void
test_grid (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) grid = { 0 }, first = { 0 }, second = { 0 };
  g_autofree char   *names = NULL;

  if (!begin (&place))
    return;
  make_negative (&place);
  cli_run_ok (&place, "mix @picture @folder/negative.png --grid 3 --animate" QUICK, &grid);
  names = cli_list_folder (place.out);
  g_assert_cmpstr (names, ==, "picture-0+negative-mix-7-1.png\npicture-0+negative-mix-7-2.png\npicture-0+negative-mix-7-3.png\n"
                              "picture-0+negative-mix-7-film-1.png\npicture-0+negative-mix-7-sheet-1.png");
  cli_run_ok (&place, "vary @picture -n 1 --sampler ddim" QUICK, &first);
  cli_run_ok (&place, "vary @folder/negative.png -n 1 --sampler ddim" QUICK, &second);
  assert_same (&place, "picture-0+negative-mix-7-1.png", "picture-0-vary-7-1.png", TRUE);
  assert_same (&place, "picture-0+negative-mix-7-3.png", "negative-vary-7-1.png", TRUE);
  assert_same (&place, "picture-0+negative-mix-7-2.png", "negative-vary-7-1.png", FALSE);
}

/* Four corners by place and by weights; another blend is another picture. */
static void
test_pad (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) pad = { 0 }, weights = { 0 }, straight = { 0 };

  if (!begin (&place))
    return;
  make_negative (&place);
  cli_run_ok (&place, "mix @picture @folder/negative.png @picture @folder/negative.png --pad 0.25,0.5" QUICK, &pad);
  cli_run_ok (&place, "mix @picture @folder/negative.png @picture @folder/negative.png --weights 37.5,12.5,37.5,12.5" QUICK, &weights);
  cli_run_ok (&place, "mix @picture @folder/negative.png --weights 3,1 --blend straight" QUICK, &straight);
  assert_same (&place, "picture-0+negative+picture-0+negative-mix-7-1.png", "picture-0+negative+picture-0+negative-mix-7-2.png", TRUE);
  assert_same (&place, "picture-0+negative+picture-0+negative-mix-7-1.png", "picture-0+negative-mix-7-1.png", FALSE);
}

/* Locked on the first picture, the first corner is the same as with all; the second one keeps that noise, and is another. */
static void
test_lock_on (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) one = { 0 }, all = { 0 };

  if (!begin (&place))
    return;
  make_negative (&place);
  cli_run_ok (&place, "mix @picture @folder/negative.png --grid 2 --lock-on 1 --sampler ddim --eta 0.01" QUICK, &one);
  cli_run_ok (&place, "mix @picture @folder/negative.png --grid 2 --lock --sampler ddim --eta 0.01" QUICK, &all);
  assert_same (&place, "picture-0+negative-mix-7-1.png", "picture-0+negative-mix-7-3.png", TRUE);
  assert_same (&place, "picture-0+negative-mix-7-2.png", "picture-0+negative-mix-7-4.png", FALSE);
}

/* Captions alone will do, for a model that has no eyes. */
static void
test_captions (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) both = { 0 }, one = { 0 };

  if (!begin (&place))
    return;
  cli_run_ok (&place, "mix --caption 'a boat' --caption 'a tree' --weights 1,0 --prior-steps 2 --model @imagine_model --seed 7 --steps 2 "
                      "--upsampler-steps 2 -o @out", &both);
  cli_run_ok (&place, "mix --caption 'a boat' --prior-steps 2 --model @imagine_model --seed 7 --steps 2 --upsampler-steps 2 -o @out", &one);
  assert_same (&place, "a-boat+a-tree-mix-7-1.png", "a-boat-mix-7-1.png", TRUE);
}

/* Mini brings axes: looseness changes the pictures, each in its own way, and the same again. */
static void
test_loosen (void)
{
  static const char quick[] = " --seed 7 -n 2 --steps 2 --upsampler-steps 0 -o @out";
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) plain = { 0 }, loose = { 0 }, again = { 0 };
  g_autofree char   *vary = g_strconcat ("vary @picture", quick, NULL), *loosen = g_strconcat ("vary @picture --loosen 0.3", quick, NULL);

  if (!begin (&place))
    return;
  cli_run_ok (&place, vary, &plain);
  cli_run_ok (&place, loosen, &loose);
  cli_run_ok (&place, loosen, &again);
  assert_same (&place, "picture-0-vary-7-1.png", "picture-0-vary-7-3.png", FALSE);
  assert_same (&place, "picture-0-vary-7-2.png", "picture-0-vary-7-4.png", FALSE);
  assert_same (&place, "picture-0-vary-7-3.png", "picture-0-vary-7-5.png", TRUE);
  assert_same (&place, "picture-0-vary-7-4.png", "picture-0-vary-7-6.png", TRUE);
}

/* 35 is a plain variation by DDIM with all its noise. */
static void
test_how_far (void)
{
  g_auto (CliPlace)  place = { NULL };
  g_auto (CliResult) far = { 0 }, plain = { 0 }, near = { 0 };

  if (!begin (&place))
    return;
  cli_run_ok (&place, "vary @picture --how-far 35 -n 1" QUICK, &far);
  cli_run_ok (&place, "vary @picture --eta 1 -n 1" QUICK, &plain);
  cli_run_ok (&place, "vary @picture --how-far 20 -n 1" QUICK, &near);
  assert_same (&place, "picture-0-vary-7-1.png", "picture-0-vary-7-2.png", TRUE);
  assert_same (&place, "picture-0-vary-7-1.png", "picture-0-vary-7-3.png", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/edits/strip", test_strip);
  g_test_add_func ("/cli/edits/amount", test_amount);
  g_test_add_func ("/cli/edits/strips", test_strips);
  g_test_add_func ("/cli/edits/grid", test_grid);
  g_test_add_func ("/cli/edits/pad", test_pad);
  g_test_add_func ("/cli/edits/lock-on", test_lock_on);
  g_test_add_func ("/cli/edits/captions", test_captions);
  g_test_add_func ("/cli/edits/loosen", test_loosen);
  g_test_add_func ("/cli/edits/how-far", test_how_far);
  return test_device_run ();
}
