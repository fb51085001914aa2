# SPDX-License-Identifier: GPL-3.0-or-later
"""Mini's networks: the classes of diffusers 0.19.3 and transformers 4.31 with small sizes, nothing of our own.

Widths are multiples of 8 and heads 32 wide throughout. E = 192 is the size of the CLIP embedding and, as the
unCLIP classes demand, also of the text tower's hidden states.
"""

import torch
import torch.nn.functional as F
from diffusers import PriorTransformer, UNet2DConditionModel, UNet2DModel, UnCLIPScheduler
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from transformers import (CLIPImageProcessor, CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer,
                          CLIPVisionConfig, CLIPVisionModelWithProjection)

EMBED = 192
N_POSITIONS = 77
IMAGE_SIZE = 64
PATCH = 16
DECODER_SIZE = 32
FINAL_SIZE = 128
N_CONTEXT = 4
CONTEXT_WIDTH = 128
DECODER_WIDTHS = (16, 32, 96, 160)
SUPER_RES_WIDTHS = (8, 16, 24, 48)
HEAD = 32


def text_encoder(n_vocabulary):
    """Text tower: 2 layers of 192. The three token ids are CLIP's legacy values: the end token is the highest id."""
    return CLIPTextModelWithProjection(CLIPTextConfig(
        vocab_size=n_vocabulary, hidden_size=EMBED, intermediate_size=4 * EMBED, num_hidden_layers=2,
        num_attention_heads=EMBED // HEAD, max_position_embeddings=N_POSITIONS, hidden_act="quick_gelu",
        projection_dim=EMBED, bos_token_id=0, pad_token_id=1, eos_token_id=2))


def image_encoder():
    """Vision tower: 64 pixels, 16 patches, 4 layers of 192 in 6 heads."""
    return CLIPVisionModelWithProjection(CLIPVisionConfig(
        hidden_size=EMBED, intermediate_size=4 * EMBED, num_hidden_layers=4, num_attention_heads=EMBED // HEAD,
        image_size=IMAGE_SIZE, patch_size=PATCH, hidden_act="quick_gelu", projection_dim=EMBED))


def feature_extractor():
    half = [0.5, 0.5, 0.5]
    return CLIPImageProcessor(do_resize=True, size={"shortest_edge": IMAGE_SIZE}, resample=3, do_center_crop=True,
                              crop_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE}, do_rescale=True,
                              do_normalize=True, image_mean=half, image_std=half, do_convert_rgb=True)


