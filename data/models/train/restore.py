# SPDX-License-Identifier: GPL-3.0-or-later
"""Rebuilds the stages of a work folder from an exported model folder, so that training can go on without its states.

Towers, tokenizer and axes come back as they were used (rounded to f16); prior and upsampler as averages that
export.py writes again unchanged. What an export leaves out is gone: optimisers, live values, and the thumbnail head
of the towers, which only train_encoder.py needs. Stages that have a checkpoint already are left alone. The decoder
is not restored: it starts anew at whatever widths models.py has.
"""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file

import models
from sources import work_parser
from train_encoder import Towers
from training import save_checkpoint


def weights(folder, name):
    return {k: v.float() for k, v in load_file(str(next((folder / name).glob("*.safetensors")))).items()}


def restore_towers(model, work):
    """encoder/towers.pt and tokenizer/."""
    shutil.copytree(model / "tokenizer", work / "tokenizer", dirs_exist_ok=True)
    n_vocabulary = models.Captions(work / "tokenizer").n_vocabulary
    towers = Towers(n_vocabulary)
    torch.nn.init.zeros_(towers.head.weight)
    towers.image.load_state_dict(weights(model, "image_encoder"))
    towers.text.load_state_dict(weights(model, "text_encoder"))
    save_checkpoint(work / "encoder", dict(towers=towers.state_dict(), n_vocabulary=n_vocabulary), "towers.pt")


def restore_net(net, model, name, folder, state_name):
    """A state whose live values and averages are the exported weights, at step 0."""
    net.load_state_dict(weights(model, name))
    parameters = [p.detach().clone() for n, p in net.named_parameters() if n not in ("clip_mean", "clip_std")]
    save_checkpoint(folder, {"step": 0, state_name: net.state_dict(), "average": parameters})


def main():
    parser = work_parser(__doc__)
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent.parent / "mini", metavar="DIR")
    args = parser.parse_args()
    for name in ("encoder", "decoder", "prior", "superres"):
        (args.work / name).mkdir(parents=True, exist_ok=True)
    if not (args.work / "encoder" / "towers.pt").exists():
        restore_towers(args.model, args.work)
    axes = args.work / "decoder" / "axes.pt"
    if not axes.exists():
        torch.save(load_file(str(args.model / "embedding_axes.safetensors")), axes)
    if not (args.work / "prior" / "state.pt").exists():
        restore_net(models.prior(), args.model, "prior", args.work / "prior", "prior")
    if not (args.work / "superres" / "state.pt").exists():
        restore_net(models.super_res(), args.model, "super_res_first", args.work / "superres", "net")


if __name__ == "__main__":
    main()
