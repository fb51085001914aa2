# SPDX-License-Identifier: GPL-3.0-or-later
"""nets/NAME/: one small model folder a configuration, and io-bN.safetensors with inputs, outputs and block outputs."""

import os

import torch
from diffusers import PriorTransformer, UNet2DConditionModel, UNet2DModel
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from golden_common import (
    BlockRecorder,
    HERE,
    init_weights,
    normal,
    python_random,
    save_component,
    save_tensors,
)

UNET_BLOCKS = (
    r"conv_in|time_embedding|conv_norm_out|mid_block|(down|up)_blocks\.\d+|"
    r"(mid_block|(down|up)_blocks\.\d+)\.(resnets|attentions|downsamplers|upsamplers)\.\d+"
)
UNET_TOP = r"conv_in|time_embedding|conv_norm_out|mid_block|(down|up)_blocks\.\d+"
PRIOR_BLOCKS = r"time_embedding|embedding_proj|proj_in|transformer_blocks\.\d+(\.attn1|\.ff)?|norm_out"
PRIOR_TOP = r"time_embedding|transformer_blocks\.0"
TEXT_BLOCKS = r"text_model\.(embeddings|final_layer_norm|encoder\.layers\.\d+(\.self_attn|\.mlp)?)"
TEXT_TOP = r"text_model\.encoder\.layers\.0"
VISION_BLOCKS = r"vision_model\.(embeddings|pre_layrnorm|post_layernorm|encoder\.layers\.\d+(\.self_attn|\.mlp)?)"
VISION_TOP = r"vision_model\.encoder\.layers\.0"

# Keys that the configuration files of the published models lack, because they are older than the keys.
PRIOR_LATER_KEYS = (
    "time_embed_act_fn norm_in_type embedding_proj_norm_type encoder_hid_proj_type added_emb_type time_embed_dim "
    "embedding_proj_dim clip_embed_dim"
).split()
DECODER_LATER_KEYS = (
    "encoder_hid_dim encoder_hid_dim_type addition_embed_type addition_time_embed_dim num_attention_heads "
    "resnet_skip_time_act resnet_out_scale_factor time_embedding_type time_embedding_dim time_embedding_act_fn "
    "timestep_post_act time_cond_proj_dim conv_in_kernel conv_out_kernel projection_class_embeddings_input_dim "
    "class_embeddings_concat mid_block_only_cross_attention cross_attention_norm addition_embed_type_num_heads "
    "transformer_layers_per_block"
).split()


def record(model, path, inputs, pattern, outputs, **extra):
    """Runs the model once under hooks and stores in.*, block.* and out.*; extra holds arguments as Python values."""
    call = dict(inputs)
    for key in ("attention_mask",):
        if key in call:
            call[key] = call[key].bool()
    call.update(extra)
    with torch.no_grad(), BlockRecorder(model, pattern) as blocks:
        result = model(**call)
    tensors = {f"in.{k}": v for k, v in inputs.items()}
    tensors.update({f"in.{k}": torch.tensor([int(v)]) for k, v in extra.items()})
    tensors.update(blocks)
    for i, key in enumerate(outputs):
        tensors[f"out.{key}"] = result[i] if isinstance(result, tuple) else getattr(result, key)
    save_tensors(path, tensors)


def text_mask(name, n_rows, n_tokens):
    """I64 ones up to a length drawn per row, then zeros. The first row is full, the second has two ones."""
    lengths = [n_tokens, 2] + [python_random(f"{name}/{i}").randint(3, n_tokens - 1) for i in range(n_rows)]
    if n_rows == 1:
        lengths = [n_tokens // 2]
    return torch.tensor([[int(k < lengths[i]) for k in range(n_tokens)] for i in range(n_rows)])


# ---- CLIP ----------------------------------------------------------------------------------------------------------


def text_ids(name, n_rows, config, legacy):
    """Token ids with the end token in awkward places: twice in a row, last of all, right after the start."""
    n, vocab = config.max_position_embeddings, config.vocab_size
    rng = python_random(name)
    eos = vocab - 1 if legacy else config.eos_token_id
    ids = [[rng.randrange(3, min(eos, vocab - 2)) for _ in range(n)] for _ in range(n_rows)]
    ends = [n // 3, n - 1, 1][:n_rows]
    for row, end in zip(ids, ends):
        row[0] = vocab - 2
        row[end] = eos
        if end == n // 3:
            row[end + 2] = eos  # the first one counts
        if not legacy and end > 4:
            row[3] = vocab - 1  # a larger id than the end token: must not be taken for it
    return torch.tensor(ids)


def make_text(name, dtype, legacy, **config):
    model = CLIPTextModelWithProjection(CLIPTextConfig(**config))
    init_weights(model, name, dtype)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder, dtype)
    for b in (1, 3):
        record(
            model,
            os.path.join(folder, f"io-b{b}.safetensors"),
            {"input_ids": text_ids(f"{name}/b{b}", b, model.config, legacy)},
            TEXT_BLOCKS if b == 1 else TEXT_TOP,
            ("text_embeds", "last_hidden_state"),
        )


def make_vision(name, dtype, drop_config=(), **config):
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(**config))
    init_weights(model, name, dtype)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder, dtype, drop_config)
    size = model.config.image_size
    for b in (1, 3):
        record(
            model,
            os.path.join(folder, f"io-b{b}.safetensors"),
            {"pixel_values": normal(f"{name}/b{b}", b, 3, size, size)},
            VISION_BLOCKS if b == 1 else VISION_TOP,
            ("image_embeds", "last_hidden_state"),
        )


