/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-error.h"

G_DEFINE_QUARK (unclip-error-quark, unclip_error)

const char *
unclip_error_get_nick (UnclipError code)
{
  static const char *const nicks[] = {
    [UNCLIP_ERROR_NO_DEVICE] = "no-device",
    [UNCLIP_ERROR_UNSUPPORTED_DEVICE] = "unsupported-device",
    [UNCLIP_ERROR_DEVICE_LOST] = "device-lost",
    [UNCLIP_ERROR_OUT_OF_MEMORY] = "out-of-memory",
    [UNCLIP_ERROR_MODEL_NOT_FOUND] = "model-not-found",
    [UNCLIP_ERROR_MODEL_FORMAT] = "model-format",
    [UNCLIP_ERROR_TENSOR_MISSING] = "tensor-missing",
    [UNCLIP_ERROR_SHAPE_MISMATCH] = "shape-mismatch",
    [UNCLIP_ERROR_IMAGE_FORMAT] = "image-format",
    [UNCLIP_ERROR_RECIPE] = "recipe",
    [UNCLIP_ERROR_ARGUMENT] = "argument",
    [UNCLIP_ERROR_BAD_RESULT] = "bad-result",
    [UNCLIP_ERROR_INTERNAL] = "internal",
  };

  g_return_val_if_fail ((guint) code < G_N_ELEMENTS (nicks), "internal");
  return nicks[code];
}
