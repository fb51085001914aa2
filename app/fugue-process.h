/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A child process by a launcher command line, with a pipe to speak over, and an end that is told in words.
 *
 * The child leads a session of its own: a launcher's children end with it, a terminal's Ctrl+C stays with the window,
 * and an ssh that wants a password asks by SSH_ASKPASS instead of a terminal that nobody sees.
 *
 * Thread: the main thread.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _FugueProcess FugueProcess;

/**
 * FugueProcessFunc:
 * @words: how it ended, such as "It was ended by signal 9 (Killed).", and what it last said on its standard error
 * @is_killed: whether fugue_process_end() had to send it a signal
 *
 * Called once, unless the process is freed first. May free it.
 */
typedef void (*FugueProcessFunc) (FugueProcess *process,
                                  const char   *words,
                                  gboolean      is_killed,
                                  gpointer      user_data);

/**
 * fugue_process_start:
 * @launcher: (nullable): as for fugue_engine_new()
 *
 * Errors: %FUGUE_ERROR_ENGINE if the launcher can't be read or run.
 *
 * Returns: (transfer full)
 */
FugueProcess *fugue_process_start      (const char       *launcher,
                                        FugueProcessFunc  func,
                                        gpointer          user_data,
                                        GError          **error);

/**
 * fugue_process_free:
 *
 * Asks the process and its children to end (SIGTERM) if they have not. Nobody is told.
 */
void          fugue_process_free       (FugueProcess     *process);

/**
 * fugue_process_get_stream:
 *
 * Returns: (transfer none): its standard output and input. Until fugue_process_trust() no more than a few thousand bytes
 *   can be read.
 */
GIOStream    *fugue_process_get_stream (FugueProcess     *process);
void          fugue_process_trust      (FugueProcess     *process);

/**
 * fugue_process_get_pid:
 *
 * Returns: (nullable): %NULL when it has ended
 */
const char   *fugue_process_get_pid    (FugueProcess     *process);

/**
 * fugue_process_end:
 * @ask: by SIGTERM, now; else it is expected to end by itself, since its pipe is closed
 * @patience_ms: until what is left of it and its children gets SIGKILL
 */
void          fugue_process_end        (FugueProcess     *process,
                                        gboolean          ask,
                                        guint             patience_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FugueProcess, fugue_process_free)

G_END_DECLS
