/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of networks share: the executors under test, and the golden fixtures. */

#pragma once

#include "unclip-executor.h"
#include "unclip-safetensors.h"

/**
 * TestNetsExecutor:
 * @name: as it stands in test paths
 * @tolerance: allowed max |found − expected| / max |expected| of a tensor. Fixtures were computed
 * in f32 with the same weights: what remains is the order of sums, amplified through the layers;
 * with f16 storage, its rounding.
 */
typedef struct
{
  const char *name;
  double      tolerance;
} TestNetsExecutor;

#define TEST_NETS_N_EXECUTORS 3

extern const TestNetsExecutor test_nets_executors[TEST_NETS_N_EXECUTORS];

/**
 * test_nets_get_executor:
 * @i: index into test_nets_executors
 *
 * Opens the executor on first use. Where there is no device, the running test case is marked as
 * skipped, or the program fails if the environment has UNCLIP_GPU_TESTS=required.
 *
 * Returns: (transfer none) (nullable): %NULL when the caller shall return at once
 */
UnclipExecutor *test_nets_get_executor (guint        i);

/**
 * test_nets_dup_folder:
 *
 * Returns: (transfer full): the fixture folder tests/golden/nets/NAME, or tests/golden/nets for
 * %NULL
 */
char           *test_nets_dup_folder   (const char  *name);

/**
 * test_nets_dup_values:
 * @name: of a tensor that must be in the file
 *
 * Returns: (transfer full): all its values
 */
float          *test_nets_dup_values   (UnclipSafetensors *file,
                                        const char  *name);

/**
 * test_nets_write_input: gives the program's input the values of the file's tensor "in.NAME".
 */
void            test_nets_write_input  (UnclipProgram     *program,
                                        const char        *name,
                                        UnclipSafetensors *file);

/**
 * test_nets_get_error:
 *
 * Returns: max |found − expected| / max |expected|; infinity where found is not finite
 */
double          test_nets_get_error    (const float *found,
                                        const float *expected,
                                        gsize        n);

/**
 * test_nets_run: runs the tests and closes the executors.
 */
int             test_nets_run          (void);
