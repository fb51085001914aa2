/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-file.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fugue-test-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static GPtrArray *
list (const char *folder)
{
  GPtrArray      *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char     *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  return names;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) names = list (fixture->folder);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names->pdata[i], NULL);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static void
assert_n_files (const char *folder, guint n)
{
  g_autoptr (GPtrArray) names = list (folder);

  g_assert_cmpuint (names->len, ==, n);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autofree char   *path = g_build_filename (fixture->folder, "a b.bin", NULL);
  g_autoptr (GBytes) contents = g_bytes_new_static ("one\0two", 7);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (unclip_file_write_new (path, contents, &error));
  g_assert_no_error (error);
  back = unclip_file_read (path, 7, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (contents, back));
  assert_n_files (fixture->folder, 1);

  /* never over another file, and nothing of the attempt is left */
  g_assert_false (unclip_file_write_new (path, empty, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  g_assert_nonnull (strstr (error->message, "a b.bin"));
  g_clear_error (&error);
  assert_n_files (fixture->folder, 1);

  g_assert_null (unclip_file_read (path, 6, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
}

static void
test_permissions (Fixture *fixture, gconstpointer data)
{
  g_autofree char   *path = g_build_filename (fixture->folder, "x", NULL);
  g_autoptr (GBytes) contents = g_bytes_new_static ("x", 1);
  mode_t             mask = umask (027);
  GStatBuf           status;

  g_assert_true (unclip_file_write_new (path, contents, NULL));
  umask (mask);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0640);
}

static void
test_numbered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) contents = g_bytes_new_static ("x", 1);
  g_autofree char   *taken = g_build_filename (fixture->folder, "cat-vary-41-3.png", NULL);
  static const char *const expected[] = { "cat-vary-41-2.png", "cat-vary-41-4.png", "cat-vary-41-5.png" };

  g_assert_true (g_file_set_contents (taken, "mine", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char   *wanted = g_build_filename (fixture->folder, expected[i], NULL);
      g_autofree char   *path
        = unclip_file_write_numbered (fixture->folder, "cat-vary-41", ".png", 2, contents, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (path, ==, wanted);
    }
  assert_n_files (fixture->folder, 4);
}

static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path;
    GFileError  code;
  } cases[] = {
    { "/dev/null", G_FILE_ERROR_INVAL },
    { "/", G_FILE_ERROR_ISDIR },
    { "/nowhere/at/all.png", G_FILE_ERROR_NOENT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (unclip_file_read (cases[i].path, 100, &error));
      g_assert_error (error, G_FILE_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].path));
    }
}

/* A folder that is not there, and one that may not be written to (/proc refuses even root). */
static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  static const char *const folders[] = { "/nowhere/at/all", "/proc/self" };
  g_autoptr (GBytes)       contents = g_bytes_new_static ("x", 1);

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char   *path = g_build_filename (folders[i], "cat.png", NULL);

      g_assert_false (unclip_file_write_new (path, contents, &error));
      g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
      g_assert_nonnull (strstr (error->message, path));
      g_clear_error (&error);
      g_assert_null (unclip_file_write_numbered (folders[i], "cat", ".png", 1, contents, &error));
      g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
      g_assert_nonnull (strstr (error->message, folders[i]));
    }
}

/* A write that stops half way, as on a full disk: here by a limit on the size of files. */
static void
test_cut_short (Fixture *fixture, gconstpointer data)
{
  g_autofree char   *path = g_build_filename (fixture->folder, "cat.png", NULL);
  g_autofree guint8 *zeros = g_malloc0 (100000);
  g_autoptr (GBytes) contents = g_bytes_new_static (zeros, 100000);
  g_autoptr (GError) error = NULL;
  struct rlimit      before, limit;
  gboolean           is_written;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 5000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  is_written = unclip_file_write_new (path, contents, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);

  g_assert_false (is_written);
  g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
  g_assert_nonnull (strstr (error->message, "cat.png"));
  assert_n_files (fixture->folder, 0);
}

static void
test_names (void)
{
  static const struct
  {
    const char *name, *stem;
  } cases[] = {
    { "cat", "cat-vary-41" },
    { "a red  boat, at\tnight", "a-red-boat,-at-night-vary-41" },
    { "../../etc/passwd", "etc-passwd-vary-41" },
    { "", "picture-vary-41" },
    { "...", "picture-vary-41" },
    { "\x01\x02", "picture-vary-41" },
    { "boat \xf0\x9f\x9a\xa2", "boat-\xf0\x9f\x9a\xa2-vary-41" },
    { "caf\xe9", "caf\xef\xbf\xbd-vary-41" },
  };
  g_autofree char *many = g_strnfill (500, 'x'), *stem = NULL;
  g_autofree char *plain = unclip_file_dup_name ("/some/where/cat.photo.png");
  g_autofree char *hidden = unclip_file_dup_name (".hidden");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *made = unclip_file_dup_stem (cases[i].name, "vary", 41);
      g_assert_cmpstr (made, ==, cases[i].stem);
    }
  stem = unclip_file_dup_stem (many, "imagine", G_MAXUINT64);
  g_assert_cmpuint (strlen (stem), ==, 60 + strlen ("-imagine-18446744073709551615"));
  g_assert_cmpstr (plain, ==, "cat.photo");
  g_assert_cmpstr (hidden, ==, ".hidden");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/file/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/base/file/permissions", Fixture, NULL, set_up, test_permissions, tear_down);
  g_test_add ("/base/file/numbered", Fixture, NULL, set_up, test_numbered, tear_down);
  g_test_add ("/base/file/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  g_test_add ("/base/file/unwritable", Fixture, NULL, set_up, test_unwritable, tear_down);
  g_test_add ("/base/file/cut-short", Fixture, NULL, set_up, test_cut_short, tear_down);
  g_test_add_func ("/base/file/names", test_names);
  return g_test_run ();
}
