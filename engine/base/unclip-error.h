/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's error domain.
 *
 * Every failure that the world can cause (a file, a model folder, a device, a number typed on the command line) comes
 * back as a GError of this domain, or of G_IO_ERROR / G_FILE_ERROR where GLib itself reported it. A cancelled
 * operation is always G_IO_ERROR_CANCELLED, never one of ours.
 *
 * Messages are one sentence that names the thing (file, tensor, shape, MiB) and, where there is one, the way out.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UnclipError:
 * @UNCLIP_ERROR_NO_DEVICE: no Vulkan device at all, or none of the name or index asked for
 * @UNCLIP_ERROR_UNSUPPORTED_DEVICE: a device that lacks something the engine cannot do without
 * @UNCLIP_ERROR_DEVICE_LOST: the driver gave up; this process must not use the device again
 * @UNCLIP_ERROR_OUT_OF_MEMORY: device or host memory; the message says how much was wanted
 * @UNCLIP_ERROR_MODEL_NOT_FOUND: no model folder there, or a component of it is missing
 * @UNCLIP_ERROR_MODEL_FORMAT: a model file that is truncated, contradictory or of a kind Fugue does not read
 * @UNCLIP_ERROR_TENSOR_MISSING: a weight that the network's config calls for is not in its file
 * @UNCLIP_ERROR_SHAPE_MISMATCH: a tensor has another shape than its place needs
 * @UNCLIP_ERROR_IMAGE_FORMAT: a picture that cannot be read, or is too large
 * @UNCLIP_ERROR_RECIPE: a recipe that is not one, or asks for the impossible
 * @UNCLIP_ERROR_ARGUMENT: a number or word given by a person that is out of range
 * @UNCLIP_ERROR_BAD_RESULT: the computation gave NaN, infinity or a flat picture
 * @UNCLIP_ERROR_INTERNAL: a driver call failed in a way that has no better name
 */
typedef enum
{
  UNCLIP_ERROR_NO_DEVICE,
  UNCLIP_ERROR_UNSUPPORTED_DEVICE,
  UNCLIP_ERROR_DEVICE_LOST,
  UNCLIP_ERROR_OUT_OF_MEMORY,
  UNCLIP_ERROR_MODEL_NOT_FOUND,
  UNCLIP_ERROR_MODEL_FORMAT,
  UNCLIP_ERROR_TENSOR_MISSING,
  UNCLIP_ERROR_SHAPE_MISMATCH,
  UNCLIP_ERROR_IMAGE_FORMAT,
  UNCLIP_ERROR_RECIPE,
  UNCLIP_ERROR_ARGUMENT,
  UNCLIP_ERROR_BAD_RESULT,
  UNCLIP_ERROR_INTERNAL,
} UnclipError;

#define UNCLIP_ERROR (unclip_error_quark ())

GQuark unclip_error_quark (void);

/**
 * unclip_error_get_nick:
 * @code: a value of #UnclipError
 *
 * The code's name as it stands in `--json` events and on the wire, such as "no-device". Never changes once released.
 *
 * Thread: any.
 *
 * Returns: (transfer none): a static string
 */
const char *unclip_error_get_nick (UnclipError code);

G_END_DECLS
