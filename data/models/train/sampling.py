# SPDX-License-Identifier: GPL-3.0-or-later
"""Samplers for looking at a network in training: UnCLIP's ancestral one and DDIM, both with guidance.

They work on functions predict(x, t) -> x0 that return the sample prediction for a batch, so that decoder, prior
and upsampler share them. The timestep list is UnCLIPScheduler's: round (linspace (0, 999, n)), falling.
"""

import torch

import models

LEVELS = models.signal_levels()


def timesteps(n_steps, low=0):
    return [round(low + k * (999 - low) / (n_steps - 1)) for k in range(n_steps)][::-1]


def level(t):
    return float(LEVELS[t]) if t >= 0 else 1.0


def guided(predict_pair, scale):
    """predict_pair(x, t) -> (unconditional, conditional); scale 1 is the conditional alone."""
    def predict(x, t):
        uncond, cond = predict_pair(x, t)
        return uncond + scale * (cond - uncond)
    return predict


@torch.no_grad()
def ancestral(predict, x, n_steps, generator, clip=1.0, log_variance_mix=0.0):
    """UnCLIPScheduler.step() over the whole list. log_variance_mix 0: posterior variance, 1: beta."""
    steps = timesteps(n_steps)
    for k, t in enumerate(steps):
        previous = steps[k + 1] if k + 1 < len(steps) else -1
        a, ap = level(t), level(previous)
        beta = 1 - a / ap
        x0 = predict(x, t).clamp(-clip, clip)
        x = x0 * (ap ** 0.5 * beta / (1 - a)) + x * ((1 - beta) ** 0.5 * (1 - ap) / (1 - a))
        if t > 0:
            small = max((1 - ap) / (1 - a) * beta, 1e-20)
            std = (beta ** log_variance_mix * small ** (1 - log_variance_mix)) ** 0.5
            x = x + std * torch.randn(x.shape, generator=generator)
    return x


@torch.no_grad()
def ddim(predict, x, n_steps, low=0, clip=1.0):
    """Deterministic DDIM from t = 999 to `low`; returns the last x0 and the mirrored first inversion step."""
    steps = timesteps(n_steps, low)
    for k, t in enumerate(steps):
        a = level(t)
        x0 = predict(x, t).clamp(-clip, clip)
        if k + 1 == len(steps):
            return x0
        ap = level(steps[k + 1])
        noise = (x - a ** 0.5 * x0) / (1 - a) ** 0.5
        x = ap ** 0.5 * x0 + (1 - ap) ** 0.5 * noise


@torch.no_grad()
def ddim_invert(predict, x, n_steps, low=0, clip=1.0):
    """Picture -> x at t = 999, mirroring ddim(): the network sees the level it comes from."""
    steps = timesteps(n_steps, low)[::-1]
    x0, noise = x, torch.zeros_like(x)
    for k, t in enumerate(steps):
        if k:
            a = level(steps[k - 1])
            x0 = predict(x, steps[k - 1]).clamp(-clip, clip)
            noise = (x - a ** 0.5 * x0) / (1 - a) ** 0.5
        x = level(t) ** 0.5 * x0 + (1 - level(t)) ** 0.5 * noise
    return x
