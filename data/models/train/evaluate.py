# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures an exported folder on held-out pictures and paints the contact sheets. One command, no picking.

Pictures are taken at even steps from the held-out part. Writes figures.json and PNG sheets to --out.
Sections: retrieval, layout, variations, diffs, prompts, inversion; --only takes some of them.

Two judges name concepts (train_classifier.py): "knowing" has seen the held-out originals, which Mini never did,
and is right about nearly all of them; "plain" has not, and is right about little more than half.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import models
from augment import Look, Pose, draw_look, draw_pose, paint, step_random
from captions import compose, names_of
from embedding import slerp
from mini import Mini
from pictures import COLOUR_NAMES, Pictures, dominant_hues
from sources import add_work_argument
from train_classifier import load_classifier
from train_encoder import unit

PROMPTS = ["a red apple", "a blue fish on a yellow background", "a star", "a cat", "a red heart", "a green tree",
           "a house", "a sun", "a pink flower", "a car", "a purple butterfly", "a banana", "a mushroom", "a blue circle",
           "an orange balloon", "a rocket"]
PROMPT_CONCEPTS = ["apple", "fish", "star", "cat", "heart", "tree", "house", "sun", "flower", "car", "butterfly",
                   "banana", "mushroom", "circle", "balloon", "rocket"]
AMOUNTS = [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.65]
SHOWN_AMOUNTS = [0.15, 0.3, 0.4, 0.5, 0.65]
INVERT_FROM = 20


def save_sheet(rows, path, size=64, gap=2):
    """rows: list of (n, 3, H, W) in -1..1; every row one line of cells."""
    columns = max(len(r) for r in rows)
    sheet = np.full((len(rows) * (size + gap) + gap, columns * (size + gap) + gap, 3), 255, np.uint8)
    for y, row in enumerate(rows):
        mode = dict(mode="area") if row.shape[-1] > size else dict(mode="nearest")
        cells = F.interpolate(row, (size, size), **mode) if row.shape[-1] != size else row
        cells = ((cells.clamp(-1, 1) + 1) * 127.5 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).numpy()
        for x, cell in enumerate(cells):
            top, left = gap + y * (size + gap), gap + x * (size + gap)
            sheet[top:top + size, left:left + size] = cell
    Image.fromarray(sheet).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


class Judge:
    """Everything the sections share."""

    def __init__(self, args):
        self.args = args
        self.mini = Mini(args.model)
        self.pictures = Pictures(args.work)
        self.classifiers = {name: load_classifier(args.work, self.pictures, name == "knowing")
                            for name in ("knowing", "plain")}
        self.truth = torch.tensor([self.pictures.concept_id[self.pictures.concept[i]]
                                   for i in self.pictures.held_out])

    def generator(self, seed):
        return torch.Generator().manual_seed(seed)

    def held_out(self, n, coloured=False):
        """n picture indices at even steps from the held-out part."""
        pool = [i for i in self.pictures.held_out if not coloured or self.pictures.hue[i] >= 0]
        n = min(n, len(pool))
        return [pool[int((k + 0.5) * len(pool) / n)] for k in range(n)]

    def views(self, indices, size):
        return paint(self.pictures, [Look(i) for i in indices], [Pose()] * len(indices), size)

    def concept_rank(self, pictures, concepts, judge="knowing"):
        """Place of the best of the wanted concept ids in a classifier's order. pictures (B, 3, H, W)."""
        with torch.no_grad():
            small = F.interpolate(pictures, (32, 32), mode="area")
            order = self.classifiers[judge](small).argsort(1, descending=True)
        wanted = torch.tensor([[c in ids for c in range(len(self.pictures.concepts))] for ids in concepts])
        return wanted.gather(1, order).float().argmax(1)

    def ids_called(self, name):
        """Concept ids that go by a name."""
        return {k for k, c in enumerate(self.pictures.concepts) if name in names_of(c)}


def shares(rank):
    return dict(top1=round(float((rank < 1).float().mean()), 3), top5=round(float((rank < 5).float().mean()), 3))


