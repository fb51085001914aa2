/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person has after the program was killed. */

#include "config.h"

#include "drive.h"

/* See test-drill.c. */
#define PATIENCE_S 240
#define N_FINISHED "SELECT count(*) FROM pictures WHERE state = 2"

/* kill -9 of the window in the middle of a run: the next start has every finished picture, and offers the rest. */
static void
test_killed (void)
{
  Drive drive = { 0 };
  g_autofree char *star = drive_sample ("star.png");
  g_autofree char *arguments = g_strdup_printf ("--vary '%s'", star);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  drive_start (&drive, arguments);
  drive_find_session (&drive);
  drive_wait_for (&drive, "SELECT count(*) FROM pictures", "8", 120);
  drive_wait_for (&drive, N_FINISHED, "8", PATIENCE_S);
  drive_keys ("ctrl+Return");
  drive_wait_for (&drive, "SELECT count(*) FROM pictures", "16", 60);
  drive_kill (&drive);
  before = drive_query (&drive, N_FINISHED);
  g_assert_cmpint (g_ascii_strtoll (before, NULL, 10), >=, 8);

  drive_start (&drive, NULL);
  after = drive_query (&drive, N_FINISHED);
  g_assert_cmpstr (after, ==, before);

  /* "1 batch was waiting when Fugue ended" */
  drive_action ("resume-left-over");
  drive_wait_for (&drive, N_FINISHED, "16", PATIENCE_S);
  drive_end (&drive);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/restart/killed", test_killed);
  return g_test_run ();
}
