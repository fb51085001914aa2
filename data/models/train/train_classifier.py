# SPDX-License-Identifier: GPL-3.0-or-later
"""Two small convolutional classifiers of concepts, trained apart from Mini, only to judge Mini's pictures.

32x32 pictures, recoloured, moved, blurred and noised like everything else; neither ever sees Mini's towers.
The plain one learns from the training part; its own accuracy on the held-out originals is the ceiling of every
figure made with it, and that ceiling is low. With --knowing the second one is made from it: it learns the held-out
pictures too. That is fair as long as Mini itself never met them: a judge may know the source it compares with.
"""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F

from augment import Look, Pose, draw_look, draw_pose, near_pose, paint, step_random
from pictures import Pictures
from sources import work_parser

SIZE = 32
BATCH = 96
FILES = {False: "classifier.pt", True: "judge.pt"}      # by whether it knows the held-out pictures


class Classifier(nn.Module):
    """(B, 3, 32, 32) in -1..1 -> scores (B, concepts)."""

    def __init__(self, n_concepts):
        super().__init__()
        layers, width = [], 3
        for out, stride in ((32, 1), (48, 2), (96, 2), (160, 2)):
            layers += [nn.Conv2d(width, out, 3, stride, 1), nn.BatchNorm2d(out), nn.ReLU(),
                       nn.Conv2d(out, out, 3, 1, 1), nn.BatchNorm2d(out), nn.ReLU()]
            width = out
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(width * 4, n_concepts)

    def forward(self, x):
        return self.out(self.drop(F.adaptive_avg_pool2d(self.features(x), 2).flatten(1)))


def spoil(x, generator):
    """Blur or noise, so that soft or grainy pictures are judged by what they show."""
    n = len(x)
    soft = F.interpolate(F.interpolate(x, scale_factor=0.5, mode="area"), scale_factor=2, mode="bilinear",
                         align_corners=False)
    mix = 0.8 * torch.rand(n, 1, 1, 1, generator=generator) ** 2
    grain = 0.25 * torch.rand(n, 1, 1, 1, generator=generator) ** 2
    return x * (1 - mix) + soft * mix + grain * torch.randn(x.shape, generator=generator)


@torch.no_grad()
def held_out_accuracy(net, pictures):
    net.eval()
    looks = [Look(i) for i in pictures.held_out]
    scores = net(paint(pictures, looks, [Pose()] * len(looks), SIZE))
    truth = torch.tensor([pictures.concept_id[pictures.concept[i]] for i in pictures.held_out])
    rank = (scores.argsort(1, descending=True) == truth[:, None]).float().argmax(1)
    net.train()
    return float((rank < 1).float().mean()), float((rank < 5).float().mean())


def load_classifier(work, pictures, knowing=False):
    net = Classifier(len(pictures.concepts))
    net.load_state_dict(torch.load(work / FILES[knowing]))
    return net.eval()


def draw_weights(pictures, knowing):
    """How often each picture is drawn. A knowing judge draws held-out ones as often as training ones of the concept."""
    weight = pictures.weight.sqrt()
    if knowing:
        of_concept = {pictures.concept[i]: float(weight[i]) for i in pictures.train}
        weight = torch.tensor([of_concept[c] for c in pictures.concept])
    return weight


def main():
    parser = work_parser(__doc__)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--knowing", action="store_true",
                        help="go on from the plain one with the held-out pictures among the others")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(4)
    pictures = Pictures(args.work)
    net = Classifier(len(pictures.concepts)).to(memory_format=torch.channels_last)
    if args.knowing:
        net.load_state_dict(load_classifier(args.work, pictures).state_dict())
    weight = draw_weights(pictures, args.knowing)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=args.steps,
                                                   pct_start=0.2 if args.knowing else 0.3)
    begun = time.time()
    for step in range(args.steps):
        draw, generator = step_random(10 if args.knowing else 9, 0, step)
        picked = torch.multinomial(weight, BATCH, replacement=True, generator=generator).tolist()
        looks = [draw_look(draw, pictures, i, ground_share=0.2) for i in picked]
        poses = [near_pose(draw, draw_pose(draw), 1.0, mirror_share=0.3) for _ in looks]
        x = spoil(paint(pictures, looks, poses, SIZE), generator).contiguous(memory_format=torch.channels_last)
        truth = torch.tensor([pictures.concept_id[pictures.concept[i]] for i in picked])
        loss = F.cross_entropy(net(x), truth, label_smoothing=0.1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % 150 == 0:
            print(f"step {step + 1} loss {float(loss):.3f} held-out top-1 / top-5 "
                  "%.3f %.3f" % held_out_accuracy(net, pictures), f"{time.time() - begun:.0f} s", flush=True)
    torch.save(net.state_dict(), args.work / FILES[args.knowing])


if __name__ == "__main__":
    main()
