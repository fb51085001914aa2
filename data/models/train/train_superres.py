# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage 4: the upsampler, 32 -> 128, trained on 64x64 crops.

Input is the noisy picture beside the enlarged small one, enlarged as the pipelines do it (antialiased bicubic,
whole picture before cropping). The small one is spoilt on purpose: half of the time by the decoder itself (noise
to some level and one prediction back, which leaves the decoder's own faults), else by blur and noise. Half of the
timesteps come from the seven that the pipelines use. super_res_last is the same network.
"""

import time

import torch
import torch.nn.functional as F

import models
from augment import draw_look, draw_pose, paint, step_random
from embedding import Axes, load_towers
from pictures import Pictures
from sampling import timesteps
from sources import work_parser
from train_decoder import Decoder, loss_weight
from training import (CHECKPOINT_SECONDS, Average, Plan, add_stage_arguments, append_curve, launch, load_checkpoint,
                      save_checkpoint)

PICTURES = 12
CROP = 64
LEVELS = models.signal_levels()


def enlarge(small):
    """(B, 3, 32, 32) -> (B, 3, 128, 128) as UnCLIPPipeline does."""
    return F.interpolate(small, (models.FINAL_SIZE, models.FINAL_SIZE), mode="bicubic", align_corners=False,
                         antialias=True)


class Spoiler:
    """Makes small pictures look like the decoder's."""

    def __init__(self, work, towers, captions):
        self.decoder = None
        state = load_checkpoint(work / "decoder")
        if state is None:
            return
        self.axes = Axes(**torch.load(work / "decoder" / "axes.pt"))
        self.towers = towers
        self.decoder = Decoder()
        for p, value in zip(self.decoder.parameters(), state["average"]):
            p.data.copy_(value)
        self.decoder.eval()
        ids = captions.ids([""])
        self.empty = (*models.encode_text(towers.text, ids), captions.mask(ids))

    @torch.no_grad()
    def by_decoder(self, views, small, generator):
        """One prediction of the decoder from a level of 60 to 560."""
        n = len(small)
        embeds = self.axes.whiten(self.towers.image(pixel_values=views).image_embeds)
        t = torch.randint(60, 560, (n,), generator=generator)
        a = LEVELS[t][:, None, None, None]
        noisy = a.sqrt() * small + (1 - a).sqrt() * torch.randn(small.shape, generator=generator)
        text_embeds, hidden, mask = self.empty
        return self.decoder(noisy, t, embeds, text_embeds.expand(n, -1), hidden.expand(n, -1, -1),
                            mask.expand(n, -1)).clamp(-1, 1)

    def by_noise(self, small, generator):
        """A 3x3 blur of random strength, then noise of up to 0.12."""
        n = len(small)
        side = 0.25 * torch.rand(n, 1, 1, 1, generator=generator)
        kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
        padded = F.pad(small, (1, 1, 1, 1), mode="replicate")
        blurred = F.conv2d(padded, kernel[None, None].expand(3, 1, 3, 3).contiguous(), groups=3)
        noise = 0.12 * torch.rand(n, 1, 1, 1, generator=generator) ** 2
        mix = (4 * side) ** 2
        return small * (1 - mix) + blurred * mix + noise * torch.randn(small.shape, generator=generator)

    def __call__(self, views, small, generator):
        spoilt = self.by_noise(small, generator)
        if self.decoder is not None:
            half = len(small) // 2
            spoilt[:half] = self.by_decoder(views[:half], small[:half], generator)
        return spoilt.clamp(-1, 1)


@torch.no_grad()
def start(net):
    """Initial values that hand the enlarged picture through, so that training begins at its quality.

    The first convolution copies it to channels 0 to 2 and negated to 3 to 5 (silu (a) - silu (-a) = a), and puts a
    constant of either sign into 6 and 7, which keeps the last norm's deviation near constant; the last residual
    block hands that skip on; the output convolution puts it together. All else starts small or at zero.
    """
    torch.manual_seed(3)
    constant = 2.5
    for name, module in net.named_modules():
        if name.endswith(".conv2"):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
    net.conv_in.weight.mul_(0.3)
    net.conv_in.weight[:, 3:] *= 0.1
    net.conv_in.bias.zero_()
    last = net.up_blocks[-1].resnets[-1].conv_shortcut
    last.weight.mul_(0.1)
    last.bias.zero_()
    net.conv_out.weight.mul_(0.1)
    net.conv_out.bias.zero_()
    width = net.conv_in.out_channels
    for c in range(3):
        net.conv_in.weight[c, 3 + c, 1, 1] += 1.0
        net.conv_in.weight[3 + c, 3 + c, 1, 1] -= 1.0
    net.conv_in.weight[6:8] = 0
    net.conv_in.bias[6], net.conv_in.bias[7] = constant, -constant
    for c in range(width):
        last.weight[c, last.in_channels - width + c] += 1.0
    deviation = ((2 * constant ** 2 + 6 * 0.7) / width) ** 0.5
    for c in range(3):
        net.conv_out.weight[c, c, 1, 1] += deviation
        net.conv_out.weight[c, 3 + c, 1, 1] -= deviation


def draw_batch(pictures, spoiler, rank, step):
    """Targets and enlarged inputs, each (2 * PICTURES, 3, 64, 64), and the step's generator."""
    draw, generator = step_random(6, rank, step)
    picked = torch.multinomial(pictures.weight, PICTURES, replacement=True, generator=generator).tolist()
    looks = [draw_look(draw, pictures, i, ground_share=0.2) for i in picked]
    full = paint(pictures, looks, [draw_pose(draw, 1.3) for _ in looks], models.FINAL_SIZE)
    views = F.interpolate(full, (models.IMAGE_SIZE, models.IMAGE_SIZE), mode="area")
    small = F.interpolate(full, (models.DECODER_SIZE, models.DECODER_SIZE), mode="area")
    low = enlarge(spoiler(views, small, generator))
    targets, inputs = [], []
    for k in range(PICTURES):
        for _ in range(2):
            x, y = draw.randrange(0, 65, 4), draw.randrange(0, 65, 4)
            targets.append(full[k, :, y:y + CROP, x:x + CROP])
            inputs.append(low[k, :, y:y + CROP, x:x + CROP])
    return torch.stack(targets), torch.stack(inputs), generator


def run(worker):
    args = worker.args
    pictures = Pictures(args.work, full_size=True)
    towers = load_towers(args.work)
    spoiler = Spoiler(args.work, towers, models.Captions(args.work / "tokenizer"))
    net = models.super_res()
    start(net)
    net.to(worker.device, memory_format=torch.channels_last)
    parameters = list(net.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.0, betas=(0.9, 0.98))
    average = Average(parameters, 0.995)
    plan = Plan(1.5e-3, 100, stop_at=args.stop_at)
    step = 0
    state = load_checkpoint(worker.folder, device=worker.device)
    if state:
        step = state["step"]
        net.load_state_dict(state["net"])
        if "optimiser" in state:     # restore.py has none
            optimiser.load_state_dict(state["optimiser"])
        average.values = state["average"]
    worker.say(f"super_res {models.count(net) / 1e6:.2f} M parameters, spoilt by "
               f"{'noise' if spoiler.decoder is None else 'decoder and noise'}, from step {step}")
    grid = torch.tensor(timesteps(7))

    def save():
        save_checkpoint(worker.folder, dict(step=step, net=net.state_dict(), average=average.values,
                                            optimiser=optimiser.state_dict()))

    first, begun, errors, shown = step, time.time(), [], time.time()
    while not worker.agree(plan.is_done(step)):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        x0, low, generator = draw_batch(pictures, spoiler, worker.rank, step)
        n = len(x0)
        t = torch.randint(0, 1000, (n,), generator=generator)
        listed = grid[torch.randint(0, 7, (n,), generator=generator)]
        t = torch.where(torch.rand(n, generator=generator) < 0.5, listed, t)
        abar = LEVELS[t]
        a = abar[:, None, None, None]
        noisy = a.sqrt() * x0 + (1 - a).sqrt() * torch.randn(x0.shape, generator=generator)
        both = torch.cat([noisy, low], 1).contiguous(memory_format=torch.channels_last).to(worker.device)
        error = ((net(both, t.to(worker.device)).sample - x0.to(worker.device)) ** 2).mean((1, 2, 3))
        optimiser.zero_grad(set_to_none=True)
        (loss_weight(abar).to(worker.device) * error).mean().backward()
        worker.sum_gradients(parameters, 1.0)
        optimiser.step()
        step += 1
        average.update(step)
        rows = abar < 0.5
        errors.append((float(error[rows].mean()), float(((low - x0) ** 2).mean((1, 2, 3))[rows].mean())))
        if worker.agree(worker.is_first and plan.begin_fall(step, step - first)):
            plan.fall_from = int(worker.agree(plan.fall_from or 0))
            plan.fall_to = int(worker.agree(plan.fall_to or 0))
        if worker.is_first and time.time() - worker.saved > CHECKPOINT_SECONDS:
            save()
            worker.saved = time.time()
        if worker.is_first and time.time() - shown > 45:
            recent = torch.tensor(errors[-150:]).mean(0).tolist()
            samples = step * n * worker.n_workers
            append_curve(worker.folder, step=step, samples=samples, error=recent[0], bicubic=recent[1])
            worker.say(f"step {step} samples {samples} error {recent[0]:.4f} (enlarged alone {recent[1]:.4f}) "
                       f"{(step - first) * n * worker.n_workers / (time.time() - begun):.1f}/s")
            shown = time.time()
    if worker.is_first:
        save()
        worker.say(f"stopped at step {step}")


def main():
    parser = work_parser(__doc__)
    add_stage_arguments(parser)
    args = parser.parse_args()
    args.stage = "superres"
    launch(run, args, models.count(models.super_res()))


if __name__ == "__main__":
    main()
