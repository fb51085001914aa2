/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Heads filled up to a multiple of four channels, by hand; and through an attention, which must not notice. */

#include "config.h"

#include "test-nets.h"
#include "test-random.h"
#include "unclip-error.h"
#include "unclip-layers.h"

#include <math.h>

/* Two heads of three channels, from two channels: weight[o][i] = 10 o + i, bias[o] = o. */
static void
test_fit_heads (void)
{
  static const float weight[6][2] = { { 0, 1 }, { 10, 11 }, { 20, 21 }, { 30, 31 }, { 40, 41 }, { 50, 51 } };
  static const float bias[6] = { 0, 1, 2, 3, 4, 5 };
  static const float out[2][6] = { { 0, 1, 2, 3, 4, 5 }, { 10, 11, 12, 13, 14, 15 } };
  static const float weight_wanted[8][2] = { { 0, 1 },   { 10, 11 }, { 20, 21 }, { 0, 0 },
                                             { 30, 31 }, { 40, 41 }, { 50, 51 }, { 0, 0 } };
  static const float bias_wanted[8] = { 0, 1, 2, 0, 3, 4, 5, 0 };
  static const float out_wanted[2][8] = { { 0, 1, 2, 0, 3, 4, 5, 0 }, { 10, 11, 12, 0, 13, 14, 15, 0 } };
  const UnclipArray weight_array = { "w", UNCLIP_DTYPE_F32, 2, { 6, 2 }, weight, sizeof weight };
  const UnclipArray bias_array = { "b", UNCLIP_DTYPE_F32, 1, { 6 }, bias, sizeof bias };
  const UnclipArray out_array = { "o", UNCLIP_DTYPE_F32, 2, { 2, 6 }, out, sizeof out };
  UnclipLayer layer = { &weight_array, &bias_array };
  UnclipLayer input = { &out_array, &bias_array };
  UnclipLoader loader = { 0 };
  g_autoptr (GPtrArray) copies = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unclip_loader_fit_heads (&loader, "test", 2, 3, (UnclipLayer *[]){ &layer }, 1, &input), ==, 4);
  g_assert_true (unclip_loader_finish (&loader, &copies, &error));
  g_assert_cmpint (layer.weight->dims[0], ==, 8);
  g_assert_cmpint (layer.weight->dims[1], ==, 2);
  g_assert_cmpmem (layer.weight->data, layer.weight->n_bytes, weight_wanted, sizeof weight_wanted);
  g_assert_cmpmem (layer.bias->data, layer.bias->n_bytes, bias_wanted, sizeof bias_wanted);
  g_assert_cmpint (input.weight->dims[1], ==, 8);
  g_assert_cmpmem (input.weight->data, input.weight->n_bytes, out_wanted, sizeof out_wanted);
  g_assert_true (input.bias == &bias_array);
}

/* Heads of four stay as they are; heads that cannot be are refused. */
static void
test_heads_refused (void)
{
  UnclipLayer layer = { 0 };
  UnclipLoader loader = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unclip_loader_fit_heads (&loader, "test", 3, 40, NULL, 0, &layer), ==, 40);
  g_assert_true (unclip_loader_finish (&loader, NULL, &error));
  unclip_loader_fit_heads (&loader, "test", 0, 40, NULL, 0, &layer);
  g_assert_false (unclip_loader_finish (&loader, NULL, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
  g_clear_error (&error);
  unclip_loader_fit_heads (&loader, "test", 1, 260, NULL, 0, &layer);
  g_assert_false (unclip_loader_finish (&loader, NULL, &error));
  g_assert_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT);
}

typedef struct
{
  UnclipArray weight, bias;
  float      *values[2];
} Random;

static UnclipLayer
random_layer (Random *random,
              guint64 seed,
              int     n_out,
              int     n_in)
{
  random->values[0] = test_random_normal (seed, (gsize) (n_out * n_in), 0.5);
  random->values[1] = test_random_normal (seed + 1, (gsize) n_out, 0.5);
  random->weight = (UnclipArray){ "w", UNCLIP_DTYPE_F32, 2, { n_out, n_in }, random->values[0],
                                  (gsize) (n_out * n_in) * sizeof (float) };
  random->bias = (UnclipArray){ "b", UNCLIP_DTYPE_F32, 1, { n_out }, random->values[1],
                                (gsize) n_out * sizeof (float) };
  return (UnclipLayer){ &random->weight, &random->bias };
}

