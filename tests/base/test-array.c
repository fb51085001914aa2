/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-array.h"

static void
test_convert (void)
{
  static const guint8 f16[] = { 0xff, 0x00, 0x3c, 0x00, 0xc0 };     /* a stray byte first: unaligned on purpose */
  static const guint8 bf16[] = { 0x80, 0x3f, 0x20, 0xc1 };
  static const gint64 i64[] = { -3, 1 << 24 };
  const UnclipArray   arrays[] = {
    { "f16", UNCLIP_DTYPE_F16, 1, { 2 }, f16 + 1, 4 },
    { "bf16", UNCLIP_DTYPE_BF16, 2, { 1, 2 }, bf16, 4 },
    { "i64", UNCLIP_DTYPE_I64, 1, { 2 }, i64, 16 },
  };
  static const float expected[][2] = { { 1, -2 }, { 1, -10 }, { -3, 16777216 } };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      float out[2];

      unclip_array_copy_f32 (&arrays[i], 0, 2, out);
      g_assert_cmpfloat (out[0], ==, expected[i][0]);
      g_assert_cmpfloat (out[1], ==, expected[i][1]);
      unclip_array_copy_f32 (&arrays[i], 1, 1, out);
      g_assert_cmpfloat (out[0], ==, expected[i][1]);
    }
}

static void
test_shape (void)
{
  const UnclipArray array = { "x", UNCLIP_DTYPE_F32, 3, { 2, 3, 5 }, NULL, 120 };
  const UnclipArray scalar = { "s", UNCLIP_DTYPE_F32, 0, { 0 }, NULL, 4 };
  g_autofree char  *shape = unclip_array_dup_shape_string (&array);
  g_autofree char  *scalar_shape = unclip_array_dup_shape_string (&scalar);

  g_assert_cmpint (unclip_array_get_n_elements (&array), ==, 30);
  g_assert_cmpstr (shape, ==, "(2, 3, 5)");
  g_assert_cmpint (unclip_array_get_n_elements (&scalar), ==, 1);
  g_assert_cmpstr (scalar_shape, ==, "()");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/array/convert", test_convert);
  g_test_add_func ("/base/array/shape", test_shape);
  return g_test_run ();
}
