/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An engine under test: what it tells is written down, and waited for. */

#pragma once

#include "fugue-engine.h"

typedef struct
{
  FugueEngine *engine;
  UnclipImage *source;
  char        *source_sha256;
  GHashTable  *finished;        /* id → UnclipImage */
  GHashTable  *failed;          /* id → GError */
  GHashTable  *cancelled;       /* set of ids */
  GPtrArray   *died;            /* ids, in the order told */
  guint        n_deaths;
  guint        n_progress;
  guint        n_previews;
  double       seconds_left;    /* last told */
  gint64       first_preview;   /* monotonic µs; 0 for none yet */
  GVariant    *figures;         /* of the last one finished */
} EngineFixture;

void          engine_fixture_open   (EngineFixture *fixture,
                                     const char    *launcher);
void          engine_fixture_close  (EngineFixture *fixture);

/**
 * engine_fixture_open_tiny: with a model of tests/golden, whose steps take a few milliseconds
 */
void          engine_fixture_open_tiny (EngineFixture *fixture,
                                     const char    *launcher);

/**
 * engine_fixture_wait:
 *
 * Runs the main loop until @condition holds; fails the test if it does not within two minutes.
 */
#define engine_fixture_wait(condition)                                        \
  G_STMT_START                                                                \
  {                                                                           \
    gint64 deadline_ = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;        \
    while (!(condition))                                                      \
      {                                                                       \
        engine_fixture_iterate ();                                            \
        if (g_get_monotonic_time () > deadline_)                              \
          g_error ("%s:%d: waited in vain for %s", __FILE__, __LINE__, #condition); \
      }                                                                       \
  }                                                                           \
  G_STMT_END

void          engine_fixture_iterate (void);
void          engine_fixture_wait_state (EngineFixture   *fixture,
                                      FugueEngineState state);

/**
 * engine_fixture_make_recipe:
 *
 * A variation of the source by the model of the engine, in @steps of the decoder and two of the upsampler.
 */
UnclipRecipe *engine_fixture_make_recipe (EngineFixture *fixture,
                                      guint          picture,
                                      guint          steps);

/**
 * engine_fixture_submit:
 *
 * Jobs "PREFIX0" … "PREFIX(n − 1)", with a preview at each step.
 */
void          engine_fixture_submit (EngineFixture *fixture,
                                     const char    *prefix,
                                     guint          n,
                                     guint          steps);
