# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof that the folder is a diffusers model: builds and runs both official pipelines on it, and compares.

UnCLIPPipeline and UnCLIPImageVariationPipeline of diffusers 0.19.3, once by from_pretrained() and once from the
single components. For the variation pipeline the same noise is also fed to mini.py, whose pictures must agree
within 2/255; that ties the evaluation to what the pipelines do.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import (PriorTransformer, UNet2DConditionModel, UNet2DModel, UnCLIPImageVariationPipeline,
                       UnCLIPPipeline, UnCLIPScheduler)
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from PIL import Image
from transformers import (CLIPImageProcessor, CLIPTextModelWithProjection, CLIPTokenizer,
                          CLIPVisionModelWithProjection)

from mini import Mini

CLASSES = dict(decoder=UNet2DConditionModel, prior=PriorTransformer, super_res_first=UNet2DModel,
               super_res_last=UNet2DModel, text_proj=UnCLIPTextProjModel, tokenizer=CLIPTokenizer,
               text_encoder=CLIPTextModelWithProjection, image_encoder=CLIPVisionModelWithProjection,
               feature_extractor=CLIPImageProcessor, decoder_scheduler=UnCLIPScheduler,
               prior_scheduler=UnCLIPScheduler, super_res_scheduler=UnCLIPScheduler)
ONLY_TEXT = ("prior", "prior_scheduler")
ONLY_IMAGE = ("image_encoder", "feature_extractor")


def components(folder, without):
    return {name: kind.from_pretrained(folder / name) for name, kind in CLASSES.items() if name not in without}


def test_picture():
    """A red disc on white, 96x96."""
    y, x = np.mgrid[:96, :96]
    disc = (x - 48) ** 2 + (y - 48) ** 2 < 38 ** 2
    return Image.fromarray(np.where(disc[..., None], (214, 50, 44), (255, 255, 255)).astype(np.uint8))


def as_array(image):
    return np.asarray(image, np.float32)


def main():
    parser = argparse.ArgumentParser(description="Runs both official unCLIP pipelines on the model folder.")
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent.parent / "mini", metavar="DIR")
    args = parser.parse_args()
    text = UnCLIPPipeline(**components(args.model, ONLY_IMAGE))
    again = UnCLIPPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
    image = UnCLIPImageVariationPipeline(**components(args.model, ONLY_TEXT))
    UnCLIPImageVariationPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
    for pipeline in (text, again, image):
        pipeline.set_progress_bar_config(disable=True)

    options = dict(prior_guidance_scale=2.0, decoder_guidance_scale=2.0)
    first = text("a red apple", generator=torch.Generator().manual_seed(1), **options).images[0]
    second = again("a red apple", generator=torch.Generator().manual_seed(1), **options).images[0]
    apart = np.abs(as_array(first) - as_array(second)).max()
    print(f"UnCLIPPipeline: {first.size}, from_pretrained differs by {apart:.0f}/255")

    varied = image(test_picture(), num_images_per_prompt=2, decoder_guidance_scale=2.0,
                   generator=torch.Generator().manual_seed(2)).images
    mini = Mini(args.model)
    pixels = image.feature_extractor(test_picture(), return_tensors="pt").pixel_values
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        embeds = mini.embed_images(pixels).expand(2, -1)
        ours = mini.upsample(mini.decode(embeds, generator, scale=2.0), generator)
    ours = ((ours / 2 + 0.5) * 255).round().permute(0, 2, 3, 1).numpy()
    difference = max(np.abs(as_array(v) - o).max() for v, o in zip(varied, ours))
    print(f"UnCLIPImageVariationPipeline: {varied[0].size}, mini.py differs by {difference:.0f}/255 for the same noise")
    if difference > 2 or apart > 0:
        raise SystemExit("the pictures differ")
    print("both pipelines run")


if __name__ == "__main__":
    main()
