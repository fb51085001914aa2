/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Seeded input: the same numbers for the same seed, on every machine. */

#pragma once

#include <glib.h>

/**
 * test_random_normal:
 * @seed: tells this tensor from the others of a test
 * @n: elements
 * @scale: standard deviation
 *
 * Returns: (transfer full) (array length=n): independent normals
 */
float   *test_random_normal  (guint64      seed,
                              gsize        n,
                              double       scale);

/**
 * test_random_uniform:
 *
 * Returns: (transfer full) (array length=n): independent values of [@low, @high)
 */
float   *test_random_uniform (guint64      seed,
                              gsize        n,
                              double       low,
                              double       high);

/**
 * test_random_to_half:
 * @values: (inout) (array length=n): rounded to binary16 in place, so that the scalar reference sees what the device sees
 *
 * Returns: (transfer full) (array length=n): the same values as binary16
 */
guint16 *test_random_to_half (float       *values,
                              gsize        n);
