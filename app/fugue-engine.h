/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One engine process: started by a launcher command line, watched, spoken to, and started again when it dies.
 *
 * A launcher is any command that ends up as `unclip serve` on the other side of its standard input and output: the program
 * itself, `ssh HOST unclip serve`, `srun --gres=gpu:1 unclip serve`. An engine that dies, hangs or prints something else
 * takes no work with it: its jobs are named by #FugueEngine::died, and it is started again after a moment. The second death
 * within a minute is one too many: then the engine is GIVEN_UP with a message that says what to do, until
 * fugue_engine_retry().
 *
 * An engine keeps nothing, so model and sources are given to each new process again: the model by what
 * fugue_engine_set_model() said, sources by the function of fugue_engine_set_source_func().
 *
 * Thread: the main thread, always. Nothing here waits.
 */

#pragma once

#include "fugue-model-info.h"
#include "unclip-image.h"
#include "unclip-recipe.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FugueEngineState:
 * @FUGUE_ENGINE_DEAD: there is no process: not started yet, stopped, or about to be started again
 * @FUGUE_ENGINE_STARTING: waiting for the process to answer
 * @FUGUE_ENGINE_LOADING: the model is being loaded; the property "loading" tells how far
 * @FUGUE_ENGINE_READY: has a model and nothing to do
 * @FUGUE_ENGINE_BUSY: has jobs
 * @FUGUE_ENGINE_PAUSED: holds; has jobs or has none
 * @FUGUE_ENGINE_NO_MODEL: lives, but the model could not be loaded; "error" says why. fugue_engine_set_model() goes on
 * @FUGUE_ENGINE_GIVEN_UP: died twice within a minute, or could not be started; "error" says why. fugue_engine_retry() goes on
 */
typedef enum
{
  FUGUE_ENGINE_DEAD,
  FUGUE_ENGINE_STARTING,
  FUGUE_ENGINE_LOADING,
  FUGUE_ENGINE_READY,
  FUGUE_ENGINE_BUSY,
  FUGUE_ENGINE_PAUSED,
  FUGUE_ENGINE_NO_MODEL,
  FUGUE_ENGINE_GIVEN_UP,
} FugueEngineState;

#define FUGUE_TYPE_ENGINE_STATE (fugue_engine_state_get_type ())
GType fugue_engine_state_get_type (void);

#define FUGUE_TYPE_ENGINE (fugue_engine_get_type ())

/* Properties, all read-only and notified: "launcher" (string), "state", "error" (boxed GError, %NULL when all is well),
 * "device-name", "device-kind", "precision" (strings, "" before a model is loaded), "memory-total", "memory-used" (uint64,
 * bytes), "loading" (double, 0 … 1), "model" (boxed FugueModelInfo, %NULL before there is one), "n-jobs" (uint).
 *
 * Signals, each with the engine first:
 *
 *     progress   (GStrv ids, const char *stage, guint step, guint steps, double seconds_left)   −1 while unknown
 *     preview    (const char *id, const char *stage, guint step, guint steps, UnclipImage *image)
 *     finished   (const char *id, UnclipImage *image, GVariant *figures)      a{sv}, see io.github.fugue.Engine1.xml
 *     failed     (const char *id, GError *error)
 *     cancelled  (const char *id)
 *     died       (GStrv ids, GError *error)      the jobs that were on it, in order of submission; maybe none
 *
 * Each job that was submitted ends in exactly one of finished, failed, cancelled and died. "error" of failed has the domain
 * UNCLIP_ERROR (G_FILE_ERROR for trouble with files), or is %FUGUE_ERROR_SOURCE; that of died is %FUGUE_ERROR_ENGINE.
 */
G_DECLARE_FINAL_TYPE (FugueEngine, fugue_engine, FUGUE, ENGINE, GObject)

/**
 * FugueEngineJob:
 * @id: the caller's; unique among the jobs of all engines
 */
typedef struct
{
  const char   *id;
  UnclipRecipe *recipe;
} FugueEngineJob;

/**
 * FugueSourceFunc:
 *
 * Returns: (transfer full) (nullable): the picture whose pixels have this hash; %NULL if there is none (any more)
 */
typedef UnclipImage *(*FugueSourceFunc) (const char *sha256,
                                         gpointer    user_data);

/**
 * FugueEngineLimits:
 * @start_ms: from start to first answer; default 30 s, for launchers other than the default 300 s, since a cluster may let one wait
 * @ping_ms: between signs of life; default 5 s
 * @silence_ms: until one counts as missing; default 30 s, since an engine stands back behind whatever else the machine does
 * @step_ms: without a step of a run, after which the device counts as hung; default 20 min, since one step may be long
 * @restart_ms: wait before a restart, twice as long for each death in a row (a life of ten minutes ends the row), 30 s at
 *   the most; default 500 ms
 * @memory_of_death_ms: two deaths within this are one too many; default 60 s
 *
 * For tests; 0 leaves a default.
 */
typedef struct
{
  guint start_ms;
  guint ping_ms;
  guint silence_ms;
  guint step_ms;
  guint restart_ms;
  guint memory_of_death_ms;
} FugueEngineLimits;

/**
 * fugue_engine_new:
 * @launcher: (nullable): a command line, split as a shell would but run without one; %NULL for the `unclip` that belongs to this
 *   program: $FUGUE_UNCLIP, else beside the running program, in the build tree, or in $PATH; with the argument "serve"
 *
 * Starts nothing yet.
 *
 * Returns: (transfer full)
 */
FugueEngine          *fugue_engine_new              (const char              *launcher);
void                  fugue_engine_set_limits       (FugueEngine             *engine,
                                                     const FugueEngineLimits *limits);
