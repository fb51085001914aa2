/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The device under test, opened once a process.
 *
 *     static void
 *     test_something (void)
 *     {
 *       UnclipGpuDevice *device = test_device_get ();
 *
 *       if (device == NULL)
 *         return;
 *       …
 *     }
 *
 *     int
 *     main (int argc, char **argv)
 *     {
 *       g_test_init (&argc, &argv, NULL);
 *       g_test_add_func (…);
 *       return test_device_run ();
 *     }
 */

#pragma once

#include "unclip-gpu-device.h"

/**
 * test_device_get:
 *
 * Opens the device on the first call. Where there is none, the running test case is marked as skipped, or the program
 * fails if the environment has UNCLIP_GPU_TESTS=required (meson's -Dgpu_tests=required).
 *
 * Returns: (transfer none) (nullable): the device; %NULL when the caller shall return at once
 */
UnclipGpuDevice *test_device_get (void);

/**
 * test_device_run:
 *
 * Runs the tests, closes the device, and asserts that nobody still holds it.
 *
 * Returns: the exit status for main()
 */
int              test_device_run (void);

/**
 * test_device_isolate_cache:
 *
 * A cache folder of our own, made the process's before the device is opened. GLib's isolated directories would also hide the
 * drivers' manifests; the driver's own shader cache is turned off, so that it does not write there.
 *
 * Returns: (transfer full): for test_device_remove_cache(), after test_device_run()
 */
char            *test_device_isolate_cache (void);
void             test_device_remove_cache  (const char *folder);
