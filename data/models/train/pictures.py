# SPDX-License-Identifier: GPL-3.0-or-later
"""The rendered pictures: loading, the colour each one has, and the split into training and held-out part."""

import json
import math
import random
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F

from concepts import COLOUR_WORDS, COMMON

# Recolouring targets: hue in degrees, factor on saturation, factor on value.
COLOURS = {"red": (0, 1, 1), "orange": (30, 1, 1), "yellow": (52, 1, 1.08), "green": (120, 0.9, 0.9),
           "blue": (215, 1, 1), "purple": (275, 0.9, 0.95), "pink": (328, 0.75, 1.1), "brown": (25, 0.8, 0.55)}
COLOUR_NAMES = list(COLOURS)
HELD_OUT_SHARE = 0.05
TWIN_DISTANCE = 0.08      # root mean square over a 16x16 thumbnail in 0..1; below it two pictures look the same
HELD_OUT_COLOUR_SHARE = 0.04


def rgb_to_hsv(rgb):
    """(B, 3, H, W) in 0..1 -> hue in degrees, saturation, value, each (B, H, W)."""
    top, low = rgb.amax(1), rgb.amin(1)
    span = top - low + 1e-6
    r, g, b = rgb[:, 0], rgb[:, 1], rgb[:, 2]
    hue = torch.where(top == r, ((g - b) / span) % 6, torch.where(top == g, (b - r) / span + 2, (r - g) / span + 4))
    return hue * 60, span / (top + 1e-6), top


def hsv_to_rgb(hue, saturation, value):
    """Inverse of rgb_to_hsv(): three (B, H, W) -> (B, 3, H, W)."""
    def channel(n):
        k = (n + hue / 60) % 6
        return value - value * saturation * torch.clamp(torch.minimum(k, 4 - k), 0, 1)
    return torch.stack([channel(5.0), channel(3.0), channel(1.0)], 1)


def hue_name(hue, value):
    """Colour word for a hue in degrees; dark red and orange are brown."""
    names = [n for n in COLOUR_NAMES if n != "brown"]
    name = min(names, key=lambda c: min(abs(COLOURS[c][0] - hue), 360 - abs(COLOURS[c][0] - hue)))
    return "brown" if name in ("red", "orange") and value < 0.62 else name


def dominant_hues(rgba):
    """Dominant hue of each picture.

    rgba: uint8 (n, 4, H, W), premultiplied. Returns hues (n) in degrees, -1 where no single hue rules, and
    the colour words (None there). A hue rules when five neighbouring bins of 10 degrees hold 60 % of the
    coloured weight, and coloured pixels make up 12 % of the shape.
    """
    hues, words = [], []
    for start in range(0, len(rgba), 512):
        x = rgba[start:start + 512].float() / 255
        alpha = x[:, 3]
        hue, sat, val = rgb_to_hsv((x[:, :3] / alpha.clamp(min=0.02)[:, None]).clamp(0, 1))
        weight = alpha * sat * val * (sat > 0.25) * (val > 0.2)
        for j in range(len(x)):
            bins = torch.zeros(36).scatter_add_(0, (hue[j].flatten() / 10).long().clamp(0, 35), weight[j].flatten())
            smooth = sum(torch.roll(bins, k) for k in (-2, -1, 0, 1, 2))
            peak, total = int(smooth.argmax()), float(weight[j].sum())
            if total < 0.12 * float(alpha[j].sum()) or float(smooth[peak]) < 0.6 * total or total < 1:
                hues.append(-1.0)
                words.append(None)
                continue
            angles = [math.radians(10 * (peak + q) + 5) for q in range(-2, 3)]
            parts = [float(bins[(peak + q) % 36]) for q in range(-2, 3)]
            angle = math.atan2(sum(p * math.sin(a) for p, a in zip(parts, angles)),
                               sum(p * math.cos(a) for p, a in zip(parts, angles)))
            found = math.degrees(angle) % 360
            near = (weight[j] > 0) & (((hue[j] - found + 180) % 360 - 180).abs() < 25)
            hues.append(found)
            words.append(hue_name(found, float(val[j][near].mean()) if near.any() else 1.0))
    return torch.tensor(hues), words


