/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A folder as a person opens it: how many pictures it has is said, a job each is queued, and a crash takes none of them. */

#include "config.h"

#include "drive.h"

#include <glib/gstdio.h>

/* See test-drill.c. */
#define PATIENCE_S 240

static char *
make_folder (void)
{
  static const char *const NAMES[] = { "apple.png", "fish.png", "star.png" };
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("fugue-folder-XXXXXX", &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *sample = drive_sample (NAMES[i]);
      g_autofree char *path = g_build_filename (folder, NAMES[i], NULL);
      g_autoptr (GFile) from = g_file_new_for_path (sample);
      g_autoptr (GFile) to = g_file_new_for_path (path);

      g_assert_true (g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
    }
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
test_killed (void)
{
  Drive drive = { 0 };
  g_autofree char *folder = make_folder ();
  g_autofree char *arguments = g_strdup_printf ("'%s'", folder);
  const char *left = "SELECT count(*) FROM pictures WHERE state = 2";

  drive_start (&drive, arguments);
  drive_focus ("Vary a Folder");
  /* One variation of each; the number has the focus. */
  drive_keys ("ctrl+a 1 Return");
  drive_find_session (&drive);
  drive_wait_for (&drive, "SELECT count(*) FROM jobs", "3", PATIENCE_S);
  drive_wait_for (&drive, "SELECT count(DISTINCT sha256) FROM sources WHERE slot > 4", "3", 20);
  drive_kill (&drive);
  remove_folder (folder);

  drive_start (&drive, NULL);
  drive_action ("resume-left-over");
  drive_wait_for (&drive, left, "3", PATIENCE_S);
  drive_end (&drive);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/folder/killed", test_killed);
  return g_test_run ();
}