@torch.no_grad()
def point_heads_at_patches(vision):
    """Starts the class token's heads of the first layers so that each looks at one of the 16 patches.

    Position p is marked in feature p of its position embedding (the class token in feature 16); head j of layer
    l has one query feature that reads the class mark and one key feature that reads mark 6 l + j. Gives the
    embedding layout from the first step on: without it a linear probe of held-out layout ends at 0.69
    instead of 0.85.
    """
    model = vision.vision_model
    n_patches = (IMAGE_SIZE // PATCH) ** 2
    positions = model.embeddings.position_embedding.weight
    positions.mul_(0.5)
    for p in range(n_patches):
        positions[1 + p, p] += 3.0
    positions[0, n_patches] += 3.0
    n_heads = EMBED // HEAD
    for k in range(n_patches):
        layer, head = divmod(k, n_heads)
        attention = model.encoder.layers[layer].self_attn
        row = head * HEAD
        attention.q_proj.weight[row] = 0
        attention.k_proj.weight[row] = 0
        attention.q_proj.weight[row, n_patches] = 2.0
        attention.k_proj.weight[row, k] = 2.0
        attention.v_proj.weight[row:row + HEAD] *= 1.5


def decoder():
    """Karlo's decoder in small: 32x32, attention at 8 and 4, 6 output channels (x0 and the variance)."""
    return UNet2DConditionModel(
        sample_size=DECODER_SIZE, in_channels=3, out_channels=6, flip_sin_to_cos=True, freq_shift=0,
        down_block_types=("ResnetDownsampleBlock2D", "ResnetDownsampleBlock2D",
                          "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D",
                        "ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D"),
        block_out_channels=DECODER_WIDTHS, layers_per_block=1, cross_attention_dim=CONTEXT_WIDTH,
        attention_head_dim=HEAD, norm_num_groups=8, class_embed_type="identity",
        resnet_time_scale_shift="scale_shift")


def text_proj():
    return UnCLIPTextProjModel(clip_extra_context_tokens=N_CONTEXT, clip_embeddings_dim=EMBED,
                               time_embed_dim=4 * DECODER_WIDTHS[0], cross_attention_dim=CONTEXT_WIDTH)


def prior():
    return PriorTransformer(num_attention_heads=6, attention_head_dim=HEAD, num_layers=3, embedding_dim=EMBED,
                            num_embeddings=N_POSITIONS, additional_embeddings=4)


def super_res():
    """Karlo's upsampler in small: 32 -> 128, the noisy picture and the enlarged one side by side as input.

    One norm group: at a width of 8, more groups would take the absolute colour out of the last layer.
    """
    return UNet2DModel(
        sample_size=FINAL_SIZE, in_channels=6, out_channels=3,
        down_block_types=("ResnetDownsampleBlock2D",) * 4, up_block_types=("ResnetUpsampleBlock2D",) * 4,
        block_out_channels=SUPER_RES_WIDTHS, layers_per_block=1, add_attention=False, norm_num_groups=1,
        flip_sin_to_cos=True, freq_shift=0, resnet_time_scale_shift="default")


def scheduler(variance_type, clip_range):
    """All three stages predict the sample: it trains best at this size."""
    return UnCLIPScheduler(num_train_timesteps=1000, variance_type=variance_type, clip_sample=True,
                           clip_sample_range=clip_range, prediction_type="sample")


def schedulers():
    return dict(prior_scheduler=scheduler("fixed_small_log", 5.0),
                decoder_scheduler=scheduler("learned_range", 1.0),
                super_res_scheduler=scheduler("fixed_small_log", 1.0))


def signal_levels():
    """abar (1000), the product of 1 - beta of the cosine schedule all stages use."""
    return scheduler("fixed_small_log", 1.0).alphas_cumprod.clone()


class Captions:
    """Tokenises captions through CLIPTokenizer, remembering each one."""

    def __init__(self, folder):
        self.tokenizer = CLIPTokenizer.from_pretrained(folder)
        self.n_vocabulary = len(self.tokenizer)
        self.known = {}

    def ids(self, captions):
        """int (B, L): start, words, end, then the padding id; L is the longest of the batch."""
        rows = []
        for text in captions:
            if text not in self.known:
                self.known[text] = self.tokenizer(text, truncation=True, max_length=N_POSITIONS).input_ids
            rows.append(self.known[text])
        longest = max(len(r) for r in rows)
        return torch.tensor([r + [self.tokenizer.pad_token_id] * (longest - len(r)) for r in rows])

    def mask(self, ids):
        """bool (B, L): True up to and including the end token."""
        end = ids.argmax(1, keepdim=True)
        return torch.arange(ids.shape[1], device=ids.device)[None] <= end


def encode_text(model, ids):
    """ids (B, L) -> embeds (B, E), hidden (B, L, E). Causal, so cutting the padding off changes nothing."""
    out = model(input_ids=ids)
    return out.text_embeds, out.last_hidden_state


def prior_forward(model, noisy, timestep, text_embeds, hidden, mask):
    """PriorTransformer.forward() for text cut to L positions; the same result as with all 77, for less work.

    noisy (B, E), timestep (B), text_embeds (B, E), hidden (B, L, E), mask (B, L). The four tokens after the text
    keep their positions 77 to 80; what is cut was masked out anyway.
    """
    length = hidden.shape[1]
    batch = noisy.shape[0]
    time = model.time_embedding(model.time_proj(timestep).to(noisy.dtype))
    tokens = torch.cat([model.encoder_hidden_states_proj(hidden), model.embedding_proj(text_embeds)[:, None],
                        time[:, None], model.proj_in(noisy)[:, None], model.prd_embedding.expand(batch, -1, -1)], 1)
    rows = torch.cat([torch.arange(length), torch.arange(N_POSITIONS, N_POSITIONS + 4)]).to(noisy.device)
    tokens = tokens + model.positional_embedding[:, rows]
    bias = (1 - mask.to(noisy.dtype)) * -10000.0
    bias = F.pad(bias, (0, 4))[:, None, :] + model.causal_attention_mask[:, rows][:, :, rows]
    bias = bias.repeat_interleave(model.config.num_attention_heads, dim=0)
    for block in model.transformer_blocks:
        tokens = block(tokens, attention_mask=bias)
    return model.proj_to_clip_embeddings(model.norm_out(tokens)[:, -1])


def count(module):
    return sum(p.numel() for p in module.parameters())