def retrieval(judge):
    """Held-out picture -> its concept among all, by the cosine to "a CONCEPT"; and the classifiers' own figures."""
    mini, pictures = judge.mini, judge.pictures
    texts = unit(mini.embed_texts([compose(c) for c in pictures.concepts]))
    images = unit(mini.embed_images(judge.views(pictures.held_out, 64)))
    order = (images @ texts.T).argsort(1, descending=True)
    rank = (order == judge.truth[:, None]).float().argmax(1)
    originals, truth = judge.views(pictures.held_out, 32), [{int(c)} for c in judge.truth]
    return dict(pictures=len(pictures.held_out), concepts=len(pictures.concepts), **shares(rank),
                judges_on_originals={name: shares(judge.concept_rank(originals, truth, name))
                                     for name in judge.classifiers},
                judges_on_shrunk_originals={name: shrunk_shares(judge, originals, truth, name)
                                            for name in judge.classifiers})


def shrunk_shares(judge, pictures, concepts, name):
    """What a judge makes of the originals with only 8x8, 6x6 or 4x4 pixels left: how much mere bulk tells it."""
    sizes = {size: F.interpolate(F.interpolate(pictures, (size, size), mode="area"), (32, 32), mode="bilinear",
                                 align_corners=False) for size in (8, 6, 4)}
    return {f"{size}x{size}": shares(judge.concept_rank(x, concepts, name)) for size, x in sizes.items()}


def layout(judge):
    """R2 of a linear probe from the embedding to an 8x8 thumbnail, fitted on training views, read on held-out ones."""
    mini, pictures = judge.mini, judge.pictures
    draw, generator = step_random(40, 0, 0)
    picked = torch.multinomial(pictures.weight, 2000, replacement=True, generator=generator).tolist()
    looks = [draw_look(draw, pictures, i, ground_share=0.0) for i in picked]
    train = paint(pictures, looks, [draw_pose(draw) for _ in looks], 64)
    held = judge.views(pictures.held_out, 64)

    def pair(images):
        embeds = torch.cat([unit(mini.embed_images(x)) for x in images.split(256)])
        return embeds, F.interpolate(images, (8, 8), mode="area").flatten(1)
    (x, y), (xv, yv) = pair(train), pair(held)
    mean, base = x.mean(0), y.mean(0)
    a = x - mean
    gram = a.T @ a + 1e-3 * torch.eye(models.EMBED) * float(a.pow(2).sum()) / models.EMBED
    weight = torch.linalg.solve(gram, a.T @ (y - base))
    guess = (xv - mean) @ weight + base

    def r2(p, t, b):
        return round(float(1 - ((p - t) ** 2).sum() / ((t - b) ** 2).sum()), 3)

    def shape(z):
        light = z.view(-1, 3, 64).mean(1)
        return light - light.mean(1, keepdim=True)
    return dict(r2_all=r2(guess, yv, base), r2_layout=r2(shape(guess), shape(yv), shape(y).mean(0)))


def variations(judge):
    """Do variations keep the concept (both judges), and how far do they differ among themselves?

    distance: root mean square over 32x32 pictures in 0..1, mean over the pairs of one source's variations; beside it
    the same between the source and its variations, and between two different sources.
    """
    mini, n, each = judge.mini, judge.args.pictures, 8
    indices = judge.held_out(n)
    embeds = mini.embed_images(judge.views(indices, 64))
    small = torch.stack([mini.decode(embeds, judge.generator(100 + k)) for k in range(each)], 1)
    source = judge.views(indices, 32)
    concepts = [{judge.pictures.concept_id[judge.pictures.concept[i]]} for i in indices]
    judged = {name: kept_shares(judge, name, small, source, concepts) for name in judge.classifiers}

    def rms(a, b):
        return ((a - b) / 2).pow(2).mean((-1, -2, -3)).sqrt()
    inner = [rms(small[:, a], small[:, b]) for a in range(each) for b in range(a)]
    shown = [int((k + 0.5) * len(indices) / 14) for k in range(14)] if len(indices) >= 14 else range(len(indices))
    shown = list(shown)
    large = torch.stack([mini.upsample(small[shown, k], judge.generator(200 + k)) for k in range(6)], 1)
    save_sheet([judge.views([indices[k] for k in shown], 64)] + [large[:, k] for k in range(6)],
               judge.args.out / "variations.png")
    return dict(pictures=n, each=each, guidance=mini.defaults["decoder_guidance_scale"], **judged,
                distance_between=round(float(torch.stack(inner).mean()), 3),
                distance_to_source=round(float(rms(small, source[:, None]).mean()), 3),
                distance_of_sources=round(float(rms(source, source.roll(1, 0)).mean()), 3))


