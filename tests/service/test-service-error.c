/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"
#include "unclip-service-error.h"

#include <gio/gio.h>

/* Every code has a name of its own on the wire, and comes back as itself. */
static void
test_names (void)
{
  unclip_service_error_register ();
  unclip_service_error_register ();
  for (int code = UNCLIP_ERROR_NO_DEVICE; code <= UNCLIP_ERROR_INTERNAL; code++)
    {
      g_autoptr (GError) error = g_error_new (UNCLIP_ERROR, code, "code %d", code);
      g_autofree char   *name = g_dbus_error_encode_gerror (error);
      g_autoptr (GError) back = g_dbus_error_new_for_dbus_error (name, error->message);
      g_autoptr (GError) told = unclip_service_error_new (unclip_service_error_get_code (error), error->message);

      g_assert_true (g_str_has_prefix (name, "io.github.fugue.Error."));
      g_assert_error (back, UNCLIP_ERROR, code);
      g_assert_true (g_dbus_error_strip_remote_error (back));
      g_assert_cmpstr (back->message, ==, error->message);
      g_assert_error (told, UNCLIP_ERROR, code);
    }
}

static void
test_others (void)
{
  g_autoptr (GError) file = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");
  g_autoptr (GError) back = unclip_service_error_new (unclip_service_error_get_code (file), file->message);
  g_autoptr (GError) later = unclip_service_error_new ("of-some-later-version", "what");

  g_assert_error (back, G_FILE_ERROR, G_FILE_ERROR_FAILED);
  g_assert_error (later, UNCLIP_ERROR, UNCLIP_ERROR_INTERNAL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-error/names", test_names);
  g_test_add_func ("/service-error/others", test_others);
  return g_test_run ();
}
