/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Comparing tensors. A failure prints the shape, the worst element with both values, and where both arrays were saved. */

#pragma once

#include <glib.h>

#define TEST_MAX_DIMS 8

/**
 * TestShape:
 *
 * Row-major; n_dims 0 is not allowed.
 */
typedef struct
{
  guint  n_dims;
  gint64 dims[TEST_MAX_DIMS];
} TestShape;

#define TEST_SHAPE(...)                                                            \
  ((TestShape) { G_N_ELEMENTS (((gint64[]) { __VA_ARGS__ })), { __VA_ARGS__ } })

/**
 * test_compare_close:
 * @what: names the tensor in the message
 * @absolute: allowed difference, whatever the value
 * @relative: allowed difference as a part of the expected value's magnitude, added to @absolute
 *
 * Fails unless |found - expected| <= absolute + relative |expected| for every element. NaN never passes.
 */
void   test_compare_close      (const char  *what,
                                const float *found,
                                const float *expected,
                                TestShape    shape,
                                double       absolute,
                                double       relative);

/**
 * test_compare_normalised:
 * @limit: allowed error, such as 1e-5
 *
 * Fails unless |found - expected|₂ <= limit |expected|₂: for long sums, whose single elements may cancel to near 0.
 */
void   test_compare_normalised (const char  *what,
                                const float *found,
                                const float *expected,
                                TestShape    shape,
                                double       limit);

/**
 * test_compare_error:
 *
 * Returns: |found - expected|₂ / |expected|₂; infinity for NaN
 */
double test_compare_error      (const float *found,
                                const float *expected,
                                gsize        n);
