/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of FugueEngine share: fugue-engine.c has what it shows and its jobs, fugue-engine-life.c its processes, one after the
 * other, fugue-engine-questions.c what may be asked of one that runs. */

#pragma once

#include "fugue-engine.h"
#include "fugue-process.h"
#include "unclip-engine-bus.h"

G_BEGIN_DECLS

struct _FugueEngine
{
  GObject            parent_instance;

  /* Set from outside. */
  char              *launcher;          /* NULL for the default one */
  FugueEngineLimits  limits;
  FugueSourceFunc    source_func;
  gpointer           source_data;
  FugueModelChoice   choice;            /* owned strings; to load, or loaded */
  FugueModelChoice   loaded_choice;     /* owned strings; the last one that could be loaded in this life */
  gboolean           is_wanted;         /* started, not stopped */
  gboolean           is_stopping;       /* the process ends since it was asked to */
  gboolean           is_paused;

  /* This life; NULL and 0 between two. */
  FugueProcess      *process;
  GCancellable      *life;
  GDBusConnection   *connection;
  UnclipEngineBus   *bus;
  char              *reason;            /* why it is being ended; NULL if it ended by itself, or was stopped */
  guint              start_source;
  guint              ping_source;
  gboolean           ping_is_out;
  gint64             ping_begin;        /* monotonic µs */
  gint64             begin;             /* monotonic µs */
  guint              load_number;       /* of the newest LoadModel */

  /* Jobs. */
  GPtrArray         *jobs;              /* of FugueJobState, in order of submission */
  GQueue             batches;           /* of Batch, that wait for the submission that is under way */
  gboolean           is_submitting;
  guint              cancelled_source;
  GPtrArray         *cancelled;         /* of FugueJobState that were never sent */

  /* Deaths. */
  gint64             last_death;        /* monotonic µs; 0 for none */
  guint              n_in_row;
  guint              restart_source;

  /* Shown. */
  FugueEngineState   state;
  GError            *error;
  FugueModelInfo    *model;
  GVariant          *devices;
  char              *device_name;
  char              *device_kind;
  char              *precision;
  guint64            memory_total;
  guint64            memory_used;
  double             loading;
};

/**
 * fugue_engine_get_bus:
 *
 * Returns: (transfer none) (nullable): the running process; %NULL if there is none
 */
UnclipEngineBus *fugue_engine_get_bus (FugueEngine *engine);

/* fugue-engine.c: what is shown */
void fugue_engine_set_state        (FugueEngine      *engine,
                                    FugueEngineState  state);

/**
 * fugue_engine_take_error:
 * @error: (transfer full) (nullable)
 */
void fugue_engine_take_error       (FugueEngine      *engine,
                                    GError           *error);

/**
 * fugue_engine_take_model:
 * @model: (transfer full) (nullable)
 */
void fugue_engine_take_model       (FugueEngine      *engine,
                                    FugueModelInfo   *model);
void fugue_engine_set_loading      (FugueEngine      *engine,
                                    double            loading);

/**
 * fugue_engine_update_state: the state of an engine that has a model
 */
void fugue_engine_update_state     (FugueEngine      *engine);

/**
 * fugue_engine_read_description:
 * @description: a{sv} of Describe
 */
void fugue_engine_read_description (FugueEngine      *engine,
                                    GVariant         *description);

/* fugue-engine.c: jobs */

/**
 * fugue_engine_hear: listens to what the process tells of loading and jobs
 */
void fugue_engine_hear             (FugueEngine      *engine);

/**
 * fugue_engine_drop_batches: forgets submissions that are under way
 */
void fugue_engine_drop_batches     (FugueEngine      *engine);

/**
 * fugue_engine_emit_died:
 *
 * Tells the jobs that were on it; those that nobody waits for are cancelled now, whether or not the engine had heard.
 */
void fugue_engine_emit_died        (FugueEngine      *engine,
                                    const GError     *error);

/* fugue-engine-life.c */
void fugue_engine_start_life       (FugueEngine      *engine);
void fugue_engine_load_model       (FugueEngine      *engine);

/**
 * fugue_engine_end_life:
 * @reason: (nullable): why it is being ended; %NULL if it ended by itself, or was stopped
 *
 * The rest follows when the process is gone.
 */
void fugue_engine_end_life         (FugueEngine      *engine,
                                    const char       *reason);

/**
 * fugue_engine_cut_off: nothing of this life is heard any more; the process may still be there
 */
void fugue_engine_cut_off          (FugueEngine      *engine);

G_END_DECLS
