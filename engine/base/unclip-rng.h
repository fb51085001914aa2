/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random numbers that are a function of their place: Philox4x32-10 and standard normals made from it.
 *
 * There is no generator state. Value i of a stream depends on (seed, picture, stage, step, i) alone, so a picture gets
 * the same noise whether it is made alone or in a batch, today or later, on this machine or another one.
 *
 * The one rule that maps a draw to Philox's 128-bit counter and 64-bit key:
 *
 *     key      = seed, low word first
 *     counter  = { block, block >> 32, stage << 16 | step, picture },   block = i / 4
 *
 * One block of four words gives the four normals 4·block … 4·block + 3. Step 0 of a stage is its start noise (x_T);
 * step k + 1 is the noise added by the sampler's k-th step. Pictures are numbered within their recipe. Values of one
 * draw are numbered in memory order, channels last: i = (row · W + column) · C + channel.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UnclipRngStage:
 * @UNCLIP_RNG_PRIOR: caption to embedding
 * @UNCLIP_RNG_DECODER: embedding to small picture
 * @UNCLIP_RNG_SUPER_RES: small picture to large
 * @UNCLIP_RNG_EMBEDDING: noise added to an embedding itself
 *
 * Who draws. The numbers are part of every recipe's meaning: add, never renumber.
 */
typedef enum
{
  UNCLIP_RNG_PRIOR = 1,
  UNCLIP_RNG_DECODER = 2,
  UNCLIP_RNG_SUPER_RES = 3,
  UNCLIP_RNG_EMBEDDING = 4,
} UnclipRngStage;

#define UNCLIP_RNG_START 0
#define UNCLIP_RNG_STEP(k) ((guint) (k) + 1)
#define UNCLIP_RNG_MAX_STEP 0xffff

/**
 * UnclipRngKey:
 * @seed: the recipe's seed
 * @picture: number of the picture (or of the prior's candidate) within its recipe
 * @stage: who draws
 * @step: %UNCLIP_RNG_START or UNCLIP_RNG_STEP (k), at most %UNCLIP_RNG_MAX_STEP
 *
 * Names one draw.
 */
typedef struct
{
  guint64        seed;
  guint32        picture;
  UnclipRngStage stage;
  guint          step;
} UnclipRngKey;

/**
 * unclip_rng_philox4x32:
 * @counter: (array fixed-size=4): 128 bits, low word first
 * @key: (array fixed-size=2): 64 bits, low word first
 * @out: (out caller-allocates) (array fixed-size=4): 128 random bits
 *
 * The block function, ten rounds.
 *
 * Thread: any.
 * Source: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, sec. 3.3.
 */
void unclip_rng_philox4x32  (const guint32       counter[4],
                             const guint32       key[2],
                             guint32             out[4]);

/**
 * unclip_rng_fill_normal:
 * @key: which draw
 * @first: number of the first value wanted
 * @out: (out caller-allocates) (array length=n): standard normals, |value| < 6.8
 * @n: how many
 *
 * Box-Muller on pairs of Philox words:
 *
 *     r = sqrt (-2 ln ((w0 + 0.5) / 2^32)),  a = 2π (w1 + 0.5) / 2^32,  values r cos a, r sin a
 *
 * Logarithm, sine and cosine are series summed in double here, not libm's, and the square root is IEEE's; so every
 * machine with IEEE doubles gets the same bytes.
 *
 * Thread: any.
 */
void unclip_rng_fill_normal (const UnclipRngKey *key,
                             guint64             first,
                             float              *out,
                             gsize               n);

/**
 * unclip_rng_log_unit:
 * @word: w
 *
 * Returns: ln ((w + 0.5) / 2^32), to within 1e-15 relative or absolute, whichever is larger
 */
double unclip_rng_log_unit  (guint32             word);

/**
 * unclip_rng_sincos_turn:
 * @word: w
 * @sine: (out): of 2π (w + 0.5) / 2^32
 * @cosine: (out): of the same
 *
 * To within 1e-15 absolute.
 */
void unclip_rng_sincos_turn (guint32             word,
                             double             *sine,
                             double             *cosine);

G_END_DECLS
