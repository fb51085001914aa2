/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several engines, each with its own launcher, behind one door. A GListModel of FugueEngine.
 *
 * The pool does not keep jobs: a queue asks for a free engine, submits to it, and listens here, where the signals of all
 * engines arrive with the engine as the first argument after the pool:
 *
 *     progress, preview, finished, failed, cancelled, died     as of FugueEngine
 *     engine-free (FugueEngine *engine)                        it can take jobs now; or it is the one on the processor, and never will
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-engine.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_ENGINE_POOL (fugue_engine_pool_get_type ())

G_DECLARE_FINAL_TYPE (FugueEnginePool, fugue_engine_pool, FUGUE, ENGINE_POOL, GObject)

/**
 * fugue_engine_pool_new:
 *
 * Returns: (transfer full): a pool of one default engine, not started
 */
FugueEnginePool *fugue_engine_pool_new             (void);

/**
 * fugue_engine_pool_set_launchers:
 * @launchers: (nullable) (array zero-terminated=1): one for each engine; "" is the default one; %NULL or none at all means one
 *   default engine
 *
 * Engines whose launcher stays, stay; others are stopped (their jobs end in died), new ones made and, if the pool was
 * started, started.
 */
void             fugue_engine_pool_set_launchers   (FugueEnginePool        *pool,
                                                    const char *const      *launchers);

/* What follows is done to each engine, now and later; see fugue-engine.h. */
void             fugue_engine_pool_set_source_func (FugueEnginePool        *pool,
                                                    FugueSourceFunc         func,
                                                    gpointer                user_data);
void             fugue_engine_pool_set_model       (FugueEnginePool        *pool,
                                                    const FugueModelChoice *choice);
void             fugue_engine_pool_start           (FugueEnginePool        *pool);
void             fugue_engine_pool_stop            (FugueEnginePool        *pool);
void             fugue_engine_pool_retry           (FugueEnginePool        *pool);
void             fugue_engine_pool_set_paused      (FugueEnginePool        *pool,
                                                    gboolean                paused);
void             fugue_engine_pool_cancel          (FugueEnginePool        *pool,
                                                    const char *const      *ids);

/**
 * fugue_engine_pool_get_processor:
 *
 * An engine of this computer that works on the processor, whatever device and launcher the others have: for pictures that failed
 * there. It is not in the list, but its signals arrive like theirs. Started now if it was not; it ends after a minute without
 * jobs.
 *
 * Returns: (transfer none)
 */
FugueEngine     *fugue_engine_pool_get_processor   (FugueEnginePool        *pool);

/**
 * fugue_engine_pool_end_processor: stops that engine, if there is one; its jobs end in died
 */
void             fugue_engine_pool_end_processor   (FugueEnginePool        *pool);

/**
 * fugue_engine_pool_get_free:
 *
 * Returns: (transfer none) (nullable): an engine that can take jobs
 */
FugueEngine     *fugue_engine_pool_get_free        (FugueEnginePool        *pool);

/**
 * fugue_engine_pool_get_main:
 *
 * The engine whose device and model the window shows: the first that has a model, else the first.
 *
 * Returns: (transfer none)
 */
FugueEngine     *fugue_engine_pool_get_main        (FugueEnginePool        *pool);

G_END_DECLS
