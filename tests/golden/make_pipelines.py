# SPDX-License-Identifier: GPL-3.0-or-later
"""pipelines/NAME/: whole tiny models and runs of the official pipelines, with every noise draw stored.

Random weights would make pictures that are clipped everywhere, so the last convolution of the decoder and of the first
super-resolution net is fitted by least squares to predict the noise in smooth pictures; all other weights stay random.
"""

import logging
import os
import shutil

import torch
import torch.nn.functional as F
from diffusers import (
    PriorTransformer,
    UNet2DConditionModel,
    UNet2DModel,
    UnCLIPImageVariationPipeline,
    UnCLIPPipeline,
    UnCLIPScheduler,
)
from diffusers.pipelines.unclip import pipeline_unclip, pipeline_unclip_image_variation
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from diffusers.schedulers import scheduling_unclip
from PIL import Image
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from golden_common import HERE, generator, init_weights, normal, save_component, save_json, save_tensors, uniform
from make_tokenizer import PADS, write_tokenizer

DTYPE = torch.float16  # of the stored weights
N_TEXT = 77

# Sampling can be chaotic: at time 999 the clean value is (x_t - epsilon) times 20,000, clipped to one, so near zero rounding
# decides a pixel. A seed is taken only if no value of the picture moves by STABLE while every net's output is disturbed
# by DISTURBANCE of its standard deviation, N_REPLAYS times.
DISTURBANCE = 3e-5
STABLE = 0.5 / 255
N_REPLAYS = 6


# ---- components ----------------------------------------------------------------------------------------------------


def text_encoder(name, vocab_size, **config):
    config = CLIPTextConfig(
        vocab_size=vocab_size,
        max_position_embeddings=N_TEXT,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
        **config,
    )
    return init_weights(CLIPTextModelWithProjection(config), f"{name}/text_encoder", DTYPE)


def weaken(model, factors):
    """Scales weights down (factors: parameter name to factor), so that guidance by 8 does not overshoot all bounds."""
    with torch.no_grad():
        for key, factor in factors.items():
            p = model.get_parameter(key)
            p.copy_((p * factor).to(DTYPE).float())
    return model


def prior(name, **config):
    net = init_weights(PriorTransformer(num_embeddings=N_TEXT, **config), f"{name}/prior", DTYPE)
    return weaken(net, {"embedding_proj.weight": 0.4, "encoder_hidden_states_proj.weight": 0.4})


def text_proj(name, **config):
    net = init_weights(UnCLIPTextProjModel(clip_extra_context_tokens=4, **config), f"{name}/text_proj", DTYPE)
    return weaken(
        net,
        {
            "embedding_proj.weight": 0.25,
            "clip_image_embeddings_project_to_time_embeddings.weight": 0.25,
            "clip_extra_context_tokens_proj.weight": 0.4,
        },
    )


def schedulers():
    return {
        "prior_scheduler": UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
        ),
        "decoder_scheduler": UnCLIPScheduler(variance_type="learned_range", prediction_type="epsilon"),
        "super_res_scheduler": UnCLIPScheduler(variance_type="fixed_small_log", prediction_type="epsilon"),
    }


def smooth_pictures(name, n, size):
    """Pictures in -1..1 (N,3,H,W): random 3 × 3 fields enlarged."""
    coarse = uniform(name, n, 3, 3, 3, low=-0.95, high=0.95)
    return F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=True)


def fit_conv_out(net, name, clean, condition):
    """Sets the first three output channels of net to the linear map of its last features that predicts the noise."""
    n = clean.shape[0]
    times = torch.tensor([999, 832, 666, 500, 333, 250])[torch.arange(n) % 6]
    abar = UnCLIPScheduler().alphas_cumprod[times].reshape(n, 1, 1, 1)
    noise = normal(f"{name}/fit/noise", *clean.shape)
    x = abar.sqrt() * clean + (1 - abar).sqrt() * noise
    features = []
    handle = net.conv_out.register_forward_pre_hook(lambda module, inputs: features.append(inputs[0]))
    with torch.no_grad():
        condition(x, times)
    handle.remove()

    a = F.unfold(features[0], 3, padding=1).transpose(1, 2).flatten(0, 1).double()  # (N H W, C 9)
    a = torch.cat([a, torch.ones(a.shape[0], 1, dtype=a.dtype)], 1)
    y = noise.permute(0, 2, 3, 1).reshape(-1, 3).double()
    gram = a.T @ a + 1e-3 * a.shape[0] * torch.eye(a.shape[1], dtype=a.dtype)
    solution = torch.linalg.solve(gram, a.T @ y).float()  # (C 9 + 1, 3)
    with torch.no_grad():
        net.conv_out.weight[:3] = solution[:-1].T.reshape(3, -1, 3, 3).to(DTYPE).float()
        net.conv_out.bias[:3] = solution[-1].to(DTYPE).float()


