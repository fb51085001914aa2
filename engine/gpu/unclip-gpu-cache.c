/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files under $XDG_CACHE_HOME/fugue: a head of ours (magic, checksum), then the content.
 *
 * Drivers check their own part of a pipeline cache, but some trust it once its header fits, and
 * VkFFT trusts all of its string; so a file cut short by a full disk is caught here by the checksum
 * and ignored.
 */

#include "config.h"

#include "unclip-gpu-private.h"

#include <errno.h>
#include <string.h>

#define MAGIC_BYTES 8
#define CHECKSUM_BYTES 64        /* SHA-256 in hexadecimal */
#define HEAD_BYTES (MAGIC_BYTES + CHECKSUM_BYTES)

static char *
dup_path (const char *name)
{
  return g_build_filename (g_get_user_cache_dir (), "fugue", name, NULL);
}

guint8 *
unclip_gpu_cache_load (const char *name,
                       const char *magic,
                       gsize      *n_bytes)
{
  g_autofree char *path = dup_path (name);
  g_autofree char *content = NULL;
  g_autofree char *checksum = NULL;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, NULL) || length <= HEAD_BYTES
      || memcmp (content, magic, MAGIC_BYTES) != 0)
    return NULL;
  *n_bytes = length - HEAD_BYTES;
  checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) content + HEAD_BYTES,
                                          *n_bytes);
  if (memcmp (content + MAGIC_BYTES, checksum, CHECKSUM_BYTES) != 0)
    return NULL;
  return g_memdup2 (content + HEAD_BYTES, *n_bytes);
}

void
unclip_gpu_cache_save (const char *name,
                       const char *magic,
                       const void *data,
                       gsize       n_bytes)
{
  g_autofree char *path = dup_path (name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, n_bytes);
  g_autofree char *file = g_malloc (HEAD_BYTES + n_bytes);
  g_autoptr (GError) error = NULL;

  memcpy (file, magic, MAGIC_BYTES);
  memcpy (file + MAGIC_BYTES, checksum, CHECKSUM_BYTES);
  memcpy (file + HEAD_BYTES, data, n_bytes);
  if (g_mkdir_with_parents (folder, 0700) != 0
      || !g_file_set_contents_full (path, file, (gssize) (HEAD_BYTES + n_bytes),
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_info ("“%s” was not saved: %s", path, error ? error->message : g_strerror (errno));
}
