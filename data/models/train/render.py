# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the wanted pictures of all sets to WORK/pictures.npy and WORK/pictures.json.

pictures.npy: uint8 (n, 128, 128, 4), RGBA premultiplied, in the order of the sets and of their files, so that
two runs give the same bytes with the same librsvg. pictures.json: one object a picture with set, style,
concept, colour (from the label, or null), label, tags.
"""

import io
import json
import re

import cairo
import gi
import numpy as np
from PIL import Image

from concepts import Labels, SKIN_TONE, common_enough, is_wanted, split_colour
from sources import PICTURE_SETS, SOURCES, work_parser

gi.require_version("Rsvg", "2.0")
from gi.repository import GLib, Rsvg  # noqa: E402

SIZE = 128


def render_svg(data):
    """SVG bytes -> uint8 (128, 128, 4) premultiplied RGBA."""
    handle = Rsvg.Handle.new_from_data(data)
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, SIZE, SIZE)
    box = Rsvg.Rectangle()
    box.x = box.y = 0
    box.width = box.height = SIZE
    handle.render_document(cairo.Context(surface), box)
    surface.flush()
    bgra = np.frombuffer(surface.get_data(), np.uint8).reshape(SIZE, SIZE, 4)
    return bgra[..., [2, 1, 0, 3]].copy()


def render_webp(path):
    """Picture file with alpha -> uint8 (128, 128, 4) premultiplied RGBA, box filtered."""
    rgba = np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGBA"), np.float32)
    alpha = rgba[..., 3:]
    premultiplied = np.concatenate([rgba[..., :3] * alpha / 255, alpha], -1)
    planes = [Image.fromarray(premultiplied[..., k]).resize((SIZE, SIZE), Image.BOX) for k in range(4)]
    return np.clip(np.stack([np.asarray(p) for p in planes], -1) + 0.5, 0, 255).astype(np.uint8)


def iconify_pictures(folder, labels):
    """Yields (entry, svg bytes) of the wanted icons of one Iconify package."""
    icons = json.loads((folder / "icons.json").read_text())
    codes = {}
    if (folder / "chars.json").exists():
        for code, name in json.loads((folder / "chars.json").read_text()).items():
            codes.setdefault(name, code)
    width, height = icons.get("width", 16), icons.get("height", 16)
    for name, icon in icons["icons"].items():
        entry = None if SKIN_TONE.search(name) else labels.match(name, codes.get(name))
        if entry is None or not is_wanted(entry):
            continue
        w, h = icon.get("width", width), icon.get("height", height)
        view = f'{icon.get("left", 0)} {icon.get("top", 0)} {w} {h}'
        yield entry, ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                      f'viewBox="{view}" width="{w}" height="{h}">{icon["body"]}</svg>').encode()


def webp_pictures(folder, labels):
    """Yields (entry, path) of the wanted pictures of the 3D set, named by code point."""
    for path in sorted((folder / "assets").glob("*.webp")):
        if re.search(r"1f3f[b-f]", path.stem):
            continue
        entry = labels.by_code.get(labels.code(path.stem))
        if entry is not None and is_wanted(entry):
            yield entry, path


def main():
    args = work_parser(__doc__).parse_args()
    packages = args.work / "packages"
    labels = Labels(packages / next(s.folder for s in SOURCES if s.key == "emojibase"))
    pictures, metas = [], []
    for source in PICTURE_SETS:
        folder = packages / source.folder
        found = webp_pictures(folder, labels) if source.key == "fluent-3d" else iconify_pictures(folder, labels)
        seen, failed = set(), 0
        for entry, data in found:
            if entry["label"] in seen:
                continue
            try:
                picture = render_webp(data) if source.key == "fluent-3d" else render_svg(data)
            except GLib.Error:
                failed += 1
                continue
            if (picture[..., 3] > 128).mean() < 0.03:
                continue
            seen.add(entry["label"])
            concept, colour = split_colour(entry["label"])
            pictures.append(picture)
            metas.append(dict(set=source.key, style=source.style, concept=concept, colour=colour,
                              label=entry["label"], tags=entry.get("tags", [])))
        print(f"{source.key}: {len(seen)} pictures, {failed} not rendered", flush=True)
    keep = common_enough(metas)
    np.save(args.work / "pictures.npy", np.stack([pictures[i] for i in keep]))
    (args.work / "pictures.json").write_text(json.dumps([metas[i] for i in keep]))
    print(f"{len(keep)} pictures of {len({metas[i]['concept'] for i in keep})} concepts")


if __name__ == "__main__":
    main()
