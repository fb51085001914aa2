/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Engines that do what the test says, when it says it. */

#pragma once

#include "fugue-runner.h"

G_BEGIN_DECLS

#define FAKE_TYPE_RUNNER (fake_runner_get_type ())

G_DECLARE_FINAL_TYPE (FakeRunner, fake_runner, FAKE, RUNNER, GObject)

FakeRunner   *fake_runner_new          (guint          n_places);
guint         fake_runner_get_n_batches (FakeRunner    *runner);

/* Turns the main loop until there are so many batches. */
void          fake_runner_wait_for     (FakeRunner    *runner,
                                        guint          n_batches);

gboolean      fake_runner_is_on_processor (FakeRunner *runner,
                                        guint          batch);

/* Pictures in a batch that runs. */
guint         fake_runner_get_n        (FakeRunner    *runner,
                                        guint          batch);
UnclipRecipe *fake_runner_get_recipe   (FakeRunner    *runner,
                                        guint          batch,
                                        guint          index);

/* Sources that came with the newest batch. */
guint         fake_runner_get_n_images (FakeRunner    *runner);
gboolean      fake_runner_is_paused    (FakeRunner    *runner);
guint         fake_runner_get_n_cancels (FakeRunner   *runner);

void          fake_runner_progress     (FakeRunner    *runner,
                                        guint          batch,
                                        const char    *stage,
                                        guint          step,
                                        double         seconds_left);
void          fake_runner_preview      (FakeRunner    *runner,
                                        guint          batch,
                                        guint          index,
                                        UnclipImage   *image);

/* One picture of a batch ends; a batch with none left is gone. */
void          fake_runner_finish       (FakeRunner    *runner,
                                        guint          batch,
                                        guint          index);
void          fake_runner_fail         (FakeRunner    *runner,
                                        guint          batch,
                                        guint          index,
                                        GError        *error);
void          fake_runner_finish_all   (FakeRunner    *runner,
                                        guint          batch);

/* Answers what was cancelled so far. */
void          fake_runner_let_go       (FakeRunner    *runner);
void          fake_runner_die          (FakeRunner    *runner,
                                        guint          batch);

G_END_DECLS
