# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the model folder in diffusers' layout from whatever the stages have reached.

Weights are the moving averages, stored as f16 safetensors. The whitening is folded into text_proj, the decoder's
variance channels get their constant. A stage that has no checkpoint yet is written untrained (and said so), so
that the folder can be loaded from the first hour on.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

import models
from embedding import Axes, load_towers
from sources import add_work_argument
from train_decoder import Decoder
from training import load_checkpoint

# Constant variance channel of the decoder, -1 (posterior variance) to 1 (beta).
VARIANCE = -1.0
# What the card recommends and the engine starts from; diffusers skips keys that begin with "_".
DEFAULTS = dict(prior_guidance_scale=2.0, decoder_guidance_scale=1.5, prior_num_inference_steps=25,
                decoder_num_inference_steps=25, super_res_num_inference_steps=7)


def load_average(module_parameters, state):
    for p, value in zip(module_parameters, state["average"]):
        p.data.copy_(value)


def trained_decoder(work, variance):
    """Decoder and text_proj with folded whitening and constant variance; plus the axes and the step."""
    decoder = Decoder()
    decoder.start()
    state = load_checkpoint(work / "decoder")
    axes = Axes(**torch.load(work / "decoder" / "axes.pt"))
    if state:
        load_average(decoder.parameters(), state)
    axes.fold(decoder.text_proj)
    with torch.no_grad():
        decoder.unet.conv_out.weight[3:] = 0
        decoder.unet.conv_out.bias[3:] = variance
    return decoder, axes, state["step"] if state else 0


def trained_prior(work):
    prior = models.prior()
    state = load_checkpoint(work / "prior")
    if state:
        prior.load_state_dict(state["prior"])
        load_average([p for n, p in prior.named_parameters() if n not in ("clip_mean", "clip_std")], state)
    else:
        torch.nn.init.normal_(prior.positional_embedding, std=0.02)
        prior.clip_std.data.fill_(1.0)
    return prior, state["step"] if state else 0


def trained_super_res(work):
    net = models.super_res()
    state = load_checkpoint(work / "superres")
    if state:
        load_average(net.parameters(), state)
    return net, state["step"] if state else 0


def component_index():
    """The component table of model_index.json: what both official pipelines need."""
    index = {name: ["diffusers", "UnCLIPScheduler"] for name in models.schedulers()}
    index.update(decoder=["diffusers", "UNet2DConditionModel"], prior=["diffusers", "PriorTransformer"],
                 super_res_first=["diffusers", "UNet2DModel"], super_res_last=["diffusers", "UNet2DModel"],
                 text_proj=["unclip", "UnCLIPTextProjModel"], tokenizer=["transformers", "CLIPTokenizer"],
                 text_encoder=["transformers", "CLIPTextModelWithProjection"],
                 image_encoder=["transformers", "CLIPVisionModelWithProjection"],
                 feature_extractor=["transformers", "CLIPImageProcessor"])
    return dict(sorted(index.items()))


def main():
    parser = argparse.ArgumentParser(description="Writes the model folder.")
    add_work_argument(parser)
    parser.add_argument("--to", type=Path, default=Path(__file__).resolve().parent.parent / "mini", metavar="DIR")
    parser.add_argument("--variance", type=float, default=VARIANCE, help="-1 posterior variance, 1 beta")
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)
    towers = load_towers(args.work)
    decoder, axes, decoder_step = trained_decoder(args.work, args.variance)
    prior, prior_step = trained_prior(args.work)
    super_res, super_res_step = trained_super_res(args.work)
    parts = dict(text_encoder=towers.text, image_encoder=towers.image, decoder=decoder.unet,
                 text_proj=decoder.text_proj, prior=prior, super_res_first=super_res, super_res_last=super_res)
    for name, module in parts.items():
        module = module.to(torch.float32, memory_format=torch.contiguous_format)
        if any(not bool(torch.isfinite(p.half()).all()) for p in module.parameters()):
            raise SystemExit(f"{name}: a weight does not fit f16")
        module.half().save_pretrained(args.to / name, safe_serialization=True)
        print(f"{name}: {models.count(module) / 1e6:.2f} M parameters")
        module.float()
    models.feature_extractor().save_pretrained(args.to / "feature_extractor")
    for name, scheduler in models.schedulers().items():
        scheduler.save_pretrained(args.to / name)
    (args.to / "tokenizer").mkdir(exist_ok=True)
    for path in (args.work / "tokenizer").iterdir():
        shutil.copy(path, args.to / "tokenizer" / path.name)
    save_file({k: v.contiguous() for k, v in axes.state().items()}, str(args.to / "embedding_axes.safetensors"))
    index = dict(_class_name="UnCLIPPipeline", _diffusers_version="0.19.3", _fugue_defaults=DEFAULTS)
    index.update(component_index())
    (args.to / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    size = sum(p.stat().st_size for p in args.to.rglob("*.safetensors"))
    print(f"{args.to}: {size / 1e6:.1f} MB of safetensors; steps: decoder {decoder_step}, prior {prior_step}, "
          f"super_res {super_res_step}")


if __name__ == "__main__":
    main()
