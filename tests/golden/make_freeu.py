# SPDX-License-Identifier: GPL-3.0-or-later
"""nets/decoder-*/freeu.safetensors: the decoders of make_nets.py with FreeU, on the inputs of io-b3.safetensors.

This version of diffusers has no FreeU; its formula (Si et al. 2023, sec. 3.2) is written out here, with the whole Fourier
transform, around the resnets of the first two up blocks.
"""

import os

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from golden_common import HERE, save_tensors

GAINS = ((1.3, 0.9), (1.4, 0.2))  # (b, s) of up_blocks.0 and up_blocks.1
THRESHOLD = 1


def scale_low_frequencies(x, scale):
    spectrum = torch.fft.fftshift(torch.fft.fftn(x, dim=(-2, -1)), dim=(-2, -1))
    row, column = x.shape[-2] // 2, x.shape[-1] // 2
    mask = torch.ones_like(x)
    mask[..., row - THRESHOLD : row + THRESHOLD, column - THRESHOLD : column + THRESHOLD] = scale
    return torch.fft.ifftn(torch.fft.ifftshift(spectrum * mask, dim=(-2, -1)), dim=(-2, -1)).real


def add_freeu(resnet, n_backbone, b, s):
    """What the resnet reads is the concatenation of n_backbone channels and the skip's."""

    def weigh(module, arguments):
        backbone, skip = arguments[0][:, :n_backbone].clone(), arguments[0][:, n_backbone:]
        backbone[:, : n_backbone // 2] *= b
        return (torch.cat((backbone, scale_low_frequencies(skip, s)), dim=1),) + tuple(arguments[1:])

    resnet.register_forward_pre_hook(weigh)


def main():
    for name in ("decoder-2-levels", "decoder-3-levels"):
        folder = os.path.join(HERE, "nets", name)
        model = UNet2DConditionModel.from_pretrained(folder).eval()
        stored = load_file(os.path.join(folder, "io-b3.safetensors"))
        inputs = {key[3:]: value for key, value in stored.items() if key.startswith("in.")}
        inputs["attention_mask"] = inputs["attention_mask"].bool()
        with torch.no_grad():
            plain = model(**inputs).sample
        assert torch.allclose(plain, stored["out.sample"], atol=1e-4), f"{name} is another model than that of io-b3"

        before = model.config.block_out_channels[-1]
        for block, (b, s) in zip(model.up_blocks, GAINS):
            for resnet in block.resnets:
                add_freeu(resnet, before, b, s)
                before = resnet.out_channels
        with torch.no_grad():
            out = model(**inputs).sample
        print(f"  {name}: FreeU changes the output by {(out - plain).norm() / plain.norm():.3f} of its norm")
        save_tensors(os.path.join(folder, "freeu.safetensors"), {"out.sample": out})
