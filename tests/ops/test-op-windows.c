/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Outputs larger than the device binds at once: every operation gives the same bytes through several storage buffers as
 * through one. Each case's output, and its scratch where it has some, is cut into three windows or more.
 */

#include "config.h"

#include "test-op.h"

static UnclipTensor *
build_activation (TestOp *op, gconstpointer data)
{
  return unclip_op_activation (op->graph, test_op_input (op, "x", 13, 17, 23), UNCLIP_ACTIVATION_SILU);
}

static UnclipTensor *
build_add (TestOp *op, gconstpointer data)
{
  return unclip_op_add (op->graph, test_op_input (op, "x", 13, 17, 23), test_op_input (op, "b", 1, 1, 23));
}

static UnclipTensor *
build_attention (TestOp *op, gconstpointer data)
{
  const UnclipAttentionParams params = {
    .n_heads = 2,
    .scale = 0.2f,
    .extra_k = test_op_input (op, "extra k", 1, 7, 64),
    .extra_v = test_op_input (op, "extra v", 1, 7, 64),
  };

  return unclip_op_attention (op->graph, test_op_input (op, "q", 6, 7, 64), test_op_input (op, "k", 6, 7, 64),
                              test_op_input (op, "v", 6, 7, 64), &params);
}

static UnclipTensor *
build_avg_pool2 (TestOp *op, gconstpointer data)
{
  return unclip_op_avg_pool2 (op->graph, test_op_input (op, "x", 26, 26, 23));
}

static UnclipTensor *
build_concat_tokens (TestOp *op, gconstpointer data)
{
  UnclipTensor *parts[] = { test_op_input (op, "x", 1, 90, 22), test_op_weight (op, "y", 2, 1, 22),
                            test_op_input (op, "z", 1, 91, 22) };

  return unclip_op_concat_tokens (op->graph, parts, G_N_ELEMENTS (parts), test_op_weight (op, "positions", 2, 182, 22));
}

/* Sums in place, and by Winograd where the kernels are those of software Vulkan. */
static UnclipTensor *
build_conv2d (TestOp *op, gconstpointer data)
{
  UnclipTensor          *x = test_op_input (op, "x", 16, 12, 32);
  const UnclipConvParams params = {
    .weight = test_op_weight (op, "w", 4, 32, 32, 3, 3),
    .bias = test_op_weight (op, "bias", 1, 32),
    .stride = 1,
    .image_bias = test_op_input (op, "image bias", 1, 1, 32),
    .residual = x,
  };

  return unclip_op_conv2d (op->graph, x, &params);
}

static UnclipTensor *
build_conv2d_narrow (TestOp *op, gconstpointer data)
{
  const UnclipConvParams params = { .weight = test_op_weight (op, "w", 4, 6, 5, 3, 3), .stride = 1, .upsample = TRUE };

  return unclip_op_conv2d (op->graph, test_op_input (op, "x", 12, 13, 5), &params);
}

static UnclipTensor *
build_conv2d_stride2 (TestOp *op, gconstpointer data)
{
  const UnclipConvParams params = { .weight = test_op_weight (op, "w", 4, 34, 9, 3, 3), .stride = 2 };

  return unclip_op_conv2d (op->graph, test_op_input (op, "x", 23, 22, 9), &params);
}

static UnclipTensor *
build_copy_concat (TestOp *op, gconstpointer data)
{
  return unclip_op_copy_concat (op->graph, test_op_input (op, "x", 13, 17, 10), test_op_input (op, "y", 13, 17, 13));
}

static UnclipTensor *
build_embed_tokens (TestOp *op, gconstpointer data)
{
  return unclip_op_embed_tokens (op->graph, test_op_input_ids (op, "ids", 77, 40), test_op_weight (op, "table", 2, 40, 36),
                                 test_op_weight (op, "positions", 2, 77, 36));
}

static UnclipTensor *
build_freeu (TestOp *op, gconstpointer data)
{
  return unclip_op_freeu (op->graph, test_op_input (op, "x", 13, 17, 23), 11, 1.2f, 0.5f);
}

