# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage 2: the decoder and its projections, from raw image embeddings to 32x32 pictures.

It sees exactly what the pipelines feed: the embedding of a picture (or the learned null embedding, 10 %, then with
the empty caption), and the empty caption three times of four, else a true one. Prediction of the sample, loss
weight clamp (SNR, 1, 5). What is decoded is not always the picture that was embedded: see
embedding.look_and_variation(); and the embedding carries noise of its own covariance, of random strength.
The variance channels are constant: they keep zero weights and are set at the export.
"""

import time

import torch
import torch.nn.functional as F

from diffusers.models.attention_processor import AttnAddedKVProcessor

import models
from augment import Look, caption_of, paint, step_random
from captions import compose
from embedding import Axes, embed_views, load_towers, look_and_variation, slerp
from pictures import COLOUR_NAMES, Pictures
from sources import work_parser
from train_encoder import unit
from training import (CHECKPOINT_SECONDS, Average, Plan, add_stage_arguments, append_curve, launch, load_checkpoint,
                      save_checkpoint)

POOL = 12288                # pictures a worker paints at a time
POOL_PASSES = 6             # how often a pool is seen before a new one is painted
OTHER_STYLE_SHARE = 0.06
DIFF_SHARE = 0.35           # of those whose colour can be turned: embeddings that colour text diffs lead to
DIFF_AMOUNTS = (0.3, 0.5)
JITTER = 0.7
NOISE_STRENGTH = 0.30       # of the embedding's own deviations, at most
NULL_SHARE = 0.10
CAPTION_SHARE = 0.25
CAPTION_TOKENS = 16         # more than the longest caption has: one length, so that a compiled network stays compiled
LEVELS = models.signal_levels()


class Decoder(torch.nn.Module):
    """UNet and text projections; the image embedding comes whitened."""

    def __init__(self):
        super().__init__()
        self.unet = models.decoder()
        # torch 2's fused attention is slower at 16 and 64 pixels: its backward pass alone took a sixth of a step.
        self.unet.set_attn_processor(AttnAddedKVProcessor())
        self.text_proj = models.text_proj()
        self.is_fast = False

    def compile_in_bfloat16(self):
        """Compiles the network and lets it multiply in bfloat16; needs torch 2.2 and a C++ compiler."""
        self.unet.compile()
        self.is_fast = True

    def start(self):
        """Residual branches and the output start at zero; the variance channels stay there."""
        torch.manual_seed(1)
        for name, module in self.unet.named_modules():
            if name.endswith(".conv2") or name == "conv_out":
                torch.nn.init.zeros_(module.weight)
                torch.nn.init.zeros_(module.bias)

    def forward(self, x, t, embeds, text_embeds, hidden, mask):
        """x (B, 3, 32, 32), t (B), embeds (B, E) whitened, text_embeds (B, E), hidden (B, L, E), mask (B, L).

        Returns the predicted picture (B, 3, 32, 32). L must not bring the context to 16 or 64 tokens: the
        attention blocks of diffusers 0.19 take a mask of that length for one over pixels.
        """
        context, class_embed = self.text_proj(image_embeddings=embeds, prompt_embeds=text_embeds,
                                              text_encoder_hidden_states=hidden, do_classifier_free_guidance=False)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.is_fast):
            out = self.unet(x, t, encoder_hidden_states=context, class_labels=class_embed,
                            attention_mask=F.pad(mask, (models.N_CONTEXT, 0), value=True)).sample
        return out[:, :3]


class Pool:
    """Painted pairs of one worker: embeds (n, E) raw, pictures uint8 (n, 3, 32, 32), captions.

    Pool `number` of a worker is always the same; the last one painted is kept on disk, so that a resumed run
    starts at once.
    """

    def __init__(self, towers, captions, pictures, rank, number, folder):
        path = folder / f"pool-{rank}.pt"
        kept = torch.load(path) if path.exists() else None
        if kept is None or kept["number"] != number:
            kept = self.paint(towers, captions, pictures, rank, number)
            torch.save(kept, path)
        self.embeds, self.pictures, self.captions = kept["embeds"], kept["pictures"], kept["captions"]

    @staticmethod
    def paint(towers, captions, pictures, rank, number, n=POOL):
        draw, generator = step_random(2, rank, number)
        picked = torch.multinomial(pictures.weight, n, replacement=True, generator=generator).tolist()
        pairs = [look_and_variation(draw, pictures, i, OTHER_STYLE_SHARE, JITTER) for i in picked]
        embeds = embed_views(towers, pictures, [p[0] for p in pairs], [p[1] for p in pairs])
        Pool.turn_colours(towers, captions, pictures, draw, pairs, embeds)
        parts = []
        for k in range(0, n, 256):
            part = pairs[k:k + 256]
            image = paint(pictures, [p[2] for p in part], [p[3] for p in part], models.DECODER_SIZE)
            parts.append(((image + 1) * 127.5 + 0.5).to(torch.uint8))
        return dict(number=number, embeds=embeds, pictures=torch.cat(parts),
                    captions=[caption_of(draw, pictures, p[2]) for p in pairs])

    @staticmethod
    @torch.no_grad()
    def turn_colours(towers, captions, pictures, draw, pairs, embeds):
        """Makes colour text diffs of some pairs, in place: the embedding moved between two captions, the picture recoloured.

        Such embeddings lie between the images' and the texts', where no picture's own embedding is. A decoder that has
        never been there follows the colour only part of the way.
        """
        rows, old, new = [], [], []
        for k, (look, pose, _, _) in enumerate(pairs):
            word = look.recolour or pictures.colour[look.index]
            colour = draw.choice(COLOUR_NAMES)
            concept = pictures.concept[look.index]
            if (pictures.hue[look.index] >= 0 and draw.random() < DIFF_SHARE and colour != word
                    and not pictures.colour_held_out(concept, colour)):
                pairs[k] = (look, pose, Look(look.index, colour, look.ground), pose)
                rows.append(k)
                old.append(compose(concept, colour=word))
                new.append(compose(concept, colour=colour))
        old, new = (unit(models.encode_text(towers.text, captions.ids(texts))[0]) for texts in (old, new))
        amounts = torch.tensor([draw.uniform(*DIFF_AMOUNTS) for _ in rows])[:, None]
        embeds[rows] = slerp(embeds[rows], new - old, amounts)


def loss_weight(abar):
    return (abar / (1 - abar)).clamp(1, 5)


def text_states(towers, captions, texts, device):
    """text_embeds (B, E), hidden (B, CAPTION_TOKENS, E), mask (B, CAPTION_TOKENS); each different text is encoded once."""
    different = sorted(set(texts))
    ids = captions.ids(different)
    ids = F.pad(ids, (0, CAPTION_TOKENS - ids.shape[1]), value=captions.tokenizer.pad_token_id).to(device)
    text_embeds, hidden = models.encode_text(towers.text, ids)
    rows = torch.tensor([different.index(text) for text in texts], device=device)
    return text_embeds[rows], hidden[rows], captions.mask(ids)[rows]


def decoder_loss(decoder, pool, rows, axes, towers, captions, draw, generator, device):
    """Loss on some rows of the pool, and the mean error where noise rules (SNR < 1), for the curve."""
    n = len(rows)
    x0 = (pool.pictures[rows].float() / 127.5 - 1).to(device)
    strength = NOISE_STRENGTH * torch.rand(n, 1, generator=generator) ** 2
    embeds = axes.whiten(pool.embeds[rows] + axes.noise(strength, generator)).to(device)
    is_null = torch.rand(n, generator=generator) < NULL_SHARE
    texts = ["" if is_null[k] or draw.random() > CAPTION_SHARE else pool.captions[i]
             for k, i in enumerate(rows.tolist())]
    text_embeds, hidden, mask = text_states(towers, captions, texts, device)
    null = decoder.text_proj.learned_classifier_free_guidance_embeddings
    embeds = torch.where(is_null[:, None].to(device), null[None], embeds)
    t = (1000 * torch.rand(n, generator=generator) ** 0.7).long()      # little noise is learnt soonest: draw it less
    abar = LEVELS[t].to(device)
    a = abar[:, None, None, None]
    noise = torch.randn(n, 3, models.DECODER_SIZE, models.DECODER_SIZE, generator=generator).to(device)
    noisy = (a.sqrt() * x0 + (1 - a).sqrt() * noise).contiguous(memory_format=torch.channels_last)
    predicted = decoder(noisy, t.to(device), embeds, text_embeds, hidden, mask).float()
    error = ((predicted - x0) ** 2).mean((1, 2, 3))
    noisy_rows = abar < 0.5
    return (loss_weight(abar) * error).mean(), float(error[noisy_rows].detach().mean()) if noisy_rows.any() else 0.0


def save(worker, step, samples, decoder, optimiser, average, plan, name="state.pt"):
    save_checkpoint(worker.folder, dict(step=step, samples=samples, decoder=decoder.state_dict(), average=average.values,
                                        optimiser=optimiser.state_dict(), fall=(plan.fall_from, plan.fall_to)), name)


def run(worker):
    args = worker.args
    pictures = Pictures(args.work)
    towers = load_towers(args.work, worker.device)
    captions = models.Captions(args.work / "tokenizer")
    axes_file = worker.folder / "axes.pt"
    if worker.is_first and not axes_file.exists():
        torch.save(Axes.measure(towers, pictures).state(), axes_file)
    worker.agree(0)
    axes = Axes(**torch.load(axes_file))
    decoder = Decoder()
    decoder.start()
    decoder.to(worker.device, memory_format=torch.channels_last)
    if args.fast:
        decoder.compile_in_bfloat16()
    parameters = list(decoder.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.0, betas=(0.9, 0.98))
    average = Average(parameters, 0.998)
    plan = Plan(args.rate, 150, stop_at=args.stop_at, fall_share=args.fall_share)
    step = samples = 0
    state = load_checkpoint(worker.folder, "stable.pt" if args.from_stable else "state.pt", worker.device)
    if state:
        step, samples = state["step"], state.get("samples", 64 * state["step"])
        decoder.load_state_dict(state["decoder"])
        optimiser.load_state_dict(state["optimiser"])
        average.values = state["average"]
        if not args.from_stable:
            plan.fall_from, plan.fall_to = state["fall"]
    worker.say(f"decoder {models.count(decoder.unet) / 1e6:.2f} M, text_proj {models.count(decoder.text_proj) / 1e6:.2f}"
               f" M parameters, from step {step}")
    first, first_samples, begun, errors, shown, pool_number = step, samples, time.time(), [], time.time(), -1
    per_pool = POOL * POOL_PASSES // args.batch
    while not worker.agree(plan.is_done(step)):
        if step // per_pool != pool_number:
            pool_number = step // per_pool
            pool = Pool(towers, captions, pictures, worker.rank, pool_number, worker.folder)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        draw, generator = step_random(3, worker.rank, step)
        rows = torch.randint(0, POOL, (args.batch,), generator=generator)
        loss, error = decoder_loss(decoder, pool, rows, axes, towers, captions, draw, generator, worker.device)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        worker.sum_gradients(parameters, 1.0)
        optimiser.step()
        step += 1
        samples += args.batch * worker.n_workers
        average.update(step)
        errors.append(error)
        begin = worker.agree(worker.is_first and plan.begin_fall(step, step - first))
        if begin:
            plan.fall_from = int(worker.agree(plan.fall_from or 0))
            plan.fall_to = int(worker.agree(plan.fall_to or 0))
            if worker.is_first:
                save(worker, step, samples, decoder, optimiser, average, plan, "stable.pt")
        if worker.is_first and time.time() - worker.saved > CHECKPOINT_SECONDS:
            save(worker, step, samples, decoder, optimiser, average, plan)
            worker.saved = time.time()
        if worker.is_first and time.time() - shown > 60:
            recent = sum(errors[-200:]) / len(errors[-200:])
            append_curve(worker.folder, step=step, samples=samples, error=recent,
                         minutes=(time.time() - begun) / 60, cpu_seconds=time.process_time())
            worker.say(f"step {step} samples {samples} error(SNR<1) {recent:.4f} rate {plan.rate(step):.1e} "
                       f"{(samples - first_samples) / (time.time() - begun):.1f}/s")
            shown = time.time()
    if worker.is_first:
        save(worker, step, samples, decoder, optimiser, average, plan)
        worker.say(f"stopped at step {step}")


def main():
    parser = work_parser(__doc__)
    add_stage_arguments(parser)
    parser.add_argument("--batch", type=int, default=16, help="pictures a worker and step (default %(default)s)")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="learning rate (default %(default)s)")
    parser.add_argument("--fall-share", type=float, default=0.22,
                        help="share of this run's time over which the rate falls (default %(default)s)")
    parser.add_argument("--fast", action="store_true",
                        help="compile the network and multiply in bfloat16 (torch 2.2 or later)")
    parser.add_argument("--from-stable", action="store_true",
                        help="resume from before the learning rate fell, to train on for longer")
    args = parser.parse_args()
    args.stage = "decoder"
    launch(run, args, models.count(Decoder()))


if __name__ == "__main__":
    main()
