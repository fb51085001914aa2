# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the decoder's training curve (error at SNR < 1 over samples, both logarithmic) as a small PNG."""

import argparse
import json
import math
from pathlib import Path

from PIL import Image, ImageDraw

from sources import add_work_argument

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 60, 36


def main():
    parser = argparse.ArgumentParser(description="Draws the decoder's training curve.")
    add_work_argument(parser)
    parser.add_argument("--to", type=Path,
                        default=Path(__file__).resolve().parent.parent / "mini" / "sheets" / "curve.png")
    args = parser.parse_args()
    lines = (args.work / "decoder" / "curve.jsonl").read_text().splitlines()
    points = [(p["samples"], p["error"]) for p in map(json.loads, lines) if p["samples"] > 3000]
    x0, x1 = math.log(points[0][0]), math.log(points[-1][0])
    y0, y1 = math.log(min(e for _, e in points)) - 0.1, math.log(max(e for _, e in points)) + 0.1

    def place(samples, error):
        return (LEFT + (math.log(samples) - x0) / (x1 - x0) * (WIDTH - LEFT - 16),
                HEIGHT - BOTTOM - (math.log(error) - y0) / (y1 - y0) * (HEIGHT - BOTTOM - 12))
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for samples in (5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000):
        if points[0][0] <= samples <= points[-1][0]:
            x, _ = place(samples, points[0][1])
            pen.line([(x, 12), (x, HEIGHT - BOTTOM)], fill=(225, 225, 225))
            pen.text((x - 12, HEIGHT - BOTTOM + 4), f"{samples // 1000}k", fill=(60, 60, 60))
    for error in (0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3):
        if y0 <= math.log(error) <= y1:
            _, y = place(points[0][0], error)
            pen.line([(LEFT, y), (WIDTH - 16, y)], fill=(225, 225, 225))
            pen.text((LEFT - 34, y - 5), f"{error:g}", fill=(60, 60, 60))
    pen.line([place(*p) for p in points], fill=(30, 90, 200), width=2)
    pen.text((LEFT + 200, HEIGHT - 16), "samples seen", fill=(60, 60, 60))
    pen.text((6, 2), "mean square error of x0 where SNR < 1", fill=(60, 60, 60))
    args.to.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(32).save(args.to, optimize=True)


if __name__ == "__main__":
    main()
