/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-recorder.h"

#include "unclip-error.h"
#include "unclip-recorder-private.h"

#include <string.h>

const UnclipGpuLimits *
unclip_recorder_get_limits (UnclipRecorder *recorder)
{
  return unclip_gpu_device_get_limits (recorder->device);
}

gboolean
unclip_recorder_prefers_shared (UnclipRecorder *recorder)
{
  return recorder->prefers_shared;
}

gboolean
unclip_recorder_stores_f16 (UnclipRecorder *recorder, UnclipTensor *root)
{
  return recorder->use_f16 && root->kind == UNCLIP_TENSOR_ACTIVATION && !root->keep_f32;
}

gsize
unclip_recorder_get_tensor_bytes (UnclipRecorder *recorder, UnclipTensor *root)
{
  gsize n_rows = (gsize) unclip_shape_get_n_rows (root->shape);

  if (root->dtype == UNCLIP_DTYPE_I32)
    return n_rows * 4;
  return n_rows * (gsize) unclip_div_up (root->shape.c, 4) * (unclip_recorder_stores_f16 (recorder, root) ? 8 : 16);
}

/* A weight as an operand of arithmetic: its rows, each padded to whole texels. */
static void
pack_rows (gconstpointer user_data, gint64 first, gint64 n, float *out)
{
  UnclipTensor     *weight = (UnclipTensor *) user_data;
  int               c = weight->shape.c;
  int               padded = unclip_div_up (c, 4) * 4;
  gint64            rows_per_slice = weight->shape.w / weight->dims[0];
  gint64            length = unclip_tensor_get_weight_row_length (weight);
  gint64            slice = -1;
  g_autofree float *values = g_new (float, MAX (length, 1));

  memset (out, 0, (gsize) n * sizeof *out);
  for (gint64 row = first / padded; row < (first + n) / padded; row++, out += padded)
    {
      if (slice != row / rows_per_slice)
        {
          slice = row / rows_per_slice;
          unclip_tensor_copy_weight_row (weight, slice, values);
        }
      memcpy (out, values + row % rows_per_slice * c, (gsize) c * sizeof *out);
    }
}

/* A weight of one dimension as a single row. */
static void
pack_vector (gconstpointer user_data, gint64 first, gint64 n, float *out)
{
  UnclipTensor *weight = (UnclipTensor *) user_data;

  for (gint64 i = 0; i < n; i++)
    if (first + i < weight->dims[0])
      unclip_tensor_copy_weight_row (weight, first + i, &out[i]);
    else
      out[i] = 0;
}

UnclipGpuBinding
unclip_recorder_constant (UnclipRecorder *recorder, const UnclipConstantParams *params)
{
  UnclipGpuBinding binding = { 0 };
  gboolean         as_f16 = recorder->use_f16 && !params->keep_f32;
  g_autofree char *key = NULL;

  if (recorder->error != NULL
      || !unclip_constants_get (recorder->constants, params, as_f16, &binding, &recorder->error))
    return (UnclipGpuBinding){ 0 };

  key = g_strdup_printf ("%p+%" G_GSIZE_FORMAT, (void *) binding.buffer, binding.offset);
  if (g_hash_table_add (recorder->seen_weights, g_steal_pointer (&key)))
    recorder->weight_bytes += binding.n_bytes;
  return binding;
}

UnclipGpuBinding
unclip_recorder_vector (UnclipRecorder *recorder, UnclipTensor *weight, int n_padded)
{
  g_autofree char *layout = g_strdup_printf ("vector%d", n_padded);

  g_assert (n_padded % 4 == 0);
  if (weight == NULL)
    {
      UnclipGpuBinding zeros = { 0 };

      if (recorder->error == NULL)
        unclip_constants_get_zeros (recorder->constants, n_padded / 4, &zeros, &recorder->error);
      return zeros;
    }
  g_assert (weight->n_dims == 1);
  return unclip_recorder_constant (recorder, &(UnclipConstantParams){ .weight = weight,
                                                                      .layout = layout,
                                                                      .n_values = n_padded,
                                                                      .pack = pack_vector,
                                                                      .user_data = weight,
                                                                      .keep_f32 = TRUE });
}

static UnclipOperand
read_weight (UnclipRecorder *recorder, UnclipTensor *weight)
{
  int           stride4 = unclip_div_up (weight->shape.c, 4);
  UnclipOperand operand = { .stride4 = stride4 };

  if (weight->n_dims == 1)
    operand.binding = unclip_recorder_vector (recorder, weight, stride4 * 4);
  else
    operand.binding = unclip_recorder_constant (recorder, &(UnclipConstantParams){ .weight = weight,
                                                                                   .layout = "rows",
                                                                                   .n_values = (gint64) weight->shape.w * stride4 * 4,
                                                                                   .granule = stride4 * 4,
                                                                                   .pack = pack_rows,
                                                                                   .user_data = weight });
  operand.is_f16 = operand.binding.texel == UNCLIP_GPU_TEXEL_RGBA16F;
  return operand;
}

