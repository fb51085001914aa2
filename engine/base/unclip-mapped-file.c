/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-mapped-file.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Mappings that are watched at one time; a model has one a component, or one a shard. Those beyond are not watched. */
#define MAX_WATCHED 256

struct _UnclipMappedFile
{
  char  *contents;      /* NULL for an empty file */
  gsize  length;
  gint   is_cut;        /* atomic; set by the handler */
};

/* The handler reads this without a lock: pointers appear when their file is complete, and go before it is freed. */
static UnclipMappedFile *watched[MAX_WATCHED];
static struct sigaction  previous;
static gsize             page_bytes;

/* Puts zeros from the page of the fault to the end of its mapping. Reading goes on where it stopped. */
static gboolean
patch (UnclipMappedFile *file, const char *address)
{
  char *page = file->contents + (gsize) (address - file->contents) / page_bytes * page_bytes;
  gsize n_left = (gsize) (file->contents + file->length - page);

  g_atomic_int_set (&file->is_cut, TRUE);
  return mmap (page, n_left, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void
on_bus_error (int number, siginfo_t *info, void *context)
{
  const char *address = info->si_addr;
  int         saved_errno = errno;

  for (guint i = 0; i < MAX_WATCHED; i++)
    {
      UnclipMappedFile *file = g_atomic_pointer_get (&watched[i]);

      if (file != NULL && address >= file->contents && address < file->contents + file->length && patch (file, address))
        {
          errno = saved_errno;
          return;
        }
    }
  /* Not ours: the fault comes again, and goes to whoever was there before. */
  sigaction (SIGBUS, &previous, NULL);
}

static void
install_handler (void)
{
  static gsize     is_installed;
  struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

  if (!g_once_init_enter (&is_installed))
    return;
  page_bytes = (gsize) sysconf (_SC_PAGESIZE);
  sigemptyset (&action.sa_mask);
  sigaction (SIGBUS, &action, &previous);
  g_once_init_leave (&is_installed, 1);
}

static void
watch (UnclipMappedFile *file)
{
  for (guint i = 0; i < MAX_WATCHED; i++)
    if (g_atomic_pointer_compare_and_exchange (&watched[i], NULL, file))
      return;
}

static void
forget (UnclipMappedFile *file)
{
  for (guint i = 0; i < MAX_WATCHED; i++)
    if (g_atomic_pointer_compare_and_exchange (&watched[i], file, NULL))
      return;
}

UnclipMappedFile *
unclip_mapped_file_new (int fd, GError **error)
{
  g_autoptr (UnclipMappedFile) file = g_new0 (UnclipMappedFile, 1);
  struct stat                  info;
  void                        *contents = NULL;

  install_handler ();
  if (fstat (fd, &info) != 0
      || (info.st_size > 0 && (contents = mmap (NULL, (gsize) info.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED))
    {
      int saved_errno = errno;

      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), g_strerror (saved_errno));
      return NULL;
    }
  file->contents = contents;
  file->length = (gsize) info.st_size;
  if (contents != NULL)
    watch (file);
  return g_steal_pointer (&file);
}

void
unclip_mapped_file_free (UnclipMappedFile *file)
{
  if (file == NULL)
    return;
  if (file->contents != NULL)
    {
      forget (file);
      munmap (file->contents, file->length);
    }
  g_free (file);
}

const char *
unclip_mapped_file_get_contents (UnclipMappedFile *file, gsize *length)
{
  *length = file->length;
  return file->contents;
}

gboolean
unclip_mapped_file_is_whole (UnclipMappedFile *file)
{
  return !g_atomic_int_get (&file->is_cut);
}
