/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-sheet.h"

#include <string.h>

#define BACKGROUND 40

static UnclipImage *
plain_new (guint width, guint height, guint8 grey)
{
  gsize   n = (gsize) width * height * 3;
  guint8 *pixels = g_malloc (n);

  memset (pixels, grey, n);
  return unclip_image_new_take (width, height, pixels);
}

static guint8
grey_at (const UnclipImage *image, guint x, guint y)
{
  return unclip_image_get_pixels (image)[((gsize) y * unclip_image_get_width (image) + x) * 3];
}

/* How many pixels of an area are not background. */
static guint
count_ink (const UnclipImage *image, guint x, guint y, guint width, guint height)
{
  guint n = 0;

  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      n += grey_at (image, x + j, y + i) != BACKGROUND;
  return n;
}

/* Three squares in two columns: at 16 and 16 + 200 + 12, the third below the first. */
static void
test_grid (void)
{
  g_autoptr (UnclipImage) white = plain_new (200, 200, 255);
  g_autoptr (UnclipImage) grey = plain_new (200, 100, 100);
  const UnclipSheetCell   cells[] = { { white }, { grey }, { white } };
  const UnclipSheetParams params = { .cells = cells, .n_cells = 3, .n_columns = 2 };
  g_autoptr (GError)      error = NULL;
  g_autoptr (UnclipImage) sheet = unclip_sheet_new (&params, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (unclip_image_get_width (sheet), ==, 16 + 200 + 12 + 200 + 16);
  g_assert_cmpuint (unclip_image_get_height (sheet), ==, 16 + 200 + 12 + 200 + 16);
  g_assert_cmpuint (grey_at (sheet, 15, 15), ==, BACKGROUND);
  g_assert_cmpuint (grey_at (sheet, 16, 16), ==, 255);
  g_assert_cmpuint (grey_at (sheet, 215, 215), ==, 255);
  g_assert_cmpuint (grey_at (sheet, 216, 215), ==, BACKGROUND);
  g_assert_cmpuint (grey_at (sheet, 228, 16 + 49), ==, BACKGROUND);     /* half as high, so in the middle */
  g_assert_cmpuint (grey_at (sheet, 228, 16 + 50), ==, 100);
  g_assert_cmpuint (grey_at (sheet, 16, 228), ==, 255);
  g_assert_cmpuint (count_ink (sheet, 228, 228, 200, 200), ==, 0);
}

static void
test_columns (void)
{
  static const struct
  {
    guint n_cells, n_columns;
  } cases[] = { { 1, 1 }, { 2, 2 }, { 4, 2 }, { 5, 5 }, { 7, 3 }, { 8, 4 }, { 9, 3 } };
  g_autoptr (UnclipImage) image = plain_new (160, 160, 200);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      UnclipSheetCell         cells[9];
      const UnclipSheetParams params = { .cells = cells, .n_cells = cases[i].n_cells };
      g_autoptr (UnclipImage) sheet = NULL;

      for (guint j = 0; j < G_N_ELEMENTS (cells); j++)
        cells[j] = (UnclipSheetCell) { image, NULL };
      sheet = unclip_sheet_new (&params, NULL);
      g_assert_cmpuint (unclip_image_get_width (sheet), ==, 20 + cases[i].n_columns * (160 + 12));
    }
}

/* Small pictures are enlarged to be seen, very large ones made smaller. */
static void
test_scale (void)
{
  g_autoptr (UnclipImage) small = plain_new (64, 32, 200), large = plain_new (2000, 1000, 200);
  const UnclipSheetCell   small_cell = { small, NULL }, large_cell = { large, NULL };
  const UnclipSheetParams small_params = { .cells = &small_cell, .n_cells = 1 };
  const UnclipSheetParams large_params = { .cells = &large_cell, .n_cells = 1 };
  g_autoptr (UnclipImage) a = unclip_sheet_new (&small_params, NULL), b = unclip_sheet_new (&large_params, NULL);

  g_assert_cmpuint (unclip_image_get_width (a), ==, 32 + 160);
  g_assert_cmpuint (unclip_image_get_height (a), ==, 32 + 80);
  g_assert_cmpuint (unclip_image_get_width (b), ==, 32 + 512);
  g_assert_cmpuint (unclip_image_get_height (b), ==, 32 + 256);
}

/* Text stays within its cell, whatever it is; and where there are fonts, it is there. */
static void
test_text (void)
{
  g_autoptr (UnclipImage) image = plain_new (160, 160, 200);
  g_autofree char        *endless = g_strnfill (5000, 'W');
  const char *const       captions[] = { "seed 41", endless, "\xff\xfe", "" };

  for (guint i = 0; i < G_N_ELEMENTS (captions); i++)
    {
      const UnclipSheetCell   cells[] = { { image, captions[i] }, { image, NULL } };
      const UnclipSheetParams params = { .cells = cells, .n_cells = 2, .title = captions[i] };
      g_autoptr (UnclipImage) sheet = unclip_sheet_new (&params, NULL);
      guint                   width = unclip_image_get_width (sheet);

      g_assert_cmpuint (width, ==, 20 + 2 * (160 + 12));
      g_assert_cmpuint (unclip_image_get_height (sheet), ==, 16 + 32 + 160 + 20 + 16);
      g_assert_cmpuint (count_ink (sheet, 16 + 160 + 2, 16 + 32 + 160, width - 178, 20), ==, 0);
      g_assert_cmpuint (count_ink (sheet, width - 14, 0, 14, 40), ==, 0);
      if (i == 0 && count_ink (sheet, 16, 16 + 32 + 160, 160, 20) == 0)
        g_test_message ("no font here: the caption is empty");
    }
}

static void
test_too_large (void)
{
  g_autoptr (UnclipImage) image = plain_new (512, 512, 200);
  UnclipSheetCell         cells[40];
  const UnclipSheetParams params = { .cells = cells, .n_cells = G_N_ELEMENTS (cells), .n_columns = 40 };
  g_autoptr (GError)      error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    cells[i] = (UnclipSheetCell) { image, NULL };
  g_assert_null (unclip_sheet_new (&params, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/sheet/grid", test_grid);
  g_test_add_func ("/base/sheet/columns", test_columns);
  g_test_add_func ("/base/sheet/scale", test_scale);
  g_test_add_func ("/base/sheet/text", test_text);
  g_test_add_func ("/base/sheet/too-large", test_too_large);
  return g_test_run ();
}
