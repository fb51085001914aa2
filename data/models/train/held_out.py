# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes held-out pictures, at even steps, as PNG files on white: held_out.py --work DIR --to DIR [-n 24]"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pictures import Pictures
from sources import add_work_argument


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_work_argument(parser)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("-n", type=int, default=24)
    args = parser.parse_args()
    pictures = Pictures(args.work, full_size=True)
    pool = pictures.held_out
    args.to.mkdir(parents=True, exist_ok=True)
    for k in range(args.n):
        i = pool[int((k + 0.5) * len(pool) / args.n)]
        rgba = pictures.rgba128[i].to(torch.int32)
        rgb = (rgba[:3] + 255 - rgba[3:]).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()
        Image.fromarray(np.asarray(rgb)).save(args.to / f"{k:02d}-{pictures.concept[i].replace(' ', '-')}.png")


if __name__ == "__main__":
    main()
