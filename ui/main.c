/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program fugue. */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "fugue-application.h"

int
main (int    argc,
      char **argv)
{
  const char *translations = g_getenv ("FUGUE_LOCALE_PATH");

  setlocale (LC_ALL, "");
  bindtextdomain ("fugue", translations != NULL ? translations : FUGUE_LOCALEDIR);
  bind_textdomain_codeset ("fugue", "UTF-8");
  textdomain ("fugue");

  g_autoptr (FugueApplication) application = fugue_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
