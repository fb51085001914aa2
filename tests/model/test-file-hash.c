/* SPDX-License-Identifier: GPL-3.0-or-later */

/* File hashes against a published value, and the memory of them: used, mended, and not trusted too early. */

#include "config.h"

#include "unclip-file-hash.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

/* FIPS 180-2, appendix B.1. */
#define HASH_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OTHER_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static char *
dup_cache_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "fugue", "hashes", NULL);
}

/* The only entry of the cache, or NULL. */
static char *
find_entry (void)
{
  g_autofree char *folder = dup_cache_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name = dir ? g_dir_read_name (dir) : NULL;

  g_assert_true (!name || !g_dir_read_name (dir));
  return name ? g_build_filename (folder, name, NULL) : NULL;
}

static void
empty_cache (void)
{
  g_autofree char *folder = dup_cache_folder ();
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char      *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_rmdir (parent);
}

static void
test_cache (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("fugue-hash-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "abc", NULL);
  g_autofree char *entry = NULL;
  char            *hash;

  g_assert_true (g_file_set_contents (path, "abc", 3, NULL));
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hash, ==, HASH_OF_ABC);
  g_free (hash);
  g_assert_null (find_entry ());        /* changed just now */

  g_assert_cmpint (g_utime (path, &(struct utimbuf) { 1000000000, 1000000000 }), ==, 0);
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_cmpstr (hash, ==, HASH_OF_ABC);
  g_free (hash);
  entry = find_entry ();
  g_assert_nonnull (entry);

  g_assert_true (g_file_set_contents (entry, OTHER_HASH, -1, NULL));
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_cmpstr (hash, ==, OTHER_HASH);
  g_free (hash);

  g_assert_true (g_file_set_contents (entry, "rubbish", -1, NULL));
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_cmpstr (hash, ==, HASH_OF_ABC);
  g_free (hash);

  g_assert_cmpint (g_utime (path, &(struct utimbuf) { 1000000001, 1000000001 }), ==, 0);
  g_assert_true (g_file_set_contents (entry, OTHER_HASH, -1, NULL));
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_cmpstr (hash, ==, HASH_OF_ABC);
  g_free (hash);

  g_remove (path);
  g_rmdir (folder);
}

static void
test_long (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("fugue-hash-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "long", NULL);
  g_autofree char *bytes = g_malloc0 (3 * 1024 * 1024 + 7);
  g_autofree char *expected = NULL;
  g_autofree char *hash = NULL;

  bytes[2 * 1024 * 1024] = 1;
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) bytes, 3 * 1024 * 1024 + 7);
  g_assert_true (g_file_set_contents (path, bytes, 3 * 1024 * 1024 + 7, NULL));
  hash = unclip_file_hash (path, NULL, &error);
  g_assert_cmpstr (hash, ==, expected);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "meson.build", NULL);

  g_assert_null (unclip_file_hash ("/nonexistent/file", NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "/nonexistent/file"));
  g_clear_error (&error);
  g_assert_null (unclip_file_hash ("/", NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_null (unclip_file_hash (path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  int              status;
  g_autofree char *cache = g_dir_make_tmp ("fugue-hash-cache-XXXXXX", NULL);

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/file-hash/cache", test_cache);
  g_test_add_func ("/model/file-hash/long", test_long);
  g_test_add_func ("/model/file-hash/errors", test_errors);
  status = g_test_run ();
  empty_cache ();
  g_assert_cmpint (g_rmdir (cache), ==, 0);
  return status;
}
