/* SPDX-License-Identifier: GPL-3.0-or-later */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* renameat2 */
#endif

#include "config.h"

#include "unclip-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longest NAME in NAME-VERB-SEED-N.png, in bytes: leaves room for the rest in the 255 that file systems give. */
#define MAX_NAME_BYTES 60

#define MIB (1024.0 * 1024.0)

static void
set_error_from_errno (GError **error, int number, const char *format, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *sentence = g_strdup_printf (format, name);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", sentence, g_strerror (number));
}

static gboolean
read_all (int fd, guint8 *bytes, gsize n)
{
  while (n > 0)
    {
      ssize_t got = read (fd, bytes, n);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return FALSE;
      if (got == 0)
        {
          errno = EIO;                  /* became shorter as we read */
          return FALSE;
        }
      bytes += got;
      n -= (gsize) got;
    }
  return TRUE;
}

static gboolean
check_readable (const char *path, const GStatBuf *status, gsize max_bytes, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  if (S_ISDIR (status->st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "“%s” is a folder, not a file", name);
      return FALSE;
    }
  if (!S_ISREG (status->st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "“%s” is a device or a pipe, not a file", name);
      return FALSE;
    }
  if ((guint64) status->st_size > max_bytes)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "“%s” is %.0f MiB large, more than the %.0f MiB allowed",
                   name, status->st_size / MIB, max_bytes / MIB);
      return FALSE;
    }
  return TRUE;
}

GBytes *
unclip_file_read (const char *path, gsize max_bytes, GError **error)
{
  GStatBuf           status;
  g_autofree guint8 *bytes = NULL;
  gboolean           is_read;
  int                fd, number;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_stat (path, &status) != 0)
    {
      set_error_from_errno (error, errno, "“%s” cannot be opened", path);
      return NULL;
    }
  if (!check_readable (path, &status, max_bytes, error))
    return NULL;

  fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0)
    {
      set_error_from_errno (error, errno, "“%s” cannot be opened", path);
      return NULL;
    }
  bytes = g_try_malloc (MAX ((gsize) status.st_size, 1));
  errno = ENOMEM;
  is_read = bytes != NULL && read_all (fd, bytes, (gsize) status.st_size);
  number = errno;
  close (fd);
  if (!is_read)
    {
      set_error_from_errno (error, number, "“%s” cannot be read", path);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), (gsize) status.st_size);
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize n)
{
  while (n > 0)
    {
      ssize_t written = write (fd, bytes, n);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      bytes += written;
      n -= (gsize) written;
    }
  return TRUE;
}

/* The contents under a passing name in @folder, safely on the disk; %NULL with errno set, and then nothing is left. */
static char *
write_temporary (const char *folder, GBytes *contents)
{
  g_autofree char *path = g_build_filename (folder, ".fugue-XXXXXX", NULL);
  gsize            n;
  const guint8    *bytes = g_bytes_get_data (contents, &n);
  int              fd = g_mkstemp_full (path, O_WRONLY | O_CLOEXEC, 0666);
  gboolean         is_written;
  int              number;

  if (fd < 0)
    return NULL;

  is_written = write_all (fd, bytes, n) && fsync (fd) == 0;
  number = errno;
  if (close (fd) != 0 && is_written)
    {
      is_written = FALSE;
      number = errno;
    }
  if (is_written)
    return g_steal_pointer (&path);

  g_unlink (path);
  errno = number;
  return NULL;
}

/* Gives the file its name unless another has it (EEXIST). The hard link is for file systems whose rename cannot be told
 * to keep its hands off; the last resort, for those without hard links as well, leaves a moment's race. */
static gboolean
rename_new (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;

  if (link (from, to) == 0)
    {
      g_unlink (from);
      return TRUE;
    }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
    return FALSE;

  if (g_access (to, F_OK) == 0)
    {
      errno = EEXIST;
      return FALSE;
    }
  return g_rename (from, to) == 0;
}

/* So that the name itself outlives a power cut; a file system that cannot do it has nothing better to offer. */
static void
sync_folder (const char *folder)
{
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  (void) fsync (fd);
  close (fd);
}

gboolean
unclip_file_write_new (const char *path, GBytes *contents, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *temporary = write_temporary (folder, contents);

  if (temporary == NULL)
    {
      set_error_from_errno (error, errno, "“%s” cannot be written", path);
      return FALSE;
    }
  if (!rename_new (temporary, path))
    {
      set_error_from_errno (error, errno, "“%s” cannot be written", path);
      g_unlink (temporary);
      return FALSE;
    }
  sync_folder (folder);
  return TRUE;
}

char *
unclip_file_write_numbered (const char  *folder,
                            const char  *stem,
                            const char  *suffix,
                            guint        first,
                            GBytes      *contents,
                            GError     **error)
{
  g_autofree char *temporary = write_temporary (folder, contents);
  g_autofree char *path = NULL;
  guint            next = first;

  if (temporary == NULL)
    {
      int              number = errno;
      g_autofree char *name = g_strdup_printf ("%s-%u%s", stem, first, suffix);
      g_autofree char *wanted = g_build_filename (folder, name, NULL);

      set_error_from_errno (error, number, "“%s” cannot be written", wanted);
      return NULL;
    }
  do
    {
      g_autofree char *name = g_strdup_printf ("%s-%u%s", stem, next++, suffix);

      g_free (path);
      path = g_build_filename (folder, name, NULL);
      if (rename_new (temporary, path))
        {
          sync_folder (folder);
          return g_steal_pointer (&path);
        }
    }
  while (errno == EEXIST && next != 0);

  set_error_from_errno (error, errno, "“%s” cannot be written", path);
  g_unlink (temporary);
  return NULL;
}

char *
unclip_file_dup_stem (const char *name, const char *verb, guint64 seed)
{
  g_autofree char    *valid = g_utf8_make_valid (name, -1);
  g_autoptr (GString) clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_gap = g_unichar_isspace (c) || strchr ("-./\\:*?\"<>|", (int) MIN (c, 127)) != NULL;

      if (!is_gap && !g_unichar_isprint (c))
        continue;
      if (is_gap && (clean->len == 0 || clean->str[clean->len - 1] == '-'))
        continue;
      if (clean->len + (gsize) g_unichar_to_utf8 (c, NULL) > MAX_NAME_BYTES)
        break;
      g_string_append_unichar (clean, is_gap ? '-' : c);
    }
  while (clean->len > 0 && clean->str[clean->len - 1] == '-')
    g_string_truncate (clean, clean->len - 1);
  return g_strdup_printf ("%s-%s-%" G_GUINT64_FORMAT, clean->len > 0 ? clean->str : "picture", verb, seed);
}

char *
unclip_file_dup_name (const char *path)
{
  char *name = g_filename_display_basename (path);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot != name)
    *dot = '\0';
  return name;
}