def decoder(name, n_context, **config):
    config = dict(
        in_channels=3,
        out_channels=6,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        class_embed_type="identity",
        resnet_time_scale_shift="scale_shift",
        **config,
    )
    net = init_weights(UNet2DConditionModel(**config), f"{name}/decoder", DTYPE)
    n, size = 480, net.config.sample_size
    context = normal(f"{name}/fit/context", n, n_context, net.config.cross_attention_dim)
    classes = normal(f"{name}/fit/class", n, 4 * net.config.block_out_channels[0])
    fit_conv_out(
        net,
        f"{name}/decoder",
        smooth_pictures(f"{name}/fit/decoder", n, size),
        lambda x, t: net(x, t, encoder_hidden_states=context, class_labels=classes),
    )
    return net


def super_res(name, part, small, size, **config):
    config = dict(
        sample_size=None if part == "super_res_last" else size,
        in_channels=6,
        out_channels=3,
        add_attention=False,
        **config,
    )
    net = init_weights(UNet2DModel(**config), f"{name}/{part}", DTYPE)
    if part == "super_res_last":
        # At time 0 the output counts 0.0064 times. Made large, so that taking the wrong net moves the picture.
        with torch.no_grad():
            net.conv_out.weight *= 16
        return net
    clean = smooth_pictures(f"{name}/fit/{part}", 120, size)
    low = F.interpolate(clean, size=(small, small), mode="bicubic", antialias=True)
    low = F.interpolate(low, size=(size, size), mode="bicubic", antialias=True)
    fit_conv_out(net, f"{name}/{part}", clean, lambda x, t: net(torch.cat([x, low], 1), t))
    return net


def write_model(pipeline, folder):
    """The pipeline's own files, then all weights once more in F16."""
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.save_pretrained(folder, safe_serialization=True)
    for part, component in pipeline.components.items():
        if isinstance(component, torch.nn.Module):
            save_component(component, os.path.join(folder, part), DTYPE)


# ---- runs ----------------------------------------------------------------------------------------------------------


class Recorder:
    """Takes the place of randn_tensor in pipelines and scheduler and wraps the pipeline's parts while it runs.

    With noise given, that is used in place of fresh draws, and the outputs of the nets are disturbed.
    """

    STAGES = ("prior", "decoder", "super_res")
    NETS = ("text_encoder", "image_encoder", "prior", "decoder", "super_res_first", "super_res_last")

    def __init__(self, pipeline, noise=None):
        self.pipeline = pipeline
        self.stages = [s for s in self.STAGES if hasattr(pipeline, f"{s}_scheduler")]
        self.replay, self.noise, self.results = noise, {}, {}
        self.stage, self.n_noise, self.n_steps = -1, 0, 0

    def latents(self, shape, generator, device, dtype):
        self.stage, self.n_noise, self.n_steps = self.stage + 1, 0, 0
        return self.draw(f"{self.stages[self.stage]}_latents", shape, generator)

    def step_noise(self, shape, generator, device, dtype):
        self.n_noise += 1
        return self.draw(f"{self.stages[self.stage]}_noise.{self.n_noise - 1}", shape, generator)

    def draw(self, key, shape, generator):
        self.noise[key] = self.replay[key] if self.replay else torch.randn(shape, generator=generator)
        return self.noise[key].clone()

    def wrap_step(self, stage):
        scheduler = getattr(self.pipeline, f"{stage}_scheduler")

        def step(*args, **kwargs):
            out = type(scheduler).step(scheduler, *args, **kwargs)
            self.results[f"{stage}_step.{self.n_steps}"] = out.prev_sample
            self.n_steps += 1
            return out

        scheduler.step = step

    def keep_embeddings(self, function):
        def project(**kwargs):
            self.results["image_embeddings"] = kwargs["image_embeddings"].clone()
            self.results["prompt_embeds"] = kwargs["prompt_embeds"].clone()
            return function(**kwargs)

        return project

    def keep_low(self, function):
        def last(sample, timestep):
            self.results["super_res_low"] = sample[:, 3:].clone()
            return function(sample=sample, timestep=timestep)

        return last

    @staticmethod
    def disturb(module, inputs, output):
        for key, value in output.items():
            if torch.is_tensor(value):
                output[key] = value + DISTURBANCE * value.std() * torch.randn_like(value)
        return output

    def run(self, **arguments):
        p = self.pipeline
        pipeline_unclip.randn_tensor = self.latents
        pipeline_unclip_image_variation.randn_tensor = self.latents
        scheduling_unclip.randn_tensor = self.step_noise
        for stage in self.stages:
            self.wrap_step(stage)
        handles = []
        if self.replay:
            handles = [getattr(p, n).register_forward_hook(self.disturb) for n in self.NETS if hasattr(p, n)]
        project, last = p.text_proj.forward, p.super_res_last.forward
        p.text_proj.forward, p.super_res_last.forward = self.keep_embeddings(project), self.keep_low(last)
        try:
            images = p(output_type="np", **arguments).images
        finally:
            p.text_proj.forward, p.super_res_last.forward = project, last
            for h in handles:
                h.remove()
        steps = [k for k in self.results if k.startswith("decoder_step.")]
        self.results["decoder_image"] = self.results[steps[-1]].clamp(-1, 1)
        self.results["image"] = torch.from_numpy(images).permute(0, 3, 1, 2)
        return self