def kept_shares(judge, name, small, source, concepts):
    """One judge's verdict on variations (n, each, 3, 32, 32) of sources (n, 3, 32, 32)."""
    n, each = small.shape[:2]
    rank = judge.concept_rank(small.flatten(0, 1), [c for c in concepts for _ in range(each)], name)
    own = judge.concept_rank(source, concepts, name)
    kept_where_known = rank.view(n, each)[own < 1] if (own < 1).any() else rank
    return dict(**shares(rank), of_sources=shares(own), where_source_is_known=shares(kept_where_known))


def colour_probe(judge):
    """A linear probe from an embedding's direction to its colour word: function (B, E) -> list of words.

    Fitted on recoloured training views. Tells whether a text diff's embedding has the wanted hue, whatever the
    decoder makes of it.
    """
    mini, pictures = judge.mini, judge.pictures
    draw, generator = step_random(60, 0, 0)
    picked = torch.multinomial(pictures.weight, 3000, replacement=True, generator=generator).tolist()
    looks = [draw_look(draw, pictures, i, recolour_share=0.9, ground_share=0.0)
             for i in picked if pictures.hue[i] >= 0]
    looks = [look for look in looks if (look.recolour or pictures.colour[look.index]) in COLOUR_NAMES]
    truth = torch.tensor([COLOUR_NAMES.index(look.recolour or pictures.colour[look.index]) for look in looks])
    views = paint(pictures, looks, [draw_pose(draw) for _ in looks], 64)
    embeds = torch.cat([unit(mini.embed_images(x)) for x in views.split(256)])
    mean, scale = embeds.mean(0), float((embeds - embeds.mean(0)).pow(2).mean().sqrt())
    linear = torch.nn.Linear(models.EMBED, len(COLOUR_NAMES))
    optimiser = torch.optim.LBFGS(linear.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    @torch.enable_grad()
    def closure():
        optimiser.zero_grad()
        loss = F.cross_entropy(linear((embeds - mean) / scale), truth) + 1e-4 * linear.weight.pow(2).sum()
        loss.backward()
        return loss
    optimiser.step(closure)
    return lambda x: [COLOUR_NAMES[int(k)] for k in linear((unit(x) - mean) / scale).argmax(1)]


def diffs(judge):
    """Colour text diffs from inverted noise: at which amount is the target hue reached, is the silhouette kept?

    Decoded with the folder's default guidance, as Fugue does.
    """
    mini, pictures = judge.mini, judge.pictures
    indices = judge.held_out(judge.args.pictures, coloured=True)
    draw, _ = step_random(50, 0, 0)
    old = [pictures.colour[i] for i in indices]
    new = [draw.choice([c for c in COLOUR_NAMES if c not in (o, "brown")]) for o in old]
    source, views = judge.views(indices, 32), judge.views(indices, 64)
    embeds = mini.embed_images(views)
    direction = (unit(mini.embed_texts([compose(pictures.concept[i], colour=c) for i, c in zip(indices, new)]))
                 - unit(mini.embed_texts([compose(pictures.concept[i], colour=c) for i, c in zip(indices, old)])))
    noise = mini.invert(embeds, source, low=INVERT_FROM)
    reached, embedding_reached, reached_at_shown = (torch.zeros(len(indices), dtype=torch.bool) for _ in range(3))
    probe = colour_probe(judge)
    rows, figures = [source[:14]], {}
    for amount in AMOUNTS:
        turned = slerp(embeds, direction, amount)
        out = mini.decode_ddim(turned, noise, mini.defaults["decoder_guidance_scale"], low=INVERT_FROM)
        light = (out + 1) / 2
        solid = (light.amin(1) < 0.9)
        layers = torch.cat([light * solid[:, None], solid[:, None].float()], 1)
        _, words = dominant_hues((layers * 255).to(torch.uint8))
        hit = torch.tensor([w == c for w, c in zip(words, new)])
        before = ((source + 1) / 2).amin(1) < 0.9
        overlap = (before & solid).flatten(1).sum(1) / (before | solid).flatten(1).sum(1).clamp(min=1)
        in_embedding = torch.tensor([w == c for w, c in zip(probe(turned), new)])
        if amount <= 0.5:
            reached |= hit
            embedding_reached |= in_embedding
            if amount in SHOWN_AMOUNTS:
                reached_at_shown |= hit
        figures[f"at_{amount}"] = dict(hue_reached=round(float(hit.float().mean()), 3),
                                       embedding_reached=round(float(in_embedding.float().mean()), 3),
                                       silhouette_iou=round(float(overlap.mean()), 3))
        if amount in SHOWN_AMOUNTS:
            rows.append(mini.upsample(out[:14], judge.generator(300)))
    save_sheet(rows, judge.args.out / "text-diffs.png")
    (judge.args.out / "text-diffs.txt").write_text("\n".join(
        f"{pictures.concept[i]}: {o} -> {n}" for i, o, n in zip(indices[:14], old, new)) + "\n")
    missed = [f"{pictures.concept[i]}: {o} -> {n}" for i, o, n, r in zip(indices, old, new, reached) if not r]
    return dict(pictures=len(indices), guidance=mini.defaults["decoder_guidance_scale"],
                reached_by_0_5=round(float(reached.float().mean()), 3),
                reached_at_shown_amounts=round(float(reached_at_shown.float().mean()), 3),
                embedding_reached_by_0_5=round(float(embedding_reached.float().mean()), 3), missed=missed, **figures)


def prompts(judge):
    """Prompt -> prior -> decoder (with the prompt) -> upsampler; four samples each."""
    mini, each = judge.mini, 4
    rows, ranks = [], {name: [] for name in judge.classifiers}
    wanted = [judge.ids_called(c) for c in PROMPT_CONCEPTS]
    for k in range(each):
        generator = judge.generator(400 + k)
        small = mini.decode(mini.imagine(PROMPTS, generator), generator, texts=PROMPTS)
        for name in ranks:
            ranks[name].append(judge.concept_rank(small, wanted, name))
        rows.append(mini.upsample(small, generator))
    save_sheet(rows, judge.args.out / "prompts.png")
    return dict(prompts=PROMPTS, samples=each,
                **{name: dict(**shares(torch.stack(r)), top1_of_each=[int(x) for x in (torch.stack(r) < 1).sum(0)])
                   for name, r in ranks.items()})


def inversion(judge):
    """PSNR of DDIM inversion and decoding again, 32x32, both from t = 0 and from a little above."""
    mini = judge.mini
    indices = judge.held_out(min(16, judge.args.pictures))
    source = judge.views(indices, 32)
    embeds = mini.embed_images(judge.views(indices, 64))
    rows, figures = [source], {}
    for low, steps in ((0, 25), (INVERT_FROM, 25), (INVERT_FROM, 50)):
        noise = mini.invert(embeds, source, steps, low)
        again = mini.decode_ddim(embeds, noise, steps=steps, low=low)
        psnr = -10 * torch.log10(((again - source) / 2).pow(2).mean((1, 2, 3)))
        figures[f"from_{low}_steps_{steps}"] = dict(psnr_db=round(float(psnr.mean()), 1),
                                                    lowest_db=round(float(psnr.min()), 1),
                                                    noise_std=round(float(noise.std()), 2))
        rows.append(again)
    save_sheet(rows, judge.args.out / "inversion.png")
    return dict(pictures=len(indices), **figures)


SECTIONS = dict(retrieval=retrieval, layout=layout, variations=variations, diffs=diffs, prompts=prompts,
                inversion=inversion)


def main():
    parser = argparse.ArgumentParser(description="Measures an exported folder and paints contact sheets.")
    add_work_argument(parser)
    here = Path(__file__).resolve().parent
    parser.add_argument("--model", type=Path, default=here.parent / "mini", metavar="DIR")
    parser.add_argument("--out", type=Path, default=None, metavar="DIR", help="default: MODEL/sheets")
    parser.add_argument("--pictures", type=int, default=40, help="held-out pictures a section (default %(default)s)")
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--guidance", type=float, default=None, help="of the decoder, instead of the folder's default")
    args = parser.parse_args()
    args.out = args.out or args.model / "sheets"
    args.out.mkdir(parents=True, exist_ok=True)
    judge = Judge(args)
    if args.guidance:
        judge.mini.defaults["decoder_guidance_scale"] = args.guidance
    path = args.out / "figures.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    for name in args.only:
        begun = time.time()
        with torch.no_grad():
            figures[name] = SECTIONS[name](judge)
        print(f"{name} ({time.time() - begun:.0f} s):", json.dumps(figures[name]), flush=True)
        path.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
