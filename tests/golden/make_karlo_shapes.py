#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a model folder in the exact shapes of Karlo v1 alpha with random weights, for checks at real size.

    make_karlo_shapes.py OUT_DIR [--parts prior,decoder,...] [--dtype f16|f32] [--eval [--only-eval]] [--side 256]

One tensor at a time is made and appended, so memory stays small. --eval then loads each part alone in PyTorch, in f32
whatever the stored type, runs it and writes OUT_DIR/eval/PART-bN.safetensors with in.*, out.* and block.* tensors.
Weights depend on the part's and the tensor's name alone.
"""

import argparse
import json
import os
import struct
import time

import torch
from accelerate import init_empty_weights
from accelerate.utils import set_module_tensor_to_device
from diffusers import PriorTransformer, UNet2DConditionModel, UNet2DModel, UnCLIPScheduler
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from safetensors import safe_open
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)
from transformers.models.clip.tokenization_clip import bytes_to_unicode

from golden_common import normal, parameter_values, save_json
from make_nets import DECODER_LATER_KEYS, PRIOR_LATER_KEYS, UNET_TOP, record

DTYPES = {"f16": (torch.float16, "F16"), "f32": (torch.float32, "F32")}
ATTENTION_DOWN = ["SimpleCrossAttnDownBlock2D"] * 3
ATTENTION_UP = ["SimpleCrossAttnUpBlock2D"] * 3

PRIOR = dict(
    num_attention_heads=32,
    attention_head_dim=64,
    num_layers=20,
    embedding_dim=768,
    num_embeddings=77,
    additional_embeddings=4,
    dropout=0.0,
)
TEXT_PROJ = dict(clip_extra_context_tokens=4, clip_embeddings_dim=768, time_embed_dim=1280, cross_attention_dim=1536)
DECODER = dict(
    sample_size=64,
    in_channels=3,
    out_channels=6,
    down_block_types=["ResnetDownsampleBlock2D", *ATTENTION_DOWN],
    mid_block_type="UNetMidBlock2DSimpleCrossAttn",
    up_block_types=[*ATTENTION_UP, "ResnetUpsampleBlock2D"],
    block_out_channels=[320, 640, 960, 1280],
    layers_per_block=3,
    cross_attention_dim=1536,
    attention_head_dim=64,
    class_embed_type="identity",
    resnet_time_scale_shift="scale_shift",
)
SUPER_RES = dict(
    in_channels=6,
    out_channels=3,
    down_block_types=["ResnetDownsampleBlock2D"] * 4,
    up_block_types=["ResnetUpsampleBlock2D"] * 4,
    block_out_channels=[320, 640, 960, 1280],
    layers_per_block=3,
    add_attention=False,
)
TEXT = dict(
    hidden_size=768,
    intermediate_size=3072,
    num_hidden_layers=12,
    num_attention_heads=12,
    hidden_act="quick_gelu",
    projection_dim=768,
    bos_token_id=0,
    eos_token_id=2,
    pad_token_id=1,
)
VISION = dict(
    hidden_size=1024,
    intermediate_size=4096,
    num_hidden_layers=24,
    num_attention_heads=16,
    image_size=224,
    patch_size=14,
    hidden_act="quick_gelu",
    projection_dim=768,
)

# part: library, how to build it, keys left out of config.json
PARTS = {
    "prior": ("diffusers", lambda: PriorTransformer(**PRIOR), PRIOR_LATER_KEYS),
    "text_proj": ("unclip", lambda: UnCLIPTextProjModel(**TEXT_PROJ), ()),
    "decoder": ("diffusers", lambda: UNet2DConditionModel(**DECODER), DECODER_LATER_KEYS),
    "super_res_first": ("diffusers", lambda: UNet2DModel(sample_size=256, **SUPER_RES), ()),
    "super_res_last": ("diffusers", lambda: UNet2DModel(sample_size=None, **SUPER_RES), ()),
    "text_encoder": ("transformers", lambda: CLIPTextModelWithProjection(CLIPTextConfig(**TEXT)), ()),
    "image_encoder": ("transformers", lambda: CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION)), ()),
}
SCHEDULERS = {
    "prior_scheduler": dict(variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0),
    "decoder_scheduler": dict(variance_type="learned_range", prediction_type="epsilon", clip_sample_range=1.0),
    "super_res_scheduler": dict(variance_type="fixed_small_log", prediction_type="epsilon", clip_sample_range=1.0),
}


# ---- writing -------------------------------------------------------------------------------------------------------


def weights_path(folder, part):
    base = "model" if PARTS[part][0] == "transformers" else "diffusion_pytorch_model"
    return os.path.join(folder, part, f"{base}.safetensors")


def build_empty(part):
    with init_empty_weights():
        return PARTS[part][1]().eval()


def write_config(model, folder, part):
    os.makedirs(os.path.join(folder, part), exist_ok=True)
    target = model.config if hasattr(model.config, "save_pretrained") else model
    (target.save_pretrained if target is model.config else target.save_config)(os.path.join(folder, part))
    path = os.path.join(folder, part, "config.json")
    with open(path) as f:
        config = json.load(f)
    save_json(path, {k: v for k, v in config.items() if k not in PARTS[part][2]})


def write_part(folder, part, dtype_name):
    """Streams one part: the safetensors header first, then tensor after tensor in the same order."""
    model = build_empty(part)
    write_config(model, folder, part)
    dtype, tag = DTYPES[dtype_name]
    shapes = {key: tuple(t.shape) for key, t in model.state_dict().items()}
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for key, shape in shapes.items():
        n_bytes = torch.Size(shape).numel() * torch.finfo(dtype).bits // 8
        header[key] = {"dtype": tag, "shape": shape, "data_offsets": [end, end + n_bytes]}
        end += n_bytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = weights_path(folder, part)
    with open(path + ".part", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for key, shape in shapes.items():
            f.write(parameter_values(part, key, shape).to(dtype).numpy().tobytes())
    os.replace(path + ".part", path)
    n = sum(torch.Size(s).numel() for s in shapes.values())
    print(f"{part}: {len(shapes)} tensors, {n:,} values, {os.path.getsize(path):,} bytes", flush=True)


def write_tokenizer(folder):
    """A tokenizer of Karlo's size; its merges spell strings of two, three and four letters."""
    alphabet = list(bytes_to_unicode().values())
    letters = "etaoinshrdlcumwfgypbvkjxqz"
    merges, stems = [], list(letters)
    while len(merges) < 49152 - 512 + 254:
        longer = []
        for stem in stems:
            merges += [(stem, c) for c in letters] + [(stem, f"{c}</w>") for c in letters]
            longer += [stem + c for c in letters]
        stems = longer
    merges = merges[: 49152 - 512 + 254]
    vocab = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges]
    vocab += ["<|startoftext|>", "<|endoftext|>"]
    assert len(vocab) == len(set(vocab)) == 49408
    os.makedirs(folder, exist_ok=True)
    vocab_path, merges_path = os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt")
    with open(vocab_path, "w", encoding="utf-8") as f:
        json.dump({token: i for i, token in enumerate(vocab)}, f, ensure_ascii=False)
    with open(merges_path, "w", encoding="utf-8") as f:
        f.write("#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in merges))
    CLIPTokenizer(vocab_path, merges_path, pad_token="!", model_max_length=77).save_pretrained(folder)


def write_small_files(folder):
    write_tokenizer(os.path.join(folder, "tokenizer"))
    CLIPImageProcessor().save_pretrained(os.path.join(folder, "feature_extractor"))
    index = {"_class_name": "UnCLIPPipeline", "_diffusers_version": "0.19.3"}
    index["tokenizer"] = ["transformers", "CLIPTokenizer"]
    index["feature_extractor"] = ["transformers", "CLIPImageProcessor"]
    for name, config in SCHEDULERS.items():
        UnCLIPScheduler(clip_sample=True, **config).save_pretrained(os.path.join(folder, name))
        index[name] = ["diffusers", "UnCLIPScheduler"]
    for part, (library, _, _) in PARTS.items():
        if os.path.exists(weights_path(folder, part)):
            index[part] = [library, type(build_empty(part)).__name__]
    save_json(os.path.join(folder, "model_index.json"), index)


# ---- evaluation ----------------------------------------------------------------------------------------------------


def load_part(folder, part):
    model = build_empty(part)
    with safe_open(weights_path(folder, part), framework="pt") as f:
        for key in f.keys():
            set_module_tensor_to_device(model, key, "cpu", value=f.get_tensor(key).float(), dtype=torch.float32)
    assert not [k for k, p in model.named_parameters() if p.is_meta]
    assert not [k for k, b in model.named_buffers() if b.is_meta]
    return model


def text_mask(b, extra=0):
    """The first half of the rows as the empty prompt, the rest with 9 text tokens; extra leading ones."""
    lengths = [2 if i < b // 2 else 11 for i in range(b)]
    return torch.tensor([[1] * extra + [int(k < n) for k in range(77)] for n in lengths])


def inputs_of(part, b, side):
    name = f"karlo/{part}/b{b}"
    if part == "prior":
        return {
            "hidden_states": normal(f"{name}/x", 1, 768).repeat(b, 1),
            "timestep": torch.tensor([958]),
            "proj_embedding": normal(f"{name}/proj", b, 768),
            "encoder_hidden_states": normal(f"{name}/text", b, 77, 768),
            "attention_mask": text_mask(b),
        }
    if part == "decoder":
        return {
            "sample": normal(f"{name}/x", 1, 3, 64, 64).repeat(b, 1, 1, 1),
            "timestep": torch.tensor([541]),
            "encoder_hidden_states": normal(f"{name}/context", b, 81, 1536),
            "class_labels": normal(f"{name}/class", b, 1280),
            "attention_mask": text_mask(b, 4),
        }
    if part == "text_proj":
        return {
            "image_embeddings": normal(f"{name}/image", b, 768),
            "prompt_embeds": normal(f"{name}/prompt", 2 * b, 768),
            "text_encoder_hidden_states": normal(f"{name}/text", 2 * b, 77, 768),
        }
    if part == "text_encoder":
        ids = torch.zeros(b, 77, dtype=torch.long)
        ids[:, 0], ids[:, 1:10], ids[:, 10] = 49406, torch.arange(2000, 20000, 2000), 49407
        return {"input_ids": ids}
    if part == "image_encoder":
        return {"pixel_values": normal(f"{name}/pixels", b, 3, 224, 224)}
    return {"sample": normal(f"{name}/x", b, 6, side, side), "timestep": torch.tensor([333])}


# part: batches, pattern of recorded blocks, outputs.
EVALS = {
    "prior": ((1, 2), r"time_embedding|transformer_blocks\.\d+|norm_out", ("predicted_image_embedding",)),
    "decoder": ((1, 2), UNET_TOP, ("sample",)),
    "super_res_first": ((1,), UNET_TOP, ("sample",)),
    "super_res_last": ((1,), UNET_TOP, ("sample",)),
    "text_proj": ((1,), r"\w+_(proj|embeddings)", ("text_encoder_hidden_states", "additive_clip_time_embeddings")),
    "text_encoder": ((1,), r"text_model\.encoder\.layers\.\d+", ("text_embeds", "last_hidden_state")),
    "image_encoder": ((1,), r"vision_model\.encoder\.layers\.\d+", ("image_embeds", "last_hidden_state")),
}


def evaluate(folder, part, side):
    started = time.monotonic()
    model = load_part(folder, part)
    print(f"{part}: loaded in {time.monotonic() - started:.1f} s", flush=True)
    batches, pattern, outputs = EVALS[part]
    for b in batches:
        path = os.path.join(folder, "eval", f"{part}-b{b}.safetensors")
        extra = {"do_classifier_free_guidance": True} if part == "text_proj" else {}
        started = time.monotonic()
        record(model, path, inputs_of(part, b, side), pattern, outputs, **extra)
        with safe_open(path, framework="pt") as f:
            out = f.get_tensor(f"out.{outputs[0]}")
        print(f"{part} batch {b}: {time.monotonic() - started:.1f} s, output deviation {out.std():.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out_dir")
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; default: all")
    parser.add_argument("--dtype", choices=DTYPES, default="f32", help="of the stored weights")
    parser.add_argument("--eval", action="store_true", help="also run each part and store inputs and outputs")
    parser.add_argument("--only-eval", action="store_true", help="the parts are there already")
    parser.add_argument(
        "--side",
        type=int,
        default=64,
        help="pixels of the super-resolution nets' pictures; 256 is the true size, sixteen times the work of the default",
    )
    arguments = parser.parse_args()
    parts = arguments.parts.split(",")
    for part in parts:
        if part not in PARTS:
            parser.error(f"unknown part: {part}; known: {', '.join(PARTS)}")
        if not arguments.only_eval:
            write_part(arguments.out_dir, part, arguments.dtype)
    write_small_files(arguments.out_dir)
    if arguments.eval or arguments.only_eval:
        for part in parts:
            evaluate(arguments.out_dir, part, arguments.side)


if __name__ == "__main__":
    main()