def movement(pipeline, recorder, **arguments):
    """How far a value of the picture moves at most under N_REPLAYS disturbed runs with the same noise."""
    torch.manual_seed(0)
    replays = [Recorder(pipeline, recorder.noise).run(**arguments) for _ in range(N_REPLAYS)]
    return max((r.results["image"] - recorder.results["image"]).abs().max().item() for r in replays)


def record_run(pipeline, folder, settings, **arguments):
    """Tries seeds until the picture is stable, then writes run.json, noise.safetensors and results.safetensors."""
    for seed in range(100):
        recorder = Recorder(pipeline).run(generator=generator(f"{folder}/{seed}"), **arguments)
        moved = movement(pipeline, recorder, **arguments)
        if moved < STABLE:
            break
    else:
        raise SystemExit(f"{folder}: no seed gives a stable picture")
    image = recorder.results["image"]
    near_end = ((image < 0.02) | (image > 0.98)).float().mean().item()
    print(f"  {folder}: seed {seed}, moves {moved * 255:.3f}/255, {near_end:.0%} of the values black or white")
    path = os.path.join(HERE, "pipelines", folder)
    save_json(os.path.join(path, "run.json"), settings)
    save_tensors(os.path.join(path, "noise.safetensors"), recorder.noise)
    save_tensors(os.path.join(path, "results.safetensors"), recorder.results)
    return path


def text_run(pipeline, folder, prompt, n, steps, scales):
    settings = {
        "prompt": prompt,
        "num_images_per_prompt": n,
        "prior_num_inference_steps": steps[0],
        "decoder_num_inference_steps": steps[1],
        "super_res_num_inference_steps": steps[2],
        "prior_guidance_scale": scales[0],
        "decoder_guidance_scale": scales[1],
    }
    record_run(pipeline, folder, settings, **settings)


def variation_run(pipeline, folder, pictures, n, steps, scale):
    settings = {
        "image": [f"picture-{i}.png" for i in range(len(pictures))],
        "num_images_per_prompt": n,
        "decoder_num_inference_steps": steps[0],
        "super_res_num_inference_steps": steps[1],
        "decoder_guidance_scale": scale,
    }
    images = [Image.open(os.path.join(HERE, "images", f"{p}.png")).convert("RGB") for p in pictures]
    path = record_run(pipeline, folder, settings, **{**settings, "image": images})
    for i, image in enumerate(images):
        image.save(os.path.join(path, f"picture-{i}.png"))
    pixels = pipeline.feature_extractor(images=images, return_tensors="pt").pixel_values
    save_tensors(os.path.join(path, "pixel_values.safetensors"), {"pixel_values": pixels})


# ---- the two models ------------------------------------------------------------------------------------------------


