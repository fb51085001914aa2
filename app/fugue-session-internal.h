/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the session share: fugue-session.c has the gallery, settings and queue, fugue-session-sources.c the sources,
 * fugue-session-load.c reads pixels when they are wanted, fugue-session-open.c reads the whole file at first. */

#pragma once

#include "fugue-session-private.h"
#include "fugue-store.h"

G_BEGIN_DECLS

struct _FugueSession
{
  GObject     parent_instance;

  FugueStore *store;                    /* %NULL when closed */
  char       *path;
  char       *notice;
  GError     *trouble;
  guint       n_unsaved;
  guint64     free_bytes;

  GListStore *pictures;
  GHashTable *pictures_by_id;           /* gint64 → FuguePicture */
  GQueue      recent[2];                /* of FuguePicture, referenced, by FuguePicturePart; the last asked for first */
  GHashTable *unsaved;                  /* FuguePicture → Finished, borrowed from the store */
  gint64      next_picture;
  gint64      next_job;

  GListStore *sources;                  /* in slots and tray */
  GPtrArray  *all_sources;              /* FugueSource */
  gint64      next_source;

  GPtrArray  *jobs;                     /* FugueStoredJob, as read */
  GPtrArray  *undo;                     /* FugueStoredStep, as read */
  GHashTable *settings;                 /* key → value */
  GHashTable *dirty_settings;           /* set of keys */
  guint       settings_timeout;
};

/**
 * fugue_session_execute:
 * @sql: @types: static; one letter a value, as fugue_store_run() has them. Whole numbers are gint64
 *
 * Puts a statement with its values on its way to the store.
 */
void         fugue_session_execute          (FugueSession      *session,
                                             const char        *sql,
                                             const char        *types,
                                             ...);

/* For fugue_store_write(): complains. */
void         fugue_session_statement_done   (gpointer           data,
                                             const GError      *error);

/* For fugue_store_start(). */
void         fugue_session_store_changed    (gpointer           owner);

/* Follows a picture, or a source, from now on. */
void         fugue_session_adopt_picture    (FugueSession      *session,
                                             FuguePicture      *picture);
void         fugue_session_adopt_source     (FugueSession      *session,
                                             FugueSource       *source);

/* Of those in one place the newest counts; each picture knows how many its batch has. */
void         fugue_session_update_places    (FugueSession      *session);
void         fugue_session_count_batches    (FugueSession      *session);

/* A value of a picture or a source was set: it is stored, and others are told. */
void         fugue_session_tell_edited      (GObject           *object,
                                             const char        *property,
                                             const GValue      *before,
                                             FugueSession      *session);

/* Puts a source into the list, or takes it out, as its slot says; writes its row. */
void         fugue_session_list_source      (FugueSession      *session,
                                             FugueSource       *source);
void         fugue_session_write_source     (FugueSession      *session,
                                             FugueSource       *source);

/**
 * fugue_session_new_thumbnail:
 *
 * Returns: (transfer full): the image itself if it is small enough
 */
UnclipImage *fugue_session_new_thumbnail    (UnclipImage       *image);

/**
 * fugue_session_encode:
 * @png: @thumbnail: @thumbnail_png: (inout): made where they are %NULL
 *
 * Thread: any.
 */
gboolean     fugue_session_encode           (UnclipImage       *image,
                                             GBytes           **png,
                                             UnclipImage      **thumbnail,
                                             GBytes           **thumbnail_png,
                                             GError           **error);

/* Loaders, see fugue_picture_set_loader(). */
void         fugue_session_load_part        (FuguePicture      *picture,
                                             FuguePicturePart   part,
                                             gpointer           owner);
void         fugue_session_load_source      (FugueSource       *source,
                                             gpointer           owner);

/* The most recent ones keep their pixels. */
void         fugue_session_keep_recent      (FugueSession      *session,
                                             FuguePicture      *picture,
                                             FuguePicturePart   part);
void         fugue_session_trim_sources     (FugueSession      *session);

/* Returns: (transfer full): that the session was closed */
GError      *fugue_session_new_closed_error (void);

G_END_DECLS
