# SPDX-License-Identifier: GPL-3.0-or-later
"""images/: small pictures, Pillow's bicubic resize of them, CLIPImageProcessor's output, antialiased bicubic in f32."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import CLIPImageProcessor

from golden_common import HERE, normal, python_random, save_json, save_tensors

# name: (width, height, kind). Odd sizes, single rows and columns, extreme aspects, sizes that equal the target.
PICTURES = {
    "dot-1x1": (1, 1, "noise"),
    "column-1x7": (1, 7, "noise"),
    "row-9x1": (9, 1, "noise"),
    "noise-33x20": (33, 20, "noise"),
    "checker-31x47": (31, 47, "checker"),
    "scene-300x17": (300, 17, "scene"),
    "scene-17x211": (17, 211, "scene"),
    "scene-64x48": (64, 48, "scene"),
    "edges-32x32": (32, 32, "edges"),
    "scene-224x224": (224, 224, "scene"),
    "grey-45x29": (45, 29, "grey"),
    "palette-50x37": (50, 37, "palette"),
}

# Folders with a preprocessor_config.json; sizes in the dictionary form and in the older integer form.
PROCESSORS = {
    "dict-32-crop-30": {"size": {"shortest_edge": 32}, "crop_size": {"height": 30, "width": 30}},
    "int-15-crop-15": {"size": 15, "crop_size": 15},
    "odd-21-crop-14x9": {
        "size": {"shortest_edge": 21},
        "crop_size": {"height": 14, "width": 9},
        "image_mean": [0.5, 0.25, 0.4],
        "image_std": [0.5, 0.3, 0.125],
    },
}

# Width and height that some pictures are resized to directly.
RESIZES = {
    "dot-1x1": [(5, 3)],
    "column-1x7": [(1, 3), (4, 15), (1, 7)],
    "row-9x1": [(4, 1), (20, 2)],
    "noise-33x20": [(32, 19), (16, 10), (66, 40), (100, 7), (5, 61), (1, 1), (33, 11), (12, 20)],
    "checker-31x47": [(15, 23), (62, 94), (30, 46)],
    "scene-300x17": [(37, 13), (7, 5)],
    "edges-32x32": [(8, 8), (64, 64), (31, 33)],
    "scene-224x224": [(32, 32), (47, 45)],
}

# (rows, columns) in and out; the first are the enlargements of a super-resolution stage.
INTERPOLATIONS = [
    ((8, 8), (32, 32)),
    ((16, 16), (32, 32)),
    ((8, 8), (24, 24)),
    ((5, 7), (20, 28)),
    ((8, 6), (20, 21)),
    ((1, 3), (4, 12)),
    ((9, 11), (9, 11)),
    ((12, 10), (7, 3)),
]


def draw(name, width, height, kind):
    rng = np.random.default_rng(python_random(name).getrandbits(32))
    if kind in ("noise", "grey"):
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    if kind == "checker":  # overshoots of the cubic are clipped at both ends
        on = ((x + y) % 2 == 0)[..., None] ^ np.array([False, True, False])
        return np.where(on, np.uint8(255), np.uint8(0))
    if kind == "edges":
        return np.stack([x >= 15, y >= 9, (x - 20) ** 2 + (y - 12) ** 2 < 60], -1).astype(np.uint8) * 255
    u, v = x / max(width - 1, 1), y / max(height - 1, 1)
    picture = np.stack([u, v, 1 - u], -1) * 200 + 30
    picture[(u - 0.4) ** 2 + (v - 0.55) ** 2 < 0.06] = (230, 40, 25)
    picture[np.abs(u + v - 1.2) < 0.03] = (250, 250, 255)
    return picture.round().astype(np.uint8)


def make_picture(folder, name):
    width, height, kind = PICTURES[name]
    image = Image.fromarray(draw(name, width, height, kind))
    if kind == "grey":
        image = image.convert("L")
    elif kind == "palette":
        image = image.quantize(13, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    path = os.path.join(folder, f"{name}.png")
    image.save(path)
    return Image.open(path)


def processed(processor, picture):
    # Unless told, the class takes a picture of height 1 or 3 for one with the channels first.
    return processor(picture, return_tensors="pt", input_data_format="channels_last").pixel_values[0]


def main():
    folder = os.path.join(HERE, "images")
    os.makedirs(os.path.join(folder, "resized"), exist_ok=True)
    pictures = {name: make_picture(folder, name) for name in PICTURES}

    for name, sizes in RESIZES.items():
        for width, height in sizes:
            resized = pictures[name].resize((width, height), resample=Image.Resampling.BICUBIC)
            resized.save(os.path.join(folder, "resized", f"{name}.to-{width}x{height}.png"))

    for name, config in PROCESSORS.items():
        CLIPImageProcessor(**config).save_pretrained(os.path.join(folder, "processors", name))
        path = os.path.join(folder, "processors", name, "preprocessor_config.json")
        processor = CLIPImageProcessor.from_pretrained(os.path.dirname(path))
        if name.startswith("int"):  # the old form, which the class still reads but no longer writes
            full = processor.to_dict()
            full.update(config)
            save_json(path, full)
        processor = CLIPImageProcessor.from_pretrained(os.path.dirname(path))
        outputs = {key: processed(processor, picture) for key, picture in pictures.items()}
        save_tensors(os.path.join(folder, "processors", name, "pixel_values.safetensors"), outputs)

    tensors = {}
    for rows, columns in INTERPOLATIONS:
        key = f"{rows[0]}x{rows[1]}-to-{columns[0]}x{columns[1]}"
        x = normal(f"interpolate/{key}", 1, 3, *rows)
        tensors[f"in.{key}"] = x
        tensors[f"out.{key}"] = F.interpolate(x, size=list(columns), mode="bicubic", align_corners=False, antialias=True)
    save_tensors(os.path.join(folder, "interpolate.safetensors"), tensors)


if __name__ == "__main__":
    main()
