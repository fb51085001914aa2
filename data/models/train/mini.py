# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported folder, loaded through the official classes, with the operations the evaluation needs.

Same arithmetic as UnCLIPPipeline and UnCLIPImageVariationPipeline, written out so that embeddings, noise and
samplers can be put in by hand (text diffs, inversion). check_diffusers.py runs the pipelines themselves.
"""

import json

import torch
from diffusers import PriorTransformer, UNet2DConditionModel, UNet2DModel
from diffusers.pipelines.unclip.text_proj import UnCLIPTextProjModel
from safetensors.torch import load_file
from transformers import CLIPTextModelWithProjection, CLIPVisionModelWithProjection

import models
from sampling import ancestral, ddim, ddim_invert, guided
from train_superres import enlarge


class Mini:
    """All parts in f32 on the processor."""

    def __init__(self, folder):
        def load(kind, name):
            return kind.from_pretrained(folder / name, torch_dtype=torch.float32).eval()
        self.text = load(CLIPTextModelWithProjection, "text_encoder")
        self.image = load(CLIPVisionModelWithProjection, "image_encoder")
        self.prior = load(PriorTransformer, "prior")
        self.text_proj = load(UnCLIPTextProjModel, "text_proj")
        self.decoder = load(UNet2DConditionModel, "decoder").to(memory_format=torch.channels_last)
        self.super_res = load(UNet2DModel, "super_res_first").to(memory_format=torch.channels_last)
        self.super_res_last = load(UNet2DModel, "super_res_last").to(memory_format=torch.channels_last)
        self.captions = models.Captions(folder / "tokenizer")
        self.axes = load_file(str(folder / "embedding_axes.safetensors"))
        self.defaults = json.loads((folder / "model_index.json").read_text())["_fugue_defaults"]
        self.variance_mix = (float(self.decoder.conv_out.bias[3]) + 1) / 2
        for part in (self.text, self.image, self.prior, self.text_proj, self.decoder, self.super_res,
                     self.super_res_last):
            part.requires_grad_(False)

    def embed_images(self, images):
        """(B, 3, 64, 64) in -1..1 -> raw embeddings (B, E)."""
        return self.image(pixel_values=images).image_embeds

    def embed_texts(self, texts):
        """Raw text embeddings (B, E)."""
        return models.encode_text(self.text, self.captions.ids(texts))[0]

    def text_states(self, texts):
        """Embeddings, hidden states and mask, cut so that the context never has 16 or 64 tokens."""
        ids = self.captions.ids(texts)
        if ids.shape[1] + models.N_CONTEXT in (16, 64):
            ids = torch.nn.functional.pad(ids, (0, 1), value=self.captions.tokenizer.pad_token_id)
        return (*models.encode_text(self.text, ids), self.captions.mask(ids))

    def predictor(self, embeds, scale, texts=None):
        """predict(x, t) of the decoder for raw embeddings (B, E); texts: captions, None for the empty one."""
        n = len(embeds)
        texts = texts or [""] * n
        text_embeds, hidden, mask = self.text_states((([""] * n) if scale != 1 else []) + list(texts))
        context, class_embed = self.text_proj(image_embeddings=embeds, prompt_embeds=text_embeds,
                                              text_encoder_hidden_states=hidden,
                                              do_classifier_free_guidance=scale != 1)
        mask = torch.nn.functional.pad(mask, (models.N_CONTEXT, 0), value=True)

        def run(x, t):
            x = x.contiguous(memory_format=torch.channels_last)
            return self.decoder(x, t, encoder_hidden_states=context, class_labels=class_embed,
                                attention_mask=mask).sample[:, :3]
        if scale == 1:
            return run
        return guided(lambda x, t: run(torch.cat([x, x]), t).chunk(2), scale)

    def decode(self, embeds, generator, scale=None, steps=25, texts=None):
        """Ancestral sampling from fresh noise: (B, 3, 32, 32)."""
        scale = self.defaults["decoder_guidance_scale"] if scale is None else scale
        x = torch.randn(len(embeds), 3, models.DECODER_SIZE, models.DECODER_SIZE, generator=generator)
        return ancestral(self.predictor(embeds, scale, texts), x, steps, generator,
                         log_variance_mix=self.variance_mix).clamp(-1, 1)

    def decode_ddim(self, embeds, x, scale=1.0, steps=25, low=0):
        return ddim(self.predictor(embeds, scale), x, steps, low)

    def invert(self, embeds, pictures, steps=25, low=0):
        return ddim_invert(self.predictor(embeds, 1.0), pictures, steps, low)

    def upsample(self, small, generator, steps=7):
        """(B, 3, 32, 32) -> (B, 3, 128, 128)."""
        low = enlarge(small)

        def predict(x, t):
            net = self.super_res_last if t == 0 else self.super_res
            return net(torch.cat([x, low], 1).contiguous(memory_format=torch.channels_last), t).sample
        x = torch.randn(low.shape, generator=generator)
        return ancestral(predict, x, steps, generator).clamp(-1, 1)

    def imagine(self, texts, generator, scale=None, steps=25):
        """Prompts -> image embeddings (B, E) through the prior."""
        scale = self.defaults["prior_guidance_scale"] if scale is None else scale
        n = len(texts)
        text_embeds, hidden, mask = self.text_states([""] * n + list(texts))

        def pair(x, t):
            out = models.prior_forward(self.prior, torch.cat([x, x]), torch.full((2 * n,), t), text_embeds, hidden,
                                       mask)
            return out.chunk(2)
        x = torch.randn(n, models.EMBED, generator=generator)
        x = ancestral(guided(pair, scale), x, steps, generator, clip=5.0)
        return x * self.prior.clip_std + self.prior.clip_mean