class Pictures:
    """All pictures with their labels.

    rgba128 uint8 (n, 4, 128, 128) and rgba64 uint8 (n, 4, 64, 64), premultiplied; hue (n) and colour (n) as of
    dominant_hues(), the label's own colour word first; train and held_out: index lists; weight (n): how often a
    training picture is drawn (0 for held-out ones).
    """

    def __init__(self, work, full_size=False):
        array = torch.from_numpy(np.load(work / "pictures.npy")).permute(0, 3, 1, 2).contiguous()
        self.meta = json.loads((work / "pictures.json").read_text())
        self.rgba128 = array if full_size else None
        self.rgba64 = torch.cat([(F.avg_pool2d(a.float(), 2) + 0.5).clamp(0, 255).to(torch.uint8)
                                 for a in array.split(256)])
        self.hue, words = dominant_hues(self.rgba64)
        self.colour = [m["colour"] or w for m, w in zip(self.meta, words)]
        for i, m in enumerate(self.meta):
            if m["colour"] in ("black", "white", "grey"):
                self.hue[i] = -1
        self.concept = [m["concept"] for m in self.meta]
        self.concepts = sorted(set(self.concept))
        self.concept_id = {c: i for i, c in enumerate(self.concepts)}
        self.train, self.held_out = self.split()
        self.weight = self.weights()
        self.siblings = self.find_siblings()

    def __len__(self):
        return len(self.meta)

    def thumbnails(self):
        """float (n, 768): 16x16 pictures on white, 0..1."""
        x = self.rgba64.float() / 255
        return F.avg_pool2d(x[:, :3] + 1 - x[:, 3:], 4).flatten(1)

    def split(self, seed=0):
        """Holds out 5 % of the (concept, set) pairs, then drops from the held-out part what has a twin in training.

        Dropped pictures stay out of training too. Sets copy each other: without this a quarter of a random
        hold-out has a near copy in the training part.
        """
        draw = random.Random(seed)
        pairs = sorted({(m["concept"], m["set"]) for m in self.meta})
        chosen = {p for p in pairs if draw.random() < HELD_OUT_SHARE}
        train = [i for i, m in enumerate(self.meta) if (m["concept"], m["set"]) not in chosen]
        out = [i for i, m in enumerate(self.meta) if (m["concept"], m["set"]) in chosen]
        thumbs = self.thumbnails()
        distance = torch.cdist(thumbs[out], thumbs[train]).amin(1) / thumbs.shape[1] ** 0.5
        return train, [i for i, d in zip(out, distance.tolist()) if d >= TWIN_DISTANCE]

    def weights(self):
        """Every concept equally often, the common ones three times as often; within a concept all alike."""
        count = defaultdict(int)
        for i in self.train:
            count[self.concept[i]] += 1
        weight = torch.zeros(len(self.meta))
        for i in self.train:
            weight[i] = (3.0 if self.concept[i] in COMMON else 1.0) / count[self.concept[i]]
        return weight

    def find_siblings(self):
        """For each training picture: other training pictures of the same concept and colour word, other set."""
        groups = defaultdict(list)
        for i in self.train:
            groups[self.concept[i], self.meta[i]["colour"]].append(i)
        return [[j for j in groups[self.concept[i], m["colour"]] if self.meta[j]["set"] != m["set"]]
                for i, m in enumerate(self.meta)]

    def colour_held_out(self, concept, colour):
        """Whether this recolouring never happens in training (4 % of the pairs, by a hash of the names)."""
        key = sum((k + 1) * ord(c) for k, c in enumerate(concept + "/" + colour))
        return (key * 2654435761 % 2 ** 32) / 2 ** 32 < HELD_OUT_COLOUR_SHARE

    def has_own_colour_word(self, i):
        return self.meta[i]["colour"] in COLOUR_WORDS
