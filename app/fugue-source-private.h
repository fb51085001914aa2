/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the session may do to a source. */

#pragma once

#include "fugue-source.h"

G_BEGIN_DECLS

/**
 * FugueSourceFacts:
 *
 * What is stored of a source, pixels apart. Strings are borrowed.
 */
typedef struct
{
  gint64      id;
  FugueSlot   slot;
  const char *name;
  const char *sha256;
  guint       width;
  guint       height;
  gint64      picture;
  const char *crop;
  gboolean    is_locked;
  gboolean    is_muted;
} FugueSourceFacts;

/* Begins to read the pixels; ends with fugue_source_take_image(). */
typedef void (*FugueSourceLoader) (FugueSource *source,
                                   gpointer     owner);

FugueSource *fugue_source_new            (const FugueSourceFacts *facts);
void         fugue_source_get_facts      (FugueSource            *source,
                                          FugueSourceFacts       *facts,
                                          char                  **crop);
void         fugue_source_set_loader     (FugueSource            *source,
                                          FugueSourceLoader       loader,
                                          gpointer                owner);

/**
 * fugue_source_dup_owner:
 *
 * Returns: (transfer full) (nullable): the session that it belongs to, while there is one
 */
gpointer     fugue_source_dup_owner      (FugueSource            *source);
void         fugue_source_take_image     (FugueSource            *source,
                                          UnclipImage            *image);
void         fugue_source_take_thumbnail (FugueSource            *source,
                                          UnclipImage            *image);

/* Emits "edited" too. */
void         fugue_source_set_slot       (FugueSource            *source,
                                          FugueSlot               slot);

G_END_DECLS
