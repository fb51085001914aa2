# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained towers, the shape of the embedding's distribution, and the whitening the decoder trains behind.

Stock CLIP gives raw embeddings, and the unCLIP pipelines feed them raw. The decoder learns faster when they are
partly whitened; that map is linear, so it folds into the image projections of UnCLIPTextProjModel at the export
(fold()), and its inverse gives the raw form of the learned embedding of the unconditional half.
"""

import torch

import models
from augment import Look, draw_look, draw_pose, near_pose, paint, step_random
from train_encoder import Towers, unit


def load_towers(work, device="cpu"):
    """The encoder stage's result; frozen."""
    state = torch.load(work / "encoder" / "towers.pt", map_location="cpu")
    towers = Towers(state["n_vocabulary"])
    towers.load_state_dict(state["towers"])
    for p in towers.parameters():
        p.requires_grad_(False)
    return towers.eval().to(device)


@torch.no_grad()
def embed_views(towers, pictures, looks, poses):
    """Raw image embeddings (B, E) of painted views."""
    device = next(towers.parameters()).device
    parts = []
    for k in range(0, len(looks), 256):
        images = paint(pictures, looks[k:k + 256], poses[k:k + 256], models.IMAGE_SIZE).to(device)
        parts.append(towers.image(pixel_values=images).image_embeds.cpu())
    return torch.cat(parts)


def slerp(a, b, amount):
    """Between directions, keeping the length of a. a, b (B, E); amount a number or (B, 1)."""
    length = a.norm(dim=-1, keepdim=True)
    a, b = unit(a), unit(b)
    angle = (a * b).sum(-1, keepdim=True).clamp(-0.9999, 0.9999).acos()
    return length * (torch.sin((1 - amount) * angle) * a + torch.sin(amount * angle) * b) / torch.sin(angle)


class Axes:
    """Principal axes of raw image embeddings: mean (E), axes (E, E) with one axis a row, deviations (E) falling."""

    def __init__(self, mean, axes, deviations):
        self.mean, self.axes, self.deviations = mean, axes, deviations
        gain = deviations.clamp(min=float(deviations.max()) * 1e-2) ** -0.5
        self.gain = gain / ((deviations * gain) ** 2).mean().sqrt()

    @classmethod
    def measure(cls, towers, pictures, n=6144):
        """From random training views."""
        draw, generator = step_random(77, 0, 0)
        picked = torch.multinomial(pictures.weight, n, replacement=True, generator=generator).tolist()
        looks = [draw_look(draw, pictures, i) for i in picked]
        embeds = embed_views(towers, pictures, looks, [draw_pose(draw) for _ in looks])
        mean = embeds.mean(0)
        values, vectors = torch.linalg.eigh((embeds - mean).T @ (embeds - mean) / n)
        return cls(mean, vectors.flip(1).T.contiguous(), values.flip(0).clamp(min=1e-8).sqrt())

    def whiten(self, embeds):
        """Raw (B, E) -> partly whitened (B, E): each axis scaled by deviation ** -0.5, mean square 1."""
        return (embeds - self.mean) @ self.axes.T * self.gain

    def noise(self, strength, generator):
        """Gaussian noise with the embeddings' own covariance, times strength (B, 1): (B, E) raw."""
        white = torch.randn(len(strength), len(self.mean), generator=generator)
        return (white * self.deviations * strength) @ self.axes

    @torch.no_grad()
    def fold(self, text_proj):
        """Turns a UnCLIPTextProjModel trained on whitened embeddings into one for raw ones, in place."""
        matrix = self.axes * self.gain[:, None]
        for linear in (text_proj.clip_image_embeddings_project_to_time_embeddings,
                       text_proj.clip_extra_context_tokens_proj):
            weight = linear.weight.double() @ matrix.double()
            linear.bias.copy_((linear.bias.double() - weight @ self.mean.double()).float())
            linear.weight.copy_(weight.float())
        null = text_proj.learned_classifier_free_guidance_embeddings
        null.copy_(((null / self.gain) @ self.axes + self.mean))

    def state(self):
        return dict(mean=self.mean, axes=self.axes, deviations=self.deviations)


def look_and_variation(draw, pictures, index, other_style_share, jitter):
    """A view to embed and a view to decode from its embedding.

    Half of the time nearly the same view; else moved, turned and scaled by up to `jitter`; and in
    `other_style_share` of all cases the same concept in the same colour drawn by another set. So the decoder
    learns a distribution around the embedding instead of one picture.
    """
    look, pose = draw_look(draw, pictures, index), draw_pose(draw)
    target = look
    if draw.random() < other_style_share:
        choices = [j for j in pictures.siblings[index] if look.recolour is None or pictures.hue[j] >= 0]
        if choices:
            target = Look(draw.choice(choices), look.recolour, look.ground)
    strength = 0.15 if draw.random() < 0.4 else jitter * draw.random()
    return look, pose, target, near_pose(draw, pose, strength, mirror_share=0.08 if strength > 0.15 else 0.0)