# ---- prior and text projection -------------------------------------------------------------------------------------


def make_prior(name, dtype, drop_config, **config):
    model = init_weights(PriorTransformer(**config), name, dtype)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder, dtype, drop_config)
    e, n = model.config.embedding_dim, model.config.num_embeddings

    def inputs(run, b, timestep):
        return {
            "hidden_states": normal(f"{name}/{run}/x", b, e),
            "timestep": torch.tensor(timestep),
            "proj_embedding": normal(f"{name}/{run}/proj", b, e),
            "encoder_hidden_states": normal(f"{name}/{run}/text", b, n, e),
            "attention_mask": text_mask(f"{name}/{run}/mask", b, n),
        }

    for run, b, timestep, blocks in (
        ("io-b1", 1, [417], PRIOR_BLOCKS),
        ("io-b1-t0", 1, [0], "time_embedding"),
        ("io-b1-t999", 1, [999], "time_embedding"),
        ("io-b3", 3, [958], PRIOR_TOP),
        ("mixed-b3", 3, [0, 999, 417], "time_embedding"),
    ):
        path = os.path.join(folder, f"{run}.safetensors")
        record(model, path, inputs(run, b, timestep), blocks, ("predicted_image_embedding",))


def make_text_proj(name, n_tokens, **config):
    model = init_weights(UnCLIPTextProjModel(**config), name)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder)
    e = config["clip_embeddings_dim"]
    for b in (1, 3):
        for guidance in (False, True):
            run = f"io-b{b}{'-guided' if guidance else ''}"
            n_text = 2 * b if guidance else b
            record(
                model,
                os.path.join(folder, f"{run}.safetensors"),
                {
                    "image_embeddings": normal(f"{name}/{run}/image", b, e),
                    "prompt_embeds": normal(f"{name}/{run}/prompt", n_text, e),
                    "text_encoder_hidden_states": normal(f"{name}/{run}/text", n_text, n_tokens, e),
                },
                r"\w+_(proj|embeddings)",
                ("text_encoder_hidden_states", "additive_clip_time_embeddings"),
                do_classifier_free_guidance=guidance,
            )


# ---- UNets ---------------------------------------------------------------------------------------------------------


def make_decoder(name, dtype, height, width, n_tokens, drop_config, **config):
    model = init_weights(UNet2DConditionModel(**config), name, dtype)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder, dtype, drop_config)

    def inputs(run, b, timestep):
        mask = text_mask(f"{name}/{run}/mask", b, n_tokens)
        mask[:, :4] = 1
        return {
            "sample": normal(f"{name}/{run}/x", b, model.config.in_channels, height, width),
            "timestep": torch.tensor(timestep),
            "encoder_hidden_states": normal(
                f"{name}/{run}/context", b, n_tokens, model.config.cross_attention_dim
            ),
            "class_labels": normal(f"{name}/{run}/class", b, 4 * model.config.block_out_channels[0]),
            "attention_mask": mask,
        }

    for run, b, timestep, blocks in (
        ("io-b1", 1, [541], UNET_BLOCKS),
        ("io-b1-t0", 1, [0], "time_embedding"),
        ("io-b1-t999", 1, [999], "time_embedding"),
        ("io-b3", 3, [83], UNET_TOP),
        ("mixed-b3", 3, [0, 999, 417], "time_embedding"),
    ):
        record(model, os.path.join(folder, f"{run}.safetensors"), inputs(run, b, timestep), blocks, ("sample",))


