/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the queue needs of engines: places for batches, and word of what becomes of them. FuguePoolRunner is the one over
 * FugueEnginePool; tests have one of their own.
 *
 * Each picture that was submitted ends in exactly one of finished, failed, cancelled and died.
 *
 * Thread: the main thread.
 */

#pragma once

#include "fugue-engine-pool.h"

G_BEGIN_DECLS

/**
 * FugueBatch:
 * @ids: (array length=n): unique among all that runs
 * @recipes: (array length=n)
 * @images: (element-type utf8 UnclipImage): the sources that the recipes name, by the hash of their pixels
 * @preview_every: steps; 0 for none
 * @on_processor: where no graphics card computes
 *
 * Borrowed during fugue_runner_submit().
 */
typedef struct
{
  const char *const   *ids;
  UnclipRecipe *const *recipes;
  guint                n;
  GHashTable          *images;
  guint                preview_every;
  gboolean             on_processor;
} FugueBatch;

#define FUGUE_TYPE_RUNNER (fugue_runner_get_type ())

/* Signals:
 *
 *     free ()                                                          a place for a batch may have become free
 *     progress (GStrv ids, const char *stage, guint step, guint steps, double seconds_left)
 *     preview (const char *id, const char *stage, guint step, guint steps, UnclipImage *image)
 *     finished (const char *id, UnclipImage *image, GVariant *figures)
 *     failed (const char *id, GError *error)
 *     cancelled (const char *id)
 *     died (GStrv ids, GError *error)                                  an engine ended with these on it
 *
 * as FugueEngine has them.
 */
G_DECLARE_INTERFACE (FugueRunner, fugue_runner, FUGUE, RUNNER, GObject)

struct _FugueRunnerInterface
{
  GTypeInterface g_iface;

  guint (*get_n_free) (FugueRunner       *runner,
                       gboolean           on_processor);
  void  (*submit)     (FugueRunner       *runner,
                       const FugueBatch  *batch);
  void  (*cancel)     (FugueRunner       *runner,
                       const char *const *ids);
  void  (*set_paused) (FugueRunner       *runner,
                       gboolean           is_paused);
};

/**
 * fugue_runner_get_n_free:
 * @on_processor: as of #FugueBatch; asked for, such a place is made, and told by "free" when it is there
 *
 * Returns: how many batches could start at once
 */
guint fugue_runner_get_n_free (FugueRunner       *runner,
                               gboolean           on_processor);
void  fugue_runner_submit     (FugueRunner       *runner,
                               const FugueBatch  *batch);
void  fugue_runner_cancel     (FugueRunner       *runner,
                               const char *const *ids);
void  fugue_runner_set_paused (FugueRunner       *runner,
                               gboolean           is_paused);

#define FUGUE_TYPE_POOL_RUNNER (fugue_pool_runner_get_type ())

G_DECLARE_FINAL_TYPE (FuguePoolRunner, fugue_pool_runner, FUGUE, POOL_RUNNER, GObject)

/**
 * fugue_pool_runner_new:
 * @pool: (transfer none): referenced; its source function is set
 *
 * One for all queues of the program.
 */
FuguePoolRunner *fugue_pool_runner_new (FugueEnginePool *pool);

G_END_DECLS