void                  fugue_engine_set_source_func  (FugueEngine             *engine,
                                                     FugueSourceFunc          func,
                                                     gpointer                 user_data);

/**
 * fugue_engine_set_model:
 * @choice: copied
 *
 * What to load; at once if the engine is running (jobs that it has are done first), and in each process started later.
 * The default is the default model. If it can't be loaded while another one is, "error" says why and the other one
 * stays, here too.
 */
void                  fugue_engine_set_model        (FugueEngine             *engine,
                                                     const FugueModelChoice  *choice);

/**
 * fugue_engine_start: fugue_engine_stop: fugue_engine_retry:
 *
 * Stopping ends the process; jobs on it end in #FugueEngine::died. Dropping the last reference stops it too. Retry starts an engine
 * that was given up or has no model, and forgets earlier deaths.
 */
void                  fugue_engine_start            (FugueEngine             *engine);
void                  fugue_engine_stop             (FugueEngine             *engine);
void                  fugue_engine_retry            (FugueEngine             *engine);

const char           *fugue_engine_get_launcher     (FugueEngine             *engine);

/**
 * fugue_engine_is_default:
 *
 * Whether it is started from the `unclip` that belongs to this program, on this computer.
 */
gboolean              fugue_engine_is_default       (FugueEngine             *engine);
FugueEngineState      fugue_engine_get_state        (FugueEngine             *engine);

/**
 * fugue_engine_get_error:
 *
 * Returns: (transfer none) (nullable): why it is DEAD, GIVEN_UP or has NO_MODEL
 */
const GError         *fugue_engine_get_error        (FugueEngine             *engine);

/**
 * fugue_engine_get_model:
 *
 * Returns: (transfer none) (nullable): what is loaded
 */
FugueModelInfo       *fugue_engine_get_model        (FugueEngine             *engine);

/**
 * fugue_engine_dup_devices:
 *
 * Returns: (transfer full) (nullable): aa{sv} of all devices, as Describe gives them
 */
GVariant             *fugue_engine_dup_devices      (FugueEngine             *engine);

/**
 * fugue_engine_dup_jobs:
 *
 * Returns: (transfer full): the names of all jobs that have no result yet, in order of submission
 */
char                **fugue_engine_dup_jobs         (FugueEngine             *engine);

/**
 * fugue_engine_get_pid:
 *
 * Returns: (nullable): of the launcher's process, for tests
 */
const char           *fugue_engine_get_pid          (FugueEngine             *engine);

/**
 * FugueSubmitOptions:
 * @preview_every: steps from preview to preview; 0 for none
 * @max_batch: pictures made together at the most; 0 for the engine's own choice (8)
 */
typedef struct
{
  guint preview_every;
  guint max_batch;
} FugueSubmitOptions;

/**
 * fugue_engine_submit:
 * @jobs: (array length=n): copied
 *
 * Gives jobs to an engine that is READY, BUSY or PAUSED; puts the sources that it lacks first. The jobs are the engine's from
 * now on: whatever goes wrong is told by the signals, never before this returns.
 */
void                  fugue_engine_submit           (FugueEngine              *engine,
                                                     const FugueEngineJob     *jobs,
                                                     guint                     n,
                                                     const FugueSubmitOptions *options);

/**
 * fugue_engine_cancel:
 *
 * The jobs of these names end in #FugueEngine::cancelled soon, unless they ended otherwise on the way. Unknown names
 * are no mistake.
 */
void                  fugue_engine_cancel           (FugueEngine             *engine,
                                                     const char *const       *ids);

/**
 * fugue_engine_set_paused:
 *
 * Holds runs at their next step, or goes on. Kept over restarts.
 */
void                  fugue_engine_set_paused       (FugueEngine             *engine,
                                                     gboolean                 paused);
gboolean              fugue_engine_is_paused        (FugueEngine             *engine);

/**
 * fugue_engine_can_take_jobs:
 *
 * Whether the engine is READY and has none.
 */
gboolean              fugue_engine_can_take_jobs    (FugueEngine             *engine);

/**
 * fugue_engine_find_models_async:
 * @folders: (array zero-terminated=1): to look in besides the Hugging Face cache; on the engine's machine
 *
 * fugue_engine_find_models_finish() returns (transfer full) (element-type FugueFoundModel).
 *
 * Errors: %FUGUE_ERROR_ENGINE if the engine is not running or dies.
 */
void                  fugue_engine_find_models_async  (FugueEngine           *engine,
                                                       const char *const     *folders,
                                                       GCancellable          *cancellable,
                                                       GAsyncReadyCallback    callback,
                                                       gpointer               user_data);
GPtrArray            *fugue_engine_find_models_finish (FugueEngine           *engine,
                                                       GAsyncResult          *result,
                                                       GError               **error);

/**
 * fugue_engine_count_tokens_async:
 *
 * How many tokens the model makes of a text, how many it reads at the most, and how many bytes of the text it then reads.
 *
 * Errors: as fugue_engine_find_models_async(); those of the engine if its model has no text tower.
 */
void                  fugue_engine_count_tokens_async  (FugueEngine          *engine,
                                                        const char           *text,
                                                        GCancellable         *cancellable,
                                                        GAsyncReadyCallback   callback,
                                                        gpointer              user_data);
gboolean              fugue_engine_count_tokens_finish (FugueEngine          *engine,
                                                        GAsyncResult         *result,
                                                        guint                *tokens,
                                                        guint                *limit,
                                                        guint                *kept_bytes,
                                                        GError              **error);

G_END_DECLS
