# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage 3: the diffusion prior, from a caption to the embedding of a picture it could belong to.

Predicts the clean embedding, scaled by the mean and deviation of each feature (clip_mean, clip_std of
PriorTransformer). Pairs are those painted for the decoder, so that stage has to
have begun. 15 % of the captions are dropped for guidance, as the pipelines feed it: the empty caption.
"""

import time

import torch

import models
from augment import step_random
from embedding import load_towers
from sources import work_parser
from training import (CHECKPOINT_SECONDS, Average, Plan, add_stage_arguments, append_curve, launch, load_checkpoint,
                      save_checkpoint)

BATCH = 96
DROP_SHARE = 0.15
LEVELS = models.signal_levels()


def load_pool(work, rank):
    """embeds (n, E) raw and captions of the pairs that the decoder's worker of the same rank painted last."""
    pool = torch.load(work / "decoder" / f"pool-{rank}.pt")
    return pool["embeds"], pool["captions"]


def start(prior, mean, std):
    """Initial values of what the class leaves at zero."""
    torch.manual_seed(2)
    torch.nn.init.normal_(prior.positional_embedding, std=0.02)
    torch.nn.init.normal_(prior.prd_embedding, std=0.02)
    prior.clip_mean.data.copy_(mean[None])
    prior.clip_std.data.copy_(std[None])


def run(worker):
    args = worker.args
    towers = load_towers(args.work, worker.device)
    captions = models.Captions(args.work / "tokenizer")
    embeds, texts = load_pool(args.work, worker.rank)
    prior = models.prior()
    if worker.is_first:
        torch.save((embeds.mean(0), embeds.std(0)), worker.folder / "scale.pt")
    worker.agree(0)
    start(prior, *torch.load(worker.folder / "scale.pt"))
    prior.to(worker.device)
    parameters = [p for n, p in prior.named_parameters() if n not in ("clip_mean", "clip_std")]
    for p in (prior.clip_mean, prior.clip_std):
        p.requires_grad_(False)
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
    average = Average(parameters, 0.998)
    plan = Plan(8e-4, 100, stop_at=args.stop_at)
    step = 0
    state = load_checkpoint(worker.folder, device=worker.device)
    if state:
        step = state["step"]
        prior.load_state_dict(state["prior"])
        if "optimiser" in state:     # restore.py has none
            optimiser.load_state_dict(state["optimiser"])
        average.values = state["average"]
    targets = (embeds - prior.clip_mean.cpu()) / prior.clip_std.cpu()
    worker.say(f"prior {models.count(prior) / 1e6:.2f} M parameters, from step {step}")

    def save():
        save_checkpoint(worker.folder, dict(step=step, prior=prior.state_dict(), average=average.values,
                                            optimiser=optimiser.state_dict()))

    first, begun, errors, shown = step, time.time(), [], time.time()
    while not worker.agree(plan.is_done(step)):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        draw, generator = step_random(5, worker.rank, step)
        rows = torch.randint(0, len(embeds), (BATCH,), generator=generator)
        ids = captions.ids(["" if draw.random() < DROP_SHARE else texts[i] for i in rows.tolist()])
        text_embeds, hidden = models.encode_text(towers.text, ids.to(worker.device))
        t = torch.randint(0, 1000, (BATCH,), generator=generator)
        a = LEVELS[t][:, None]
        x0 = targets[rows]
        noisy = a.sqrt() * x0 + (1 - a).sqrt() * torch.randn(x0.shape, generator=generator)
        predicted = models.prior_forward(prior, noisy.to(worker.device), t.to(worker.device), text_embeds, hidden,
                                         captions.mask(ids).to(worker.device))
        loss = ((predicted - x0.to(worker.device)) ** 2).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        worker.sum_gradients(parameters, 1.0)
        optimiser.step()
        step += 1
        average.update(step)
        errors.append(float(loss))
        if worker.agree(worker.is_first and plan.begin_fall(step, step - first)):
            plan.fall_from = int(worker.agree(plan.fall_from or 0))
            plan.fall_to = int(worker.agree(plan.fall_to or 0))
        if worker.is_first and time.time() - worker.saved > CHECKPOINT_SECONDS:
            save()
            worker.saved = time.time()
        if worker.is_first and time.time() - shown > 45:
            samples = step * BATCH * worker.n_workers
            recent = sum(errors[-150:]) / len(errors[-150:])
            append_curve(worker.folder, step=step, samples=samples, error=recent)
            worker.say(f"step {step} samples {samples} error {recent:.4f} rate {plan.rate(step):.1e} "
                       f"{(step - first) * BATCH * worker.n_workers / (time.time() - begun):.0f}/s")
            shown = time.time()
    if worker.is_first:
        save()
        worker.say(f"stopped at step {step}")


def main():
    parser = work_parser(__doc__)
    add_stage_arguments(parser)
    args = parser.parse_args()
    args.stage = "prior"
    launch(run, args, models.count(models.prior()))


if __name__ == "__main__":
    main()
