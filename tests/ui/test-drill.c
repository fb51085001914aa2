/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The batch drill: a person explores variations with the keyboard alone. The built program runs on a display of its own, keys come
 * from the X server, and the outcome is read from the session file and from the exported picture.
 */

#include "config.h"

#include "drive.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "unclip-image-file.h"
#include "unclip-image-text.h"
#include "unclip-recipe.h"

/* Software Vulkan on a busy machine with two cores takes its time; a person's patience is not what is tested here. */
#define PATIENCE_S 240

/* States and marks as numbers, see fugue-enums.h. */
#define N_FINISHED "SELECT count(*) FROM pictures WHERE state = 2"
#define N_KEPT     "SELECT count(*) FROM pictures WHERE mark = 1"
#define N_REJECTED "SELECT count(*) FROM pictures WHERE mark = 2"

/* The gallery as it is shown: by place, without rejected pictures in whose place another one came later. */
#define IN_ORDER \
  "SELECT group_concat(id, ' ') FROM (SELECT id FROM pictures p WHERE mark != 2 OR id = " \
  "(SELECT max(id) FROM pictures q WHERE q.place = p.place) ORDER BY place, id)"

static void
open_by_keys (const char *path)
{
  drive_keys ("ctrl+o");
  drive_focus ("Open Pictures");
  /* A slash opens the line for a path. */
  drive_type (path);
  g_usleep (500000);
  drive_keys ("Return");
}

/* The pictures that Ctrl+E wrote into @folder. */
static GPtrArray *
list_exported (const char *folder)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  return paths;
}

static char *
wait_for_export (const char *folder)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < deadline)
    {
      g_autoptr (GPtrArray) paths = list_exported (folder);

      if (paths->len == 1)
        return g_strdup (paths->pdata[0]);
      g_usleep (50000);
    }
  g_assert_not_reached ();
}

/* Where Ctrl+E puts pictures before a person has chosen another place. */
static void
make_pictures_folder (const char *folder)
{
  g_autofree char *config = g_build_filename (g_get_user_config_dir (), "user-dirs.dirs", NULL);
  g_autofree char *line = g_strdup_printf ("XDG_PICTURES_DIR=\"%s\"\n", folder);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, line, -1, NULL));
}

/* The recipe of an exported picture makes the same pixels again, by the command line. */
static void
check_recipe (Drive      *drive,
              const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GPtrArray) made = NULL;
  g_autoptr (UnclipImage) exported = NULL;
  g_autoptr (UnclipImage) again = NULL;
  g_autofree char *folder = g_dir_make_tmp ("fugue-drill-XXXXXX", NULL);
  g_autofree char *star = drive_sample ("star.png");
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  exported = unclip_image_load (path, &error);
  g_assert_no_error (error);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, UNCLIP_PROGRAM, "run", path,
                              "--source", star, "-o", folder, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);

  made = list_exported (folder);
  g_assert_cmpuint (made->len, ==, 1);
  again = unclip_image_load (made->pdata[0], &error);
  g_assert_no_error (error);
  a = unclip_image_dup_sha256 (exported);
  b = unclip_image_dup_sha256 (again);
  g_assert_cmpstr (a, ==, b);
  g_unlink (made->pdata[0]);
  g_rmdir (folder);
}

static void
test_drill (void)
{
  Drive drive = { 0 };
  g_autofree char *star = drive_sample ("star.png");
  g_autofree char *folder = g_build_filename (g_getenv ("FUGUE_TEST_HOME"), "Pictures", NULL);
  g_autofree char *parent = NULL;
  g_autofree char *best = NULL;
  g_autofree char *exported = NULL;

  make_pictures_folder (folder);
  drive_start (&drive, NULL);
  drive_find_session (&drive);

  open_by_keys (star);
  drive_wait_for (&drive, "SELECT count(*) FROM sources WHERE slot = 0", "1", 20);
  drive_focus ("Fugue$");

  /* Eight pictures come; the first one has the focus. */
  drive_keys ("v");
  drive_wait_for (&drive, "SELECT count(*) FROM pictures", "8", PATIENCE_S);
  drive_wait_for (&drive, N_FINISHED, "8", PATIENCE_S);

  /* Keep, reject, each time on to the next. */
  drive_keys ("k x k x");
  drive_wait_for (&drive, N_KEPT, "2", 10);
  drive_wait_for (&drive, N_REJECTED, "2", 10);
  drive_wait_for (&drive, "SELECT group_concat(mark, '') FROM (SELECT mark FROM pictures ORDER BY id)", "12120000", 10);

  /* Two others in the rejected places. */
  drive_keys ("r");
  drive_wait_for (&drive, "SELECT count(*) FROM pictures", "10", PATIENCE_S);
  drive_wait_for (&drive, N_FINISHED, "10", PATIENCE_S);
  drive_wait_for (&drive, "SELECT count(DISTINCT recipe) FROM pictures", "10", 5);
  drive_wait_for (&drive, IN_ORDER, "1 9 3 10 5 6 7 8", 5);

  /* The first of the new ones is kept: it stands where the first rejected one stood. */
  drive_keys ("Home Right k");
  drive_wait_for (&drive, "SELECT mark FROM pictures WHERE id = 9", "1", 10);

  /* Back through the mark, the places are as they were and the new ones at the end; and forth again. */
  drive_keys ("ctrl+z ctrl+z");
  drive_wait_for (&drive, IN_ORDER, "1 2 3 4 5 6 7 8 9 10", 10);
  drive_keys ("shift+ctrl+z shift+ctrl+z");
  drive_wait_for (&drive, IN_ORDER, "1 9 3 10 5 6 7 8", 10);

  /* 35 % × 1.5 × 1.5 / 1.5 */
  drive_keys ("f f n");
  drive_wait_for (&drive,
                  "SELECT count(*) FROM settings WHERE value LIKE '%\"how-far\"%' "
                  "AND abs(json_extract(value, '$.\"how-far\"') - 52.5) < 0.75", "1", 10);

  /* The first one on stage, and variations of it: its children. */
  best = drive_query (&drive, "SELECT min(id) FROM pictures");
  drive_keys ("Home Return v");
  drive_wait_for (&drive, "SELECT count(*) FROM pictures", "18", PATIENCE_S);
  drive_wait_for (&drive, N_FINISHED, "18", PATIENCE_S);
  parent = drive_query (&drive, "SELECT group_concat(DISTINCT parent) FROM pictures WHERE id > (SELECT min(id) + 9 FROM pictures)");
  g_assert_cmpstr (parent, ==, best);

  /* Exported without a dialog, and the recipe inside makes it again. */
  drive_keys ("Home ctrl+e");
  exported = wait_for_export (folder);
  check_recipe (&drive, exported);
  drive_end (&drive);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/drill/batch", test_drill);
  return g_test_run ();
}