def make_text_to_image(root):
    name, e, x = "text-to-image", 20, 28
    folder = os.path.join(root, name, "model")
    tokenizer = write_tokenizer(os.path.join(folder, "tokenizer"), PADS["pad-exclamation"])
    attention = ("SimpleCrossAttn", "SimpleCrossAttn")
    pipeline = UnCLIPPipeline(
        prior=prior(name, num_attention_heads=2, attention_head_dim=16, num_layers=2, embedding_dim=e),
        decoder=decoder(
            name,
            4 + N_TEXT,
            sample_size=8,
            down_block_types=[f"{a}DownBlock2D" for a in attention],
            up_block_types=[f"{a}UpBlock2D" for a in attention],
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=x,
            attention_head_dim=8,
        ),
        text_encoder=text_encoder(
            name,
            len(tokenizer),
            hidden_size=e,
            intermediate_size=44,
            num_hidden_layers=2,
            num_attention_heads=1,
            hidden_act="quick_gelu",
            projection_dim=e,
        ),
        tokenizer=tokenizer,
        text_proj=text_proj(name, clip_embeddings_dim=e, time_embed_dim=32, cross_attention_dim=x),
        **{
            part: super_res(
                name,
                part,
                8,
                16,
                down_block_types=("ResnetDownsampleBlock2D",) * 2,
                up_block_types=("ResnetUpsampleBlock2D",) * 2,
                block_out_channels=(8, 12),
                layers_per_block=1,
                norm_num_groups=4,
            )
            for part in ("super_res_first", "super_res_last")
        },
        **schedulers(),
    )
    write_model(pipeline, folder)
    pipeline = UnCLIPPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    text_run(pipeline, f"{name}/guided", "a small red heart on a blue background!", 2, (3, 5, 4), (4.0, 8.0))
    text_run(
        pipeline, f"{name}/plain", ["Two GREEN apples upside down", "the dog's teapot, at night"], 1, (2, 4, 7), (1.0, 1.0)
    )
    text_run(pipeline, f"{name}/prior-guided", "A glossy black piano in Caf\u00e9 n\u00ba 5", 1, (4, 4, 2), (3.0, 1.0))


def make_variation(root):
    name, e, x = "variation", 24, 20
    folder = os.path.join(root, name, "model")
    tokenizer = write_tokenizer(os.path.join(folder, "tokenizer"), PADS["pad-end"])
    scheduler = schedulers()
    del scheduler["prior_scheduler"]
    pipeline = UnCLIPImageVariationPipeline(
        decoder=decoder(
            name,
            4 + N_TEXT,
            sample_size=8,
            down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
            up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
            block_out_channels=(8, 20),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=x,
            attention_head_dim=10,
        ),
        text_encoder=text_encoder(
            name,
            len(tokenizer),
            hidden_size=e,
            intermediate_size=40,
            num_hidden_layers=1,
            num_attention_heads=2,
            hidden_act="gelu",
            projection_dim=e,
        ),
        tokenizer=tokenizer,
        text_proj=text_proj(name, clip_embeddings_dim=e, time_embed_dim=32, cross_attention_dim=x),
        feature_extractor=CLIPImageProcessor(
            size={"shortest_edge": 22}, crop_size={"height": 20, "width": 20}
        ),
        image_encoder=init_weights(
            CLIPVisionModelWithProjection(
                CLIPVisionConfig(
                    hidden_size=32,
                    intermediate_size=52,
                    num_hidden_layers=2,
                    num_attention_heads=2,
                    image_size=20,
                    patch_size=5,
                    hidden_act="quick_gelu",
                    projection_dim=e,
                )
            ),
            f"{name}/image_encoder",
            DTYPE,
        ),
        **{
            part: super_res(
                name,
                part,
                8,
                20,
                down_block_types=("ResnetDownsampleBlock2D",) * 2,
                up_block_types=("ResnetUpsampleBlock2D",) * 2,
                block_out_channels=(8, 12),
                layers_per_block=1,
                norm_num_groups=4,
            )
            for part in ("super_res_first", "super_res_last")
        },
        **scheduler,
    )
    write_model(pipeline, folder)
    pipeline = UnCLIPImageVariationPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    variation_run(pipeline, f"{name}/guided", ["scene-64x48"], 2, (5, 4), 8.0)
    variation_run(pipeline, f"{name}/plain", ["palette-50x37"], 2, (4, 7), 1.0)
    variation_run(pipeline, f"{name}/two-pictures", ["scene-17x211", "noise-33x20"], 2, (3, 2), 3.0)


def main():
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    root = os.path.join(HERE, "pipelines")
    shutil.rmtree(root, ignore_errors=True)
    make_text_to_image(root)
    make_variation(root)


if __name__ == "__main__":
    main()