static gboolean
check_span (UnclipRecorder *recorder, UnclipTensor *root, guint64 n_bytes, guint64 limit)
{
  if (recorder->error != NULL)
    return FALSE;
  if (n_bytes > limit)
    g_set_error (&recorder->error, UNCLIP_ERROR, UNCLIP_ERROR_UNSUPPORTED_DEVICE,
                 "A %d×%d×%d×%d tensor takes %" G_GUINT64_FORMAT " MiB, more than the %" G_GUINT64_FORMAT
                 " MiB that this device binds; use a smaller batch.",
                 root->shape.n, root->shape.h, root->shape.w, root->shape.c, n_bytes >> 20, limit >> 20);
  return recorder->error == NULL;
}

UnclipOperand
unclip_recorder_read (UnclipRecorder *recorder, UnclipTensor *x)
{
  UnclipOperand operand = { 0 };
  int           first_channel;
  UnclipTensor *root;
  gsize         n_bytes;

  if (x == NULL)
    {
      if (recorder->error == NULL)
        unclip_constants_get_zeros (recorder->constants, 1, &operand.binding, &recorder->error);
      return operand;
    }
  root = unclip_tensor_resolve (x, &first_channel);
  g_assert (root->kind != UNCLIP_TENSOR_CONCAT);
  if (root->kind == UNCLIP_TENSOR_WEIGHT)
    return read_weight (recorder, root);

  operand.is_f16 = unclip_recorder_stores_f16 (recorder, root);
  n_bytes = unclip_recorder_get_tensor_bytes (recorder, root);
  if (!check_span (recorder, root, n_bytes,
                   unclip_recorder_get_limits (recorder)->max_texel_elements * (operand.is_f16 ? 8 : 16)))
    return operand;
  operand.stride4 = unclip_tensor_get_stride4 (root);
  operand.offset4 = first_channel / 4;
  operand.binding = (UnclipGpuBinding){
    .buffer = recorder->arena,
    .offset = recorder->plan->offsets[root->id],
    .n_bytes = n_bytes,
    .texel = root->dtype == UNCLIP_DTYPE_I32 ? UNCLIP_GPU_TEXEL_R32I
             : operand.is_f16                ? UNCLIP_GPU_TEXEL_RGBA16F
                                             : UNCLIP_GPU_TEXEL_RGBA32F,
    .access = UNCLIP_GPU_READ,
  };
  return operand;
}

UnclipOperand
unclip_recorder_write (UnclipRecorder *recorder, UnclipTensor *x)
{
  UnclipOperand operand = { .stride4 = unclip_div_up (x->shape.c, 4) };
  gsize         n_bytes = unclip_recorder_get_tensor_bytes (recorder, x);

  g_assert (x->kind == UNCLIP_TENSOR_ACTIVATION && x == recorder->node->output);
  operand.is_f16 = unclip_recorder_stores_f16 (recorder, x);
  if (!check_span (recorder, x, n_bytes, unclip_recorder_get_limits (recorder)->max_output_bytes))
    return operand;
  operand.binding = (UnclipGpuBinding){
    .buffer = recorder->arena,
    .offset = recorder->plan->offsets[x->id],
    .n_bytes = n_bytes,
    .access = UNCLIP_GPU_WRITE,
  };
  return operand;
}

UnclipGpuBinding
unclip_recorder_scratch (UnclipRecorder *recorder, gsize offset, gsize n_bytes, UnclipGpuTexel texel, UnclipGpuAccess access)
{
  guint index = recorder->node->index;

  g_assert (offset % 256 == 0 && offset + n_bytes <= recorder->plan->scratch_bytes[index]);
  return (UnclipGpuBinding){
    .buffer = recorder->arena,
    .offset = recorder->plan->scratch_offsets[index] + offset,
    .n_bytes = n_bytes,
    .texel = texel,
    .access = access,
  };
}

void
unclip_recorder_dispatch (UnclipRecorder            *recorder,
                          const UnclipGpuKernelDesc *desc,
                          const UnclipGpuBinding    *bindings,
                          gconstpointer              push,
                          guint                      x,
                          guint                      y,
                          guint                      z)
{
  UnclipGpuKernelDesc windowed = *desc;
  UnclipGpuKernel    *kernel;

  if (recorder->error != NULL)
    return;
  for (guint i = 0; i < desc->n_bindings; i++)
    if (desc->bindings[i] == UNCLIP_GPU_BINDING_STORAGE)
      windowed.n_windows = MAX (windowed.n_windows, unclip_gpu_kernel_count_windows (recorder->device, bindings[i].n_bytes));
  kernel = unclip_gpu_kernel_get (recorder->device, &windowed, &recorder->error);
  if (kernel != NULL)
    unclip_gpu_command_dispatch (recorder->command, kernel, bindings, desc->n_bindings, push, x, y, z);
}

void
unclip_recorder_note (UnclipRecorder *recorder, const char *format, ...)
{
  va_list args;

  if (recorder->note->len > 0)
    g_string_append_c (recorder->note, ' ');
  va_start (args, format);
  g_string_append_vprintf (recorder->note, format, args);
  va_end (args);
}
