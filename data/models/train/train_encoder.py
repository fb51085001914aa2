# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage 1: both CLIP towers, so that the image embedding carries concept, colour, style and layout.

Loss: contrastive between image and text; a linear head that paints a 16x16 thumbnail from the normalised image
embedding, and the same head from the text embedding; a pull of the raw norms to sqrt (E), because the unCLIP
pipelines use the embeddings as the towers give them. The contrastive weight rises from 0.1 to 1 after a third
of the run: layout has to be there first.
"""

import math
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import models
from augment import Look, Pose, caption_of, draw_look, draw_pose, paint, step_random
from bpe import write_tokenizer
from captions import compose, vocabulary_text
from pictures import COLOUR_NAMES, Pictures
from sources import work_parser
from training import (CHECKPOINT_SECONDS, Average, Plan, add_stage_arguments, append_curve, launch, load_checkpoint,
                      save_checkpoint)

BATCH = 128
THUMBNAIL = 16
SCALE = math.sqrt(models.EMBED)


class Towers(nn.Module):
    """Both towers, the thumbnail head (training only) and the logit scale."""

    def __init__(self, n_vocabulary):
        super().__init__()
        self.image = models.image_encoder()
        self.text = models.text_encoder(n_vocabulary)
        self.head = nn.Linear(models.EMBED, 3 * THUMBNAIL ** 2)
        self.logit_scale = nn.Parameter(torch.tensor(2.66))

    def start(self):
        """Initial values: stock ones are far too small at this width (std 0.02 * 192 ** -0.5 for the projections)."""
        torch.manual_seed(0)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=module.in_features ** -0.5 * 0.6)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.normal_(self.image.vision_model.embeddings.patch_embedding.weight, std=(3 * 256) ** -0.5)
        nn.init.normal_(self.image.vision_model.embeddings.class_embedding, std=0.02)
        nn.init.normal_(self.head.weight, std=0.02)
        models.point_heads_at_patches(self.image)


def unit(x):
    return F.normalize(x, dim=-1)


def thumbnail(images):
    """(B, 3, 64, 64) -> (B, 768)."""
    return F.interpolate(images, (THUMBNAIL, THUMBNAIL), mode="area").flatten(1)


def contrastive_weight(progress):
    return 0.1 if progress < 0.3 else 0.1 + 0.9 * min(1.0, (progress - 0.3) / 0.15)


def encoder_loss(towers, images, ids, progress):
    """Returns the loss and its parts as a dict."""
    image_embeds = towers.image(pixel_values=images).image_embeds
    text_embeds, _ = models.encode_text(towers.text, ids)
    image, text = unit(image_embeds), unit(text_embeds)
    logits = image @ text.T * towers.logit_scale.exp()
    same = (ids[:, None] == ids[None]).all(-1)
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(ids), device=logits.device)
    contrast = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    thumbs = thumbnail(images)
    from_image = ((towers.head(image * SCALE) - thumbs) ** 2).mean()
    from_text = ((towers.head(text * SCALE) - thumbs) ** 2).mean()
    norms = sum(((e.pow(2).mean(1) - 1) ** 2).mean() for e in (image_embeds, text_embeds))
    loss = 20 * from_image + 4 * from_text + contrastive_weight(progress) * contrast + 0.05 * norms
    return loss, dict(contrast=float(contrast), layout=float(from_image), text_layout=float(from_text))


@torch.no_grad()
def evaluate_encoder(towers, captions, pictures):
    """Figures on the held-out pictures; see evaluate.py for what they mean."""
    towers.eval()
    names = pictures.concepts
    text, _ = models.encode_text(towers.text, captions.ids([compose(n) for n in names]))
    looks = [Look(i) for i in pictures.held_out]
    images = paint(pictures, looks, [Pose()] * len(looks), models.IMAGE_SIZE)
    embeds = towers.image(pixel_values=images).image_embeds
    order = (unit(embeds) @ unit(text).T).argsort(1, descending=True)
    truth = torch.tensor([pictures.concept_id[pictures.concept[i]] for i in pictures.held_out])
    rank = (order == truth[:, None]).float().argmax(1)
    predicted, thumbs = towers.head(unit(embeds) * SCALE), thumbnail(images)
    r2 = 1 - ((predicted - thumbs) ** 2).sum() / ((thumbs - thumbs.mean(0)) ** 2).sum()
    draw = random.Random(1)
    coloured = [i for i in pictures.held_out if pictures.hue[i] >= 0]
    wanted = [draw.choice(COLOUR_NAMES) for _ in coloured]
    images = paint(pictures, [Look(i, c) for i, c in zip(coloured, wanted)], [Pose()] * len(coloured),
                   models.IMAGE_SIZE)
    choices = [compose(pictures.concept[i], colour=c) for i in coloured for c in COLOUR_NAMES]
    text, _ = models.encode_text(towers.text, captions.ids(choices))
    score = (unit(towers.image(pixel_values=images).image_embeds)[:, None]
             * unit(text).view(len(coloured), len(COLOUR_NAMES), -1)).sum(-1)
    colour = (score.argmax(1) == torch.tensor([COLOUR_NAMES.index(c) for c in wanted])).float().mean()
    towers.train()
    return dict(top1=float((rank < 1).float().mean()), top5=float((rank < 5).float().mean()), layout_r2=float(r2),
                colour=float(colour), norm=float(embeds.norm(dim=1).mean()), norm_std=float(embeds.norm(dim=1).std()))


def run(worker):
    args = worker.args
    pictures = Pictures(args.work)
    tokenizer_folder = args.work / "tokenizer"
    if worker.is_first:
        write_tokenizer(vocabulary_text(pictures.concepts), tokenizer_folder)
    worker.agree(0)
    captions = models.Captions(tokenizer_folder)
    towers = Towers(captions.n_vocabulary)
    towers.start()
    towers.to(worker.device)
    parameters = list(towers.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.02, betas=(0.9, 0.98))
    average = Average(parameters, 0.99)
    step = 0
    state = load_checkpoint(worker.folder, device=worker.device)
    if state:
        step = state["step"]
        towers.load_state_dict(state["towers"])
        optimiser.load_state_dict(state["optimiser"])
        average.values = state["average"]
    worker.say(f"vision {models.count(towers.image) / 1e6:.2f} M, text {models.count(towers.text) / 1e6:.2f} M "
               f"parameters, vocabulary {captions.n_vocabulary}, {len(pictures.train)} training pictures, "
               f"{len(pictures.held_out)} held out, {len(pictures.concepts)} concepts, from step {step}")
    first, begun = step, time.time()
    while step < args.steps:
        progress = step / args.steps
        for group in optimiser.param_groups:
            group["lr"] = 1e-5 + 1.5e-3 * min(1, (step + 1) / 80) * (0.5 + 0.5 * math.cos(math.pi * progress))
        draw, generator = step_random(1, worker.rank, step)
        picked = torch.multinomial(pictures.weight, BATCH, replacement=True, generator=generator).tolist()
        looks = [draw_look(draw, pictures, i) for i in picked]
        images = paint(pictures, looks, [draw_pose(draw) for _ in looks], models.IMAGE_SIZE).to(worker.device)
        ids = captions.ids([caption_of(draw, pictures, look) for look in looks]).to(worker.device)
        loss, parts = encoder_loss(towers, images, ids, progress)
        optimiser.zero_grad()
        loss.backward()
        worker.sum_gradients(parameters, 1.0)
        optimiser.step()
        towers.logit_scale.data.clamp_(0, 4.0)
        step += 1
        average.update(step)
        if worker.is_first and (time.time() - worker.saved > CHECKPOINT_SECONDS or step == args.steps):
            save_checkpoint(worker.folder, dict(step=step, towers=towers.state_dict(), average=average.values,
                                                optimiser=optimiser.state_dict()))
            worker.saved = time.time()
        if worker.is_first and (step % 100 == 0 or step == args.steps):
            average.swap()
            figures = evaluate_encoder(towers.cpu(), captions, pictures)
            towers.to(worker.device)
            average.swap()
            samples = step * BATCH * worker.n_workers
            speed = (step - first) * BATCH * worker.n_workers / (time.time() - begun)
            append_curve(worker.folder, step=step, samples=samples, **parts, **figures)
            worker.say(f"step {step} {speed:.0f}/s "
                       + " ".join(f"{k} {v:.3f}" for k, v in {**parts, **figures}.items()))
    if worker.is_first:
        average.swap()
        save_checkpoint(worker.folder, dict(towers=towers.state_dict(), n_vocabulary=captions.n_vocabulary),
                        "towers.pt")


def main():
    parser = work_parser(__doc__)
    add_stage_arguments(parser)
    parser.add_argument("--steps", type=int, default=700, help="of 128 pictures a worker (default %(default)s)")
    args = parser.parse_args()
    args.stage = "encoder"
    launch(run, args, models.count(Towers(2048)))


if __name__ == "__main__":
    main()
