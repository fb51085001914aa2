# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether colour text diffs turn the colour: `unclip diff --strip` on held-out pictures, the hue of every frame measured.

Of each picture the strip leads from "a RED thing" to "a BLUE thing", a colour by lot of those at least 60 degrees of hue away
from the picture's own. A frame's likeness to the wanted colour is the mean cosine of (hue - wanted hue) over its coloured
pixels, each weighted by saturation times value. The hue moves the right way if likeness ends above where it began and rises
along the strip (rank correlation with the amount above 0).

    check_colours.py --unclip build/engine/cli/unclip [--lock] [--sheet FILE]
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from augment import step_random
from captions import compose
from pictures import COLOUR_NAMES, COLOURS, Pictures, rgb_to_hsv
from sources import add_work_argument


def likeness(path, hue):
    rgb = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None].float() / 255
    found, saturation, value = rgb_to_hsv(rgb)
    weight = saturation * value * (saturation > 0.25) * (value > 0.2)
    return float((weight * torch.cos(torch.deg2rad(found - hue))).sum() / weight.sum().clamp(min=1e-6))


def apart(a, b):
    return abs((a - b + 180) % 360 - 180)


def rank_correlation(values):
    ranks = np.argsort(np.argsort(values))
    return float(np.corrcoef(np.arange(len(values)), ranks)[0, 1])


def save_source(pictures, index, path):
    rgba = pictures.rgba128[index].to(torch.int32)
    rgb = (rgba[:3] + 255 - rgba[3:]).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()
    Image.fromarray(rgb.numpy()).save(path)


def list_recipes(args, source, old, new, thing):
    """One line of JSON a frame. The upsampler changes no hue, so it is left out."""
    return subprocess.run([args.unclip, "diff", source, "--from", compose(thing, colour=old), "--to", compose(thing, colour=new),
                           f"--strip=0:{args.last}:{args.frames}", "--seed", "7", "--steps", str(args.steps),
                           "--upsampler-steps", "0", "--recipes"] + ["--lock"] * args.lock,
                          check=True, capture_output=True, text=True).stdout


def run_recipes(args, folder, recipes):
    """Paths of the pictures, in the order of the recipes."""
    (folder / "recipes.jsonl").write_text(recipes)
    lines = subprocess.run([args.unclip, "run", folder / "recipes.jsonl", "--source", folder, "-o", folder / "out", "--json"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return [e["path"] for e in map(json.loads, lines) if e["event"] == "picture"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_work_argument(parser)
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("--lock", action="store_true")
    parser.add_argument("--last", type=float, default=0.5)
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("-n", type=int, default=20)
    parser.add_argument("--sheet", type=Path, help="all strips below each other")
    args = parser.parse_args()
    pictures = Pictures(args.work, full_size=True)
    pool = [i for i in pictures.held_out if pictures.hue[i] >= 0]
    draw, _ = step_random(50, 0, 0)
    strips, rows, n_right = [], [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for k in range(args.n):
            index = pool[int((k + 0.5) * len(pool) / args.n)]
            hue, thing = float(pictures.hue[index]), pictures.concept[index]
            new = draw.choice([c for c in COLOUR_NAMES if c != "brown" and apart(COLOURS[c][0], hue) >= 60])
            source = folder / f"{k:02d}.png"
            save_source(pictures, index, source)
            strips.append((source, pictures.colour[index], new, thing))
        paths = run_recipes(args, folder, "".join(list_recipes(args, *strip) for strip in strips))
        for k, (source, old, new, thing) in enumerate(strips):
            frames = paths[k * args.frames:(k + 1) * args.frames]
            likes = [likeness(frame, COLOURS[new][0]) for frame in frames]
            right = rank_correlation(likes) > 0 and likes[-1] > likes[0]
            n_right += right
            print(f"{'right' if right else 'WRONG'}  {thing}: {old} -> {new}  " + " ".join(f"{x:+.2f}" for x in likes))
            rows.append(np.concatenate([np.asarray(Image.open(f).convert("RGB").resize((96, 96))) for f in [source, *frames]], 1))
    print(f"{n_right} of {args.n} move the right way")
    if args.sheet:
        Image.fromarray(np.concatenate(rows)).save(args.sheet)


if __name__ == "__main__":
    main()