static UnclipTensor *
build_group_norm (TestOp *op, gconstpointer data)
{
  UnclipTensor               *x = unclip_graph_concat_channels (op->graph, test_op_input (op, "x", 13, 17, 12),
                                                                                 test_op_input (op, "y", 13, 17, 8));
  const UnclipGroupNormParams params = {
    .gamma = test_op_weight (op, "gamma", 1, 20),
    .beta = test_op_weight (op, "beta", 1, 20),
    .n_groups = 4,
    .eps = 1e-5f,
    .scale_shift = test_op_input (op, "scale and shift", 1, 1, 40),
    .silu = TRUE,
  };

  return unclip_op_group_norm (op->graph, x, &params);
}

static UnclipTensor *
build_layer_norm (TestOp *op, gconstpointer data)
{
  return unclip_op_layer_norm (op->graph, test_op_input (op, "x", 1, 221, 23), test_op_weight (op, "gamma", 1, 23),
                               test_op_weight (op, "beta", 1, 23), 1e-5f);
}

static UnclipTensor *
build_linear (TestOp *op, gconstpointer data)
{
  return unclip_op_linear (op->graph, test_op_input (op, "x", 1, 101, 30), test_op_weight (op, "w", 2, 38, 30),
                           test_op_weight (op, "bias", 1, 38), UNCLIP_ACTIVATION_GELU, test_op_input (op, "residual", 1, 101, 38));
}

static UnclipTensor *
build_patches (TestOp *op, gconstpointer data)
{
  return unclip_op_patches (op->graph, test_op_input (op, "x", 42, 42, 3), 14);
}

static UnclipTensor *
build_resize_bicubic (TestOp *op, gconstpointer data)
{
  return unclip_op_resize_bicubic (op->graph, test_op_input (op, "x", 11, 13, 3), 29, 31);
}

static UnclipTensor *
build_sampler_step (TestOp *op, gconstpointer data)
{
  const UnclipSamplerStepParams params = {
    .out = test_op_input (op, "out", 27, 29, 3),
    .noise = test_op_input (op, "noise", 27, 29, 3),
    .history = test_op_input (op, "history", 27, 29, 3),
    .coefficients = test_op_weight (op, "coefficients", 1, UNCLIP_STEP_N),
  };

  return unclip_op_sampler_step (op->graph, test_op_input (op, "x", 27, 29, 3), &params, NULL);
}

static UnclipTensor *
build_select_rows (TestOp *op, gconstpointer data)
{
  return unclip_op_select_rows (op->graph, test_op_input (op, "x", 1, 3, 2999), test_op_input_ids (op, "index", 1, 3));
}

static UnclipTensor *
build_slice_tokens (TestOp *op, gconstpointer data)
{
  return unclip_op_slice_tokens (op->graph, test_op_input (op, "x", 1, 230, 23), 5, 221);
}

static UnclipTensor *
build_split_tokens (TestOp *op, gconstpointer data)
{
  return unclip_op_split_tokens (op->graph, test_op_input (op, "x", 1, 1, 4 * 777), 4, TRUE);
}

static UnclipTensor *
build_timestep_embedding (TestOp *op, gconstpointer data)
{
  return unclip_op_timestep_embedding (op->graph, test_op_input_scaled (op, "t", 1, 1, 1, 500, 100), 3002, TRUE, 0);
}

static UnclipTensor *
build_upsample2 (TestOp *op, gconstpointer data)
{
  return unclip_op_upsample2 (op->graph, test_op_input (op, "x", 7, 8, 23));
}

static const struct
{
  const char *name;
  TestOpBuild build;
} cases[] = {
  { "activation", build_activation },
  { "add", build_add },
  { "attention", build_attention },
  { "avg-pool2", build_avg_pool2 },
  { "concat-tokens", build_concat_tokens },
  { "conv2d", build_conv2d },
  { "conv2d-narrow", build_conv2d_narrow },
  { "conv2d-stride2", build_conv2d_stride2 },
  { "copy-concat", build_copy_concat },
  { "embed-tokens", build_embed_tokens },
  { "freeu", build_freeu },
  { "group-norm", build_group_norm },
  { "layer-norm", build_layer_norm },
  { "linear", build_linear },
  { "patches", build_patches },
  { "resize-bicubic", build_resize_bicubic },
  { "sampler-step", build_sampler_step },
  { "select-rows", build_select_rows },
  { "slice-tokens", build_slice_tokens },
  { "split-tokens", build_split_tokens },
  { "timestep-embedding", build_timestep_embedding },
  { "upsample2", build_upsample2 },
};

static void
test_windows (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  test_op_check_windows (cases[i].name, cases[i].build, NULL, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/ops/windows/", cases[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_windows);
    }
  return test_op_run ();
}
