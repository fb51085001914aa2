/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of `unclip bench` share: rows of times, filled run by run, and how they are told. */

#pragma once

#include "cli.h"

G_BEGIN_DECLS

typedef struct _Bench Bench;

/**
 * bench_new:
 * @n_runs: measured runs, after one that is not
 */
Bench *bench_new           (Cli            *cli,
                            UnclipExecutor *executor,
                            guint           n_runs);
void   bench_free          (Bench          *bench);

/**
 * bench_add:
 * @seconds: one measurement of the row @label, which begins with the first one
 * @count: how often the thing was done in that time
 * @flop: in that time; 0 where nobody counts
 */
void   bench_add           (Bench          *bench,
                            const char     *label,
                            guint           count,
                            double          seconds,
                            guint64         flop);

/**
 * bench_program:
 * @title: of the row of the whole program
 *
 * Runs the program once, then n_runs times; adds a row for the whole and one for each kind of operation in it. The
 * executor's timers must have been on when it was compiled.
 */
gboolean bench_program     (Bench          *bench,
                            const char     *title,
                            UnclipProgram  *program,
                            GError        **error);

/**
 * bench_report:
 *
 * The table on stdout, or with --json the event "done" with its rows; then forgets the rows.
 */
void   bench_report        (Bench          *bench,
                            JsonBuilder    *done);

/**
 * bench_write_normals:
 *
 * Fills an input with normals, if the program has it.
 */
gboolean bench_write_normals (UnclipProgram *program,
                            const char     *name,
                            gsize           n,
                            GError        **error);

/* The parts. */
gboolean bench_ops         (Bench          *bench,
                            UnclipExecutor *executor,
                            GError        **error);
gboolean bench_net         (Bench          *bench,
                            UnclipStages   *stages,
                            const char     *name,
                            int             n,
                            GError        **error);
gboolean bench_picture     (Bench          *bench,
                            UnclipStages   *stages,
                            const char     *path,
                            int             n,
                            guint           n_runs,
                            GCancellable   *cancellable,
                            GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

G_END_DECLS
