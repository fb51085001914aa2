# SPDX-License-Identifier: GPL-3.0-or-later
"""Fugue's engine against the official pipelines, on the same model folder and the same noise.

Runs UnCLIPPipeline and UnCLIPImageVariationPipeline of diffusers 0.19.3 on the folder, keeping every noise draw, then
`unclip sample` with those draws, and compares the pictures. They must agree within 2/255.

    check_engine.py --unclip build/engine/cli/unclip
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import UnCLIPImageVariationPipeline, UnCLIPPipeline
from diffusers.pipelines.unclip import pipeline_unclip, pipeline_unclip_image_variation
from diffusers.schedulers import scheduling_unclip
from PIL import Image
from safetensors.torch import load_file, save_file

from check_diffusers import ONLY_IMAGE, ONLY_TEXT, components, test_picture

STEPS = dict(decoder_num_inference_steps=25, super_res_num_inference_steps=7)


class Draws:
    """Stands in for randn_tensor and keeps what it gave, under the names that `unclip sample` reads."""

    def __init__(self, stages, seed):
        self.stages = list(stages)
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = {}

    def draw(self, name, shape):
        self.tensors[name] = torch.randn(tuple(shape), generator=self.generator)
        return self.tensors[name]

    def latents(self, shape, **_):
        self.stage, self.step = self.stages.pop(0), 0
        return self.draw(f"{self.stage}_latents", shape)

    def step_noise(self, shape, **_):
        self.step += 1
        return self.draw(f"{self.stage}_noise.{self.step - 1}", shape)

    def watch(self):
        pipeline_unclip.randn_tensor = self.latents
        pipeline_unclip_image_variation.randn_tensor = self.latents
        scheduling_unclip.randn_tensor = self.step_noise


def run_pipeline(pipeline, stages, seed, *args, **options):
    draws = Draws(stages, seed)
    draws.watch()
    pipeline.set_progress_bar_config(disable=True)
    images = pipeline(*args, **STEPS, **options).images
    return draws.tensors, np.stack([np.asarray(image, np.float32) for image in images])


def run_engine(program, model, folder, noise, arguments):
    save_file({name: tensor.contiguous() for name, tensor in noise.items()}, folder / "noise.safetensors")
    results = folder / "results.safetensors"
    results.unlink(missing_ok=True)
    subprocess.run([program, "sample", str(model), f"--noise={folder / 'noise.safetensors'}", f"--results={results}",
                    "--output", str(folder), "--precision=f32", "--steps=25", "--upsampler-steps=7", *arguments],
                   check=True, stdout=subprocess.DEVNULL)
    image = load_file(results)["image"]
    return (image * 255).round().permute(0, 2, 3, 1).numpy()


def report(what, theirs, ours):
    difference = np.abs(theirs - ours)
    print(f"{what}: {len(theirs)} pictures, at most {difference.max():.0f}/255 apart, {(difference > 0).mean():.2%} of values differ")
    return difference.max() <= 2


def main():
    parser = argparse.ArgumentParser(description="Compares the engine with the official pipelines, noise for noise.")
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent.parent / "mini", metavar="DIR")
    parser.add_argument("--unclip", default="unclip", metavar="PROGRAM")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = folder / "picture.png"
        test_picture().save(picture)

        image = UnCLIPImageVariationPipeline(**components(args.model, ONLY_TEXT))
        noise, theirs = run_pipeline(image, ("decoder", "super_res"), 2, Image.open(picture), num_images_per_prompt=4,
                                     decoder_guidance_scale=2.5)
        ours = run_engine(args.unclip, args.model, folder, noise,
                          [f"--picture={picture}", "--images-per-prompt=4", "--guidance=2.5"])
        good = report("variations", theirs, ours)

        text = UnCLIPPipeline(**components(args.model, ONLY_IMAGE))
        noise, theirs = run_pipeline(text, ("prior", "decoder", "super_res"), 1, "a red apple", num_images_per_prompt=4,
                                     prior_num_inference_steps=25, prior_guidance_scale=2.0, decoder_guidance_scale=2.5)
        ours = run_engine(args.unclip, args.model, folder, noise,
                          ["--caption=a red apple", "--images-per-prompt=4", "--prior-steps=25", "--prior-guidance=2", "--guidance=2.5"])
        good &= report("captions", theirs, ours)
    if not good:
        raise SystemExit("the pictures differ")


if __name__ == "__main__":
    main()