static void
random_clear (Random *random)
{
  g_free (random->values[0]);
  g_free (random->values[1]);
}

/* softmax (q kᵀ) v of one item, heads of @head_dim, in double. */
static void
attend (const float *q,
        const float *k,
        const float *v,
        int          n_tokens,
        int          n_heads,
        int          head_dim,
        double       scale,
        float       *y)
{
  int width = n_heads * head_dim;

  for (int head = 0; head < n_heads; head++)
    for (int i = 0; i < n_tokens; i++)
      {
        double p[16], total = 0;

        for (int j = 0; j < n_tokens; j++)
          {
            p[j] = 0;
            for (int d = 0; d < head_dim; d++)
              p[j] += (double) q[i * width + head * head_dim + d] * k[j * width + head * head_dim + d];
            p[j] = exp (p[j] * scale);
            total += p[j];
          }
        for (int d = 0; d < head_dim; d++)
          {
            double sum = 0;

            for (int j = 0; j < n_tokens; j++)
              sum += p[j] * v[j * width + head * head_dim + d];
            y[i * width + head * head_dim + d] = (float) (sum / total);
          }
      }
}

static void
apply (const UnclipLayer *layer,
       const float       *x,
       int                n_rows,
       float             *y)
{
  int n_out = (int) layer->weight->dims[0], n_in = (int) layer->weight->dims[1];
  const float *w = layer->weight->data, *b = layer->bias->data;

  for (int r = 0; r < n_rows; r++)
    for (int o = 0; o < n_out; o++)
      {
        double sum = b[o];

        for (int i = 0; i < n_in; i++)
          sum += (double) w[o * n_in + i] * x[r * n_in + i];
        y[r * n_out + o] = (float) sum;
      }
}

enum
{
  N_TOKENS = 5,
  WIDTH = 9,
  N_HEADS = 3,
  HEAD_DIM = 3,
  MAX_WIDTH = N_HEADS * 4,
};

static void
run_attention (const UnclipLayer layers[4],
               int               head_dim,
               const float      *x,
               float            *y)
{
  float qkv[3][N_TOKENS * MAX_WIDTH], sum[N_TOKENS * MAX_WIDTH];

  for (int i = 0; i < 3; i++)
    apply (&layers[i], x, N_TOKENS, qkv[i]);
  attend (qkv[0], qkv[1], qkv[2], N_TOKENS, N_HEADS, head_dim, 0.5, sum);
  apply (&layers[3], sum, N_TOKENS, y);
}

/* The same sums with zeros among them: the same numbers. */
static void
test_same_attention (void)
{
  Random random[4];
  UnclipLayer layers[4];
  UnclipLoader loader = { 0 };
  g_autoptr (GPtrArray) copies = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree float *x = test_random_normal (1, N_TOKENS * WIDTH, 1);
  float expected[N_TOKENS * WIDTH], found[N_TOKENS * WIDTH];
  int head_dim;

  for (int i = 0; i < 3; i++)
    layers[i] = random_layer (&random[i], (guint64) (10 * i + 2), N_HEADS * HEAD_DIM, WIDTH);
  layers[3] = random_layer (&random[3], 32, WIDTH, N_HEADS * HEAD_DIM);
  run_attention (layers, HEAD_DIM, x, expected);
  head_dim = unclip_loader_fit_heads (&loader, "test", N_HEADS, HEAD_DIM,
                                      (UnclipLayer *[]){ &layers[0], &layers[1], &layers[2] }, 3, &layers[3]);
  g_assert_true (unclip_loader_finish (&loader, &copies, &error));
  run_attention (layers, head_dim, x, found);
  for (int i = 0; i < N_TOKENS * WIDTH; i++)
    g_assert_cmpfloat (found[i], ==, expected[i]);
  for (int i = 0; i < 4; i++)
    random_clear (&random[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nets/layers/fit-heads", test_fit_heads);
  g_test_add_func ("/nets/layers/heads-refused", test_heads_refused);
  g_test_add_func ("/nets/layers/same-attention", test_same_attention);
  return test_nets_run ();
}
