/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two-dimensional Fourier transforms of real planes, by VkFFT.
 *
 *     X[u,v] = Σ x[y,x] exp (−2πi (u y / H + v x / W))        forward, without a factor
 *     x[y,x] = 1/(H W) Σ X[u,v] exp (+2πi (u y / H + v x / W))
 *
 * A plan is for one shape. VkFFT writes and compiles its shaders when a plan is made, which takes some tenths of a second;
 * what it compiled is kept as its "application string" in $XDG_CACHE_HOME/fugue/fft-UUID-VERSION-N-HxW.bin, one file a
 * device, driver build, version of VkFFT and shape, and taken from there the next time. A damaged file is ignored.
 *
 * Thread: the engine's worker, as everything of the device's.
 */

#pragma once

#include "unclip-gpu-device.h"

G_BEGIN_DECLS

/* The longest side, that of a picture after every upsampler; VkFFT needs no second pass up to here. */
#define UNCLIP_GPU_FFT_MAX_SIDE 1024

typedef struct _UnclipGpuFft UnclipGpuFft;

/**
 * unclip_gpu_fft_new:
 * @n: @height: @width: @n_channels: shape of the real side, each at least 1; sides at most %UNCLIP_GPU_FFT_MAX_SIDE
 *
 * Errors: %UNCLIP_ERROR_ARGUMENT for a side too long, %UNCLIP_ERROR_OUT_OF_MEMORY, %UNCLIP_ERROR_DEVICE_LOST,
 * %UNCLIP_ERROR_INTERNAL with VkFFT's number.
 */
UnclipGpuFft *unclip_gpu_fft_new     (UnclipGpuDevice  *device,
                                      guint             n,
                                      guint             height,
                                      guint             width,
                                      guint             n_channels,
                                      GError          **error);
void          unclip_gpu_fft_free    (UnclipGpuFft     *fft);

/**
 * unclip_gpu_fft_forward:
 * @real: (N, H, W, C), channels last
 * @spectrum: (out caller-allocates): (N·C, H, W/2 + 1, 2): planes of complex values, real part first; the columns left
 *   out are X[u,v] = conj X[−u,−v]
 */
gboolean      unclip_gpu_fft_forward (UnclipGpuFft     *fft,
                                      const float      *real,
                                      float            *spectrum,
                                      GError          **error);

/**
 * unclip_gpu_fft_inverse:
 * @spectrum: as unclip_gpu_fft_forward() gives it; what makes the result complex is dropped
 * @real: (out caller-allocates): (N, H, W, C)
 */
gboolean      unclip_gpu_fft_inverse (UnclipGpuFft     *fft,
                                      const float      *spectrum,
                                      float            *real,
                                      GError          **error);

/**
 * unclip_gpu_fft_is_from_cache:
 *
 * Returns: whether the plan's shaders came from the file
 */
gboolean      unclip_gpu_fft_is_from_cache (UnclipGpuFft *fft);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipGpuFft, unclip_gpu_fft_free)

G_END_DECLS
