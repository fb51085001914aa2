# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws training views of the pictures: recoloured, on a coloured ground, slightly moved, with a caption.

A `Look` says everything about one view but its geometry, so that the same look can be painted twice with two
geometries or from two sets; the decoder learns from such pairs what may vary.
"""

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from captions import GROUNDS, GROUND_NAMES, draw_caption
from pictures import COLOUR_NAMES, COLOURS, hsv_to_rgb, rgb_to_hsv


@dataclass(frozen=True)
class Look:
    """index: of the picture; recolour: colour word or None for its own colours; ground: name in GROUNDS."""

    index: int
    recolour: str | None = None
    ground: str = "white"


@dataclass(frozen=True)
class Pose:
    """zoom > 1 makes the picture smaller; dx, dy in half widths; angle in radians; mirror left-right."""

    zoom: float = 1.05
    dx: float = 0.0
    dy: float = 0.0
    angle: float = 0.0
    mirror: bool = False


def step_random(seed, rank, step):
    """Python and torch generators that depend on the step alone: a resumed run draws the same numbers."""
    key = ((seed * 1009 + rank) * 1_000_003 + step) & 0x7FFFFFFF
    return random.Random(key), torch.Generator().manual_seed(key)


def draw_look(draw, pictures, index, recolour_share=0.45, ground_share=0.15):
    """A random look of one picture, keeping off the held-out colour pairs."""
    recolour = None
    if pictures.hue[index] >= 0 and draw.random() < recolour_share:
        colour = draw.choice(COLOUR_NAMES)
        if colour != pictures.colour[index] and not pictures.colour_held_out(pictures.concept[index], colour):
            recolour = colour
    ground = draw.choice(GROUND_NAMES) if draw.random() < ground_share else "white"
    return Look(index, recolour, ground)


def draw_pose(draw, strength=1.0):
    """A random pose around upright and centred."""
    return Pose(zoom=1.05 + strength * draw.uniform(-0.06, 0.09),
                dx=strength * draw.uniform(-0.06, 0.06), dy=strength * draw.uniform(-0.06, 0.06),
                angle=strength * draw.uniform(-0.12, 0.12))


def near_pose(draw, pose, strength, mirror_share=0.1):
    """A pose near another one; strength 0 keeps it."""
    return Pose(zoom=pose.zoom * (1 + strength * draw.uniform(-0.10, 0.12)),
                dx=pose.dx + strength * draw.uniform(-0.10, 0.10), dy=pose.dy + strength * draw.uniform(-0.10, 0.10),
                angle=pose.angle + strength * draw.uniform(-0.25, 0.25),
                mirror=pose.mirror != (draw.random() < mirror_share))


def caption_of(draw, pictures, look):
    i = look.index
    return draw_caption(draw, pictures.concept[i], pictures.meta[i]["style"],
                        look.recolour or pictures.colour[i],
                        look.recolour is not None or pictures.has_own_colour_word(i), look.ground)


def recoloured(rgb, pictures, looks):
    """Turns the dominant hue of each recoloured picture to its target. rgb (B, 3, H, W) straight, 0..1."""
    rows = [b for b, look in enumerate(looks) if look.recolour]
    if not rows:
        return rgb
    turn, gain_s, gain_v = torch.zeros(len(rows)), torch.ones(len(rows)), torch.ones(len(rows))
    for k, b in enumerate(rows):
        hue, gain_s[k], gain_v[k] = COLOURS[looks[b].recolour]
        turn[k] = hue - float(pictures.hue[looks[b].index])
        if pictures.colour[looks[b].index] == "brown" and looks[b].recolour != "brown":
            gain_v[k] = 1.5
    hue, sat, val = rgb_to_hsv(rgb[rows])
    out = rgb.clone()
    out[rows] = hsv_to_rgb((hue + turn[:, None, None]) % 360, (sat * gain_s[:, None, None]).clamp(0, 1),
                           (val * gain_v[:, None, None]).clamp(0, 1))
    return out


def pose_matrices(poses):
    """Sampling matrices (B, 2, 3) for affine_grid: output position -> input position."""
    angle = torch.tensor([p.angle for p in poses])
    zoom = torch.tensor([p.zoom for p in poses])
    flip = torch.tensor([-1.0 if p.mirror else 1.0 for p in poses])
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    dx, dy = torch.tensor([p.dx for p in poses]), torch.tensor([p.dy for p in poses])
    return torch.stack([torch.stack([cos * flip, -sin, dx], 1), torch.stack([sin * flip, cos, dy], 1)], 1)


def paint(pictures, looks, poses, size):
    """Paints views: float (B, 3, size, size) in -1..1. size 32 or 64 from the 64 pixel pictures, 128 from the full."""
    store = pictures.rgba128 if size > 64 else pictures.rgba64
    rgba = store[torch.tensor([look.index for look in looks])].float() / 255
    alpha = rgba[:, 3:]
    straight = recoloured((rgba[:, :3] / alpha.clamp(min=1 / 255)).clamp(0, 1), pictures, looks)
    layers = torch.cat([straight * alpha, alpha], 1)
    grid = F.affine_grid(pose_matrices(poses), list(layers.shape), align_corners=False)
    layers = F.grid_sample(layers, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    ground = torch.tensor([GROUNDS[look.ground] for look in looks], dtype=torch.float32) / 255
    flat = layers[:, :3] + (1 - layers[:, 3:]) * ground[:, :, None, None]
    if flat.shape[-1] != size:
        flat = F.interpolate(flat, (size, size), mode="area")
    return flat.clamp(0, 1) * 2 - 1