def make_super_res(name, dtype, n_shards, height, width, **config):
    model = init_weights(UNet2DModel(**config), name, dtype)
    folder = os.path.join(HERE, "nets", name)
    save_component(model, folder, dtype, n_shards=n_shards)

    def inputs(run, b, timestep):
        return {
            "sample": normal(f"{name}/{run}/x", b, model.config.in_channels, height, width),
            "timestep": torch.tensor(timestep),
        }

    for run, b, timestep, blocks in (
        ("io-b1", 1, [333], UNET_BLOCKS),
        ("io-b1-t0", 1, [0], "time_embedding"),
        ("io-b1-t999", 1, [999], "time_embedding"),
        ("io-b3", 3, [832], UNET_TOP),
        ("mixed-b3", 3, [0, 999, 417], "time_embedding"),
    ):
        record(model, os.path.join(folder, f"{run}.safetensors"), inputs(run, b, timestep), blocks, ("sample",))


def main():
    make_text(
        "clip-text-legacy",
        torch.float16,
        legacy=True,
        vocab_size=131,
        hidden_size=80,
        intermediate_size=108,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=41,
        hidden_act="quick_gelu",
        projection_dim=52,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    )
    make_text(
        "clip-text-eos",
        torch.float32,
        legacy=False,
        vocab_size=99,
        hidden_size=64,
        intermediate_size=84,
        num_hidden_layers=2,
        num_attention_heads=1,
        max_position_embeddings=21,
        hidden_act="gelu",
        projection_dim=37,
        bos_token_id=97,
        eos_token_id=90,
        pad_token_id=90,
    )
    make_vision(
        "clip-vision-40",
        torch.float32,
        drop_config=("hidden_act",),
        hidden_size=80,
        intermediate_size=52,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=30,
        patch_size=6,
        hidden_act="quick_gelu",
        projection_dim=52,
    )
    make_vision(
        "clip-vision-104",
        torch.float16,
        hidden_size=104,
        intermediate_size=68,
        num_hidden_layers=2,
        num_attention_heads=1,
        image_size=33,
        patch_size=7,
        hidden_act="gelu",
        projection_dim=37,
    )
    make_prior(
        "prior-32",
        torch.bfloat16,
        PRIOR_LATER_KEYS,
        num_attention_heads=2,
        attention_head_dim=32,
        num_layers=2,
        embedding_dim=52,
        num_embeddings=17,
        additional_embeddings=4,
    )
    make_prior(
        "prior-20",
        torch.float16,
        (),
        num_attention_heads=3,
        attention_head_dim=20,
        num_layers=3,
        embedding_dim=37,
        num_embeddings=30,
        additional_embeddings=4,
    )
    make_text_proj(
        "text-proj-4",
        n_tokens=17,
        clip_extra_context_tokens=4,
        clip_embeddings_dim=52,
        time_embed_dim=48,
        cross_attention_dim=44,
    )
    make_text_proj(
        "text-proj-3",
        n_tokens=11,
        clip_extra_context_tokens=3,
        clip_embeddings_dim=37,
        time_embed_dim=80,
        cross_attention_dim=29,
    )
    make_decoder(
        "decoder-3-levels",
        torch.float16,
        height=8,
        width=12,
        n_tokens=21,
        drop_config=DECODER_LATER_KEYS,
        sample_size=16,
        in_channels=3,
        out_channels=6,
        down_block_types=(
            "ResnetDownsampleBlock2D",
            "ResnetDownsampleBlock2D",
            "SimpleCrossAttnDownBlock2D",
        ),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D"),
        block_out_channels=(12, 20, 32),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=44,
        attention_head_dim=32,
        class_embed_type="identity",
        resnet_time_scale_shift="scale_shift",
    )
    make_decoder(
        "decoder-2-levels",
        torch.float16,
        height=6,
        width=10,
        n_tokens=14,
        drop_config=(),
        sample_size=8,
        in_channels=3,
        out_channels=6,
        down_block_types=("SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D"),
        block_out_channels=(12, 24),
        layers_per_block=2,
        norm_num_groups=6,
        norm_eps=1e-4,
        cross_attention_dim=29,
        attention_head_dim=12,
        class_embed_type="identity",
        resnet_time_scale_shift="scale_shift",
    )
    make_super_res(
        "super-res-3-levels",
        torch.float16,
        n_shards=1,
        height=8,
        width=12,
        sample_size=16,
        in_channels=6,
        out_channels=3,
        down_block_types=("ResnetDownsampleBlock2D",) * 3,
        up_block_types=("ResnetUpsampleBlock2D",) * 3,
        block_out_channels=(12, 20, 24),
        layers_per_block=1,
        norm_num_groups=4,
        add_attention=False,
    )
    make_super_res(
        "super-res-2-levels",
        torch.float32,
        n_shards=3,
        height=14,
        width=6,
        sample_size=None,
        in_channels=6,
        out_channels=3,
        down_block_types=("ResnetDownsampleBlock2D",) * 2,
        up_block_types=("ResnetUpsampleBlock2D",) * 2,
        block_out_channels=(10, 20),
        layers_per_block=2,
        norm_num_groups=5,
        add_attention=False,
    )


if __name__ == "__main__":
    main()
