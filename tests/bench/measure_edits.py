#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of SPEED.md on inversion, samplers and FreeU, measured with the built `unclip` and Mini.

    python3 tests/bench/measure_edits.py inversion|lock|samplers|upsampler|freeu [--unclip build/engine/cli/unclip] [--precision f32]

inversion: 20 pictures there and back by each method in 10, 25, 50 and 100 steps.
lock:      the same pictures through `unclip diff --lock --amount 0`, at full size.
samplers:  how far each sampler is from 250 steps of DDIM from the same noise.
upsampler: how far pictures with few steps of the upsampler are from those with 100, from the same small pictures.
freeu:     seconds of the process for eight small pictures without FreeU and with it, in turns.

The 20 pictures: the three samples; those mirrored; both with their colours' channels exchanged in three ways; two of them
upside down. Needs nothing but Python.
"""

import argparse
import json
import math
import os
import statistics
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ("apple", "fish", "star")
CHANNELS = ((1, 2, 0), (2, 0, 1), (2, 1, 0))
STEPS = (10, 25, 50, 100)
SAMPLERS = ("ancestral", "ddim", "dpm-solver++", "exact")
UPSAMPLER_STEPS = (2, 3, 4, 5, 6, 7, 10, 15, 25, 50)
SAMPLER_STEPS = (5, 8, 10, 12, 15, 20, 25, 35, 50, 100)


def read_png(path):
    """Rows of an 8-bit RGB picture without interlacing."""
    data, place, packed = path.read_bytes(), 8, b""
    while place < len(data):
        n, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + n]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlaced) == (8, 2, 0), path
        elif kind == b"IDAT":
            packed += body
        place += 12 + n
    raw, rows, above = zlib.decompress(packed), [], bytearray(3 * width)
    for y in range(height):
        start = y * (3 * width + 1)
        row = bytearray(raw[start + 1:start + 1 + 3 * width])
        unfilter(raw[start], row, above)
        rows.append(row)
        above = row
    return width, height, rows


def unfilter(kind, row, above):
    for i in range(len(row)):
        a, b, c = row[i - 3] if i >= 3 else 0, above[i], above[i - 3] if i >= 3 else 0
        if kind == 1:
            row[i] = (row[i] + a) & 255
        elif kind == 2:
            row[i] = (row[i] + b) & 255
        elif kind == 3:
            row[i] = (row[i] + (a + b) // 2) & 255
        elif kind == 4:
            pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
            row[i] = (row[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255


def write_png(path, width, height, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    raw = b"".join(b"\0" + bytes(row) for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def mirror(rows):
    return [bytearray(b for x in range(len(row) // 3 - 1, -1, -1) for b in row[3 * x:3 * x + 3]) for row in rows]


def exchange(rows, order):
    return [bytearray(row[i - i % 3 + order[i % 3]] for i in range(len(row))) for row in rows]


def make_pictures(folder):
    paths = []
    for name in SAMPLES:
        width, height, rows = read_png(ROOT / "data" / "samples" / f"{name}.png")
        variants = [rows, mirror(rows)]
        variants += [exchange(v, order) for v, order in zip((rows, mirror(rows), rows), CHANNELS)]
        variants += [exchange(mirror(rows), CHANNELS[0])]
        if name != "star":
            variants.append(rows[::-1])
        for i, variant in enumerate(variants):
            paths.append(folder / f"{name}{i}.png")
            write_png(paths[-1], width, height, variant)
    assert len(paths) == 20
    return paths


def psnr(a, b):
    _, _, first = read_png(a)
    _, _, second = read_png(b)
    errors = [(p - q) ** 2 for r, s in zip(first, second) for p, q in zip(r, s)]
    return 10 * math.log10(255 ** 2 / max(sum(errors) / len(errors), 1 / 12))


def run(args, *words):
    """Events of one run."""
    done = subprocess.run([args.unclip, *map(str, words), "--json", "--precision", args.precision],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def pictures_of(events):
    return [event for event in events if event["event"] == "picture"]


def tell(name, found):
    db = [event["psnr_db"] for event in found]
    print(f"| {name} | {min(db):.1f} | {statistics.median(db):.1f} | {max(e['max_difference'] for e in found)} "
          f"| {max(e['clip_degrees'] for e in found):.2f} |", flush=True)


def inversion(args, folder):
    paths = make_pictures(folder)
    print("| method, steps | worst PSNR (dB) | median | largest difference | largest CLIP angle (°) |\n|---|---|---|---|---|")
    for method in ("ddim", "fixed-point", "exact"):
        for steps in STEPS:
            tell(f"{method}, {steps}", pictures_of(run(args, "invert", *paths, "--method", method, "--steps", steps, "-o", folder)))


def lock(args, folder):
    found = []
    for path in make_pictures(folder):
        found += pictures_of(run(args, "diff", path, "--to", "a blue apple", "--amount", 0, "--lock", "-o", folder))
    print("| | worst PSNR (dB) | median | largest difference | largest CLIP angle (°) |\n|---|---|---|---|---|")
    tell("locked edit, amount 0", found)


def samplers(args, folder):
    paths = [ROOT / "data" / "samples" / f"{name}.png" for name in SAMPLES]

    def sample(sampler, steps):
        events = run(args, "vary", *paths, "-n", 4, "--seed", 5, "--upsampler-steps", 0, "--sampler", sampler,
                     "--steps", steps, "-o", folder)
        return [Path(event["path"]) for event in pictures_of(events)]

    best = sample("ddim", 250)
    print("| sampler | " + " | ".join(map(str, SAMPLER_STEPS)) + " |\n" + "|---" * (len(SAMPLER_STEPS) + 1) + "|")
    for sampler in SAMPLERS:
        row = [statistics.mean(psnr(a, b) for a, b in zip(sample(sampler, steps), best)) for steps in SAMPLER_STEPS]
        print(f"| {sampler} | " + " | ".join(f"{db:.1f}" for db in row) + " |", flush=True)


def upsampler(args, folder):
    paths = [ROOT / "data" / "samples" / f"{name}.png" for name in SAMPLES]

    def sample(steps):
        events = run(args, "vary", *paths, "-n", 4, "--seed", 5, "--quality", "draft", "--upsampler-steps", steps, "-o", folder)
        return [Path(event["path"]) for event in pictures_of(events)]

    best = sample(100)
    print("| steps of the upsampler | " + " | ".join(map(str, UPSAMPLER_STEPS)) + " |\n" + "|---" * (len(UPSAMPLER_STEPS) + 1) + "|")
    row = [[psnr(a, b) for a, b in zip(sample(steps), best)] for steps in UPSAMPLER_STEPS]
    print("| mean PSNR (dB) | " + " | ".join(f"{statistics.mean(db):.1f}" for db in row) + " |")
    print("| worst | " + " | ".join(f"{min(db):.1f}" for db in row) + " |")


def freeu(args, folder):
    def seconds(*words):
        before = os.times()
        run(args, "vary", ROOT / "data" / "samples" / "star.png", "-n", 8, "--seed", 5, "--upsampler-steps", 0, "-o", folder, *words)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    pairs = [(seconds(), seconds("--freeu", "1.1,1.2,0.9,0.2")) for _ in range(5)]
    print("| processor time of eight pictures (s) | " + " | ".join(str(i + 1) for i in range(len(pairs))) + " |\n" + "|---" * (len(pairs) + 1) + "|")
    for i, name in enumerate(("without FreeU", "with FreeU")):
        print(f"| {name} | " + " | ".join(f"{pair[i]:.2f}" for pair in pairs) + " |")


def main():
    parser = argparse.ArgumentParser(description="Measures inversion, locked edits, samplers, the upsampler or FreeU.")
    parser.add_argument("what", choices=("inversion", "lock", "samplers", "upsampler", "freeu"))
    parser.add_argument("--unclip", default=str(ROOT / "build" / "engine" / "cli" / "unclip"))
    parser.add_argument("--precision", default="f32")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measures = {"inversion": inversion, "lock": lock, "samplers": samplers, "upsampler": upsampler, "freeu": freeu}
        measures[args.what](args, Path(name))


if __name__ == "__main__":
    main()
