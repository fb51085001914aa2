/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model opened on the device under test, for tests that make whole pictures. */

#pragma once

#include "unclip-evaluator.h"

/**
 * TestStages:
 * @sha256: (transfer none): of the model
 */
typedef struct
{
  UnclipStages    *stages;
  UnclipEvaluator *evaluator;
  const char      *sha256;
} TestStages;

/**
 * test_stages_open:
 * @path: a model's folder
 *
 * The executor is opened once a process. Where there is no device see test_device_get().
 *
 * Returns: %FALSE when the caller shall return at once
 */
gboolean    test_stages_open       (TestStages *self, const char *path);
void        test_stages_close      (TestStages *self);

/**
 * test_stages_add_source:
 * @path: of a picture, from the tests' folder on
 *
 * Returns: (transfer none): its hash, for recipes
 */
const char *test_stages_add_source (TestStages *self, const char *path);

/**
 * test_stages_run: runs the tests, and closes executor and device.
 */
int         test_stages_run        (void);
