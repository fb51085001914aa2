/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One small file a hash: many processes may write at once, and a lost or broken entry is made anew. */

#include "config.h"

#include "unclip-file-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES (1024 * 1024)
#define HEX_LENGTH 64
#define RACY_SECONDS 2

static gboolean
fail (const char *path, int saved_errno, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "Could not read “%s”: %s", path,
               g_strerror (saved_errno));
  return FALSE;
}

static char *
dup_cache_path (const struct stat *info)
{
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x-%"
                                           G_GINT64_MODIFIER "x.%09ld",
                                           (guint64) info->st_dev, (guint64) info->st_ino, (guint64) info->st_size,
                                           (guint64) info->st_mtim.tv_sec, (long) info->st_mtim.tv_nsec);

  return g_build_filename (g_get_user_cache_dir (), "fugue", "hashes", name, NULL);
}

static char *
load_cached (const char *cache_path)
{
  g_autofree char *text = NULL;
  gsize            length;

  if (!g_file_get_contents (cache_path, &text, &length, NULL) || length != HEX_LENGTH
      || strspn (text, "0123456789abcdef") != HEX_LENGTH)
    return NULL;
  return g_steal_pointer (&text);
}

static void
store_cached (const char *cache_path, const char *hash)
{
  g_autofree char *folder = g_path_get_dirname (cache_path);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents (cache_path, hash, HEX_LENGTH, NULL);
}

static char *
hash_fd (int fd, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *block = g_malloc (BLOCK_BYTES);

  for (;;)
    {
      gssize n;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      n = read (fd, block, BLOCK_BYTES);
      if (n < 0 && errno != EINTR)
        {
          fail (path, errno, error);
          return NULL;
        }
      if (n == 0)
        return g_strdup (g_checksum_get_string (checksum));
      if (n > 0)
        g_checksum_update (checksum, block, n);
    }
}

char *
unclip_file_hash (const char *path, GCancellable *cancellable, GError **error)
{
  int              fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat      before, after;
  g_autofree char *cache_path = NULL;
  g_autofree char *hash = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (fd < 0 || fstat (fd, &before) != 0)
    {
      fail (path, errno, error);
    }
  else if (!S_ISREG (before.st_mode))
    {
      fail (path, EISDIR, error);
    }
  else
    {
      cache_path = dup_cache_path (&before);
      hash = load_cached (cache_path);
      if (!hash)
        {
          hash = hash_fd (fd, path, cancellable, error);
          if (hash && fstat (fd, &after) == 0 && after.st_mtim.tv_sec == before.st_mtim.tv_sec
              && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
              && g_get_real_time () / G_USEC_PER_SEC > before.st_mtim.tv_sec + RACY_SECONDS)
            store_cached (cache_path, hash);
        }
    }
  if (fd >= 0)
    close (fd);
  return g_steal_pointer (&hash);
}
