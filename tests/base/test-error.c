/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"

static void
test_nicks (void)
{
  g_assert_cmpstr (unclip_error_get_nick (UNCLIP_ERROR_NO_DEVICE), ==, "no-device");
  for (UnclipError code = UNCLIP_ERROR_NO_DEVICE; code <= UNCLIP_ERROR_INTERNAL; code++)
    g_assert_nonnull (unclip_error_get_nick (code));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/error/nicks", test_nicks);
  return g_test_run ();
}
