/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of shaders that the build compiled (see shaders/meson.build). */

#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * UnclipShader:
 * @name: file stem, with underscores, and variant, such as "softmax_f16"
 * @words: SPIR-V
 * @n_words: how many
 */
typedef struct
{
  const char     *name;
  const uint32_t *words;
  size_t          n_words;
} UnclipShader;

/**
 * unclip_shaders_find:
 *
 * Thread: any.
 *
 * Returns: (nullable): the shader of that name, static
 */
const UnclipShader *unclip_shaders_find    (const char   *name);

/**
 * unclip_shaders_get_all:
 * @n_shaders: (out): how many there are
 *
 * Thread: any.
 *
 * Returns: (array length=n_shaders): all shaders by name, static
 */
const UnclipShader *unclip_shaders_get_all (unsigned int *n_shaders);
