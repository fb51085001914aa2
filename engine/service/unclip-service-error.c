/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-service-error.h"

#include "unclip-error.h"

#include <gio/gio.h>

#define CODE_FILE "file"

static const GDBusErrorEntry entries[] = {
  { UNCLIP_ERROR_NO_DEVICE, "io.github.fugue.Error.NoDevice" },
  { UNCLIP_ERROR_UNSUPPORTED_DEVICE, "io.github.fugue.Error.UnsupportedDevice" },
  { UNCLIP_ERROR_DEVICE_LOST, "io.github.fugue.Error.DeviceLost" },
  { UNCLIP_ERROR_OUT_OF_MEMORY, "io.github.fugue.Error.OutOfMemory" },
  { UNCLIP_ERROR_MODEL_NOT_FOUND, "io.github.fugue.Error.ModelNotFound" },
  { UNCLIP_ERROR_MODEL_FORMAT, "io.github.fugue.Error.ModelFormat" },
  { UNCLIP_ERROR_TENSOR_MISSING, "io.github.fugue.Error.TensorMissing" },
  { UNCLIP_ERROR_SHAPE_MISMATCH, "io.github.fugue.Error.ShapeMismatch" },
  { UNCLIP_ERROR_IMAGE_FORMAT, "io.github.fugue.Error.ImageFormat" },
  { UNCLIP_ERROR_RECIPE, "io.github.fugue.Error.Recipe" },
  { UNCLIP_ERROR_ARGUMENT, "io.github.fugue.Error.Argument" },
  { UNCLIP_ERROR_BAD_RESULT, "io.github.fugue.Error.BadResult" },
  { UNCLIP_ERROR_INTERNAL, "io.github.fugue.Error.Internal" },
};

void
unclip_service_error_register (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_dbus_error_register_error (UNCLIP_ERROR, entries[i].error_code, entries[i].dbus_error_name);
}

const char *
unclip_service_error_get_code (const GError *error)
{
  return error->domain == UNCLIP_ERROR ? unclip_error_get_nick ((UnclipError) error->code) : CODE_FILE;
}

GError *
unclip_service_error_new (const char *code, const char *message)
{
  if (g_str_equal (code, CODE_FILE))
    return g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_FAILED, message);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (g_str_equal (code, unclip_error_get_nick ((UnclipError) entries[i].error_code)))
      return g_error_new_literal (UNCLIP_ERROR, entries[i].error_code, message);
  return g_error_new_literal (UNCLIP_ERROR, UNCLIP_ERROR_INTERNAL, message);
}
