# SPDX-License-Identifier: GPL-3.0-or-later
"""What all fixture makers share: seeded tensors, weight initialisation, recording of block outputs, writing.

Every random number comes from a generator seeded by the CRC of a name, so that a fixture does not depend on the
order in which fixtures are made.
"""

import json
import os
import random
import re
import zlib

import numpy as np
import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def generator(name):
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def normal(name, *shape, std=1.0):
    return torch.randn(shape, generator=generator(name)) * std


def uniform(name, *shape, low=0.0, high=1.0):
    return torch.rand(shape, generator=generator(name)) * (high - low) + low


def python_random(name):
    return random.Random(zlib.crc32(name.encode()))


# Gains by the end of the parameter's name; the first match wins. The rest of the linears and convolutions get 1.
# Queries and keys are made large so that attention is far from uniform; the time projections small so that
# 1 + scale stays away from 0.
GAINS = (
    (r"(to_q|to_k|q_proj|k_proj|add_k_proj)\.weight$", 1.6),
    (r"time_emb_proj\.weight$", 0.5),
    (r"conv_out\.weight$", 0.8),
)

# Parameters that are no matrices: (pattern, mean, standard deviation).
VECTORS = (
    (r"clip_std$", 0.8, 0.15),
    (r"clip_mean$", 0.0, 0.3),
    (r"(positional_embedding|prd_embedding|position_embedding\.weight)$", 0.0, 0.5),
    (r"(token_embedding\.weight|class_embedding|learned_classifier_free_guidance_embeddings)$", 0.0, 0.9),
    (r"norm\w*\.weight$", 1.0, 0.25),
    (r"norm\w*\.bias$", 0.0, 0.2),
    (r"bias$", 0.0, 0.15),
)


def init_weights(model, name, dtype=torch.float32):
    """Fills every parameter with seeded noise such that activations stay near 1, then rounds it to dtype.

    Nothing is left at zero or one: each weight changes the output. The model computes in f32 with the rounded
    values, so that a file in F16 or BF16 has an exact reference.
    """
    with torch.no_grad():
        for key, p in model.named_parameters():
            p.copy_(parameter_values(name, key, tuple(p.shape)).to(dtype).float())
    return model.eval()


def parameter_values(name, key, shape):
    for pattern, mean, std in VECTORS:
        if re.search(pattern, key):
            return mean + normal(f"{name}/{key}", *shape, std=std)
    fan_in = int(np.prod(shape[1:]))
    gain = next((g for pattern, g in GAINS if re.search(pattern, key)), 1.0)
    return normal(f"{name}/{key}", *shape, std=gain * fan_in**-0.5)


class BlockRecorder:
    """Keeps the first output of each module whose path matches, in order of execution."""

    def __init__(self, model, pattern):
        self.blocks = {}
        self.handles = []
        for path, module in model.named_modules():
            if path and re.fullmatch(pattern, path):
                self.handles.append(module.register_forward_hook(self._hook(path)))

    def _hook(self, path):
        def hook(module, inputs, output):
            first = output[0] if isinstance(output, tuple) else output
            assert f"block.{path}" not in self.blocks, f"{path} runs twice"
            self.blocks[f"block.{path}"] = first.detach().clone()

        return hook

    def __enter__(self):
        return self.blocks

    def __exit__(self, *unused):
        for h in self.handles:
            h.remove()


def save_tensors(path, tensors):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for key, t in tensors.items():
        assert not t.is_floating_point() or torch.isfinite(t.float()).all(), f"{path}: {key} is not finite"
    save_file({k: t.contiguous().clone() for k, t in tensors.items()}, path)


def save_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1, ensure_ascii=True)
        f.write("\n")


def save_component(model, folder, dtype=torch.float32, drop_config=(), n_shards=1):
    """Writes config.json and the weights of a diffusers or transformers model; drop_config names keys left out."""
    os.makedirs(folder, exist_ok=True)
    model.config.save_pretrained(folder) if hasattr(model.config, "save_pretrained") else model.save_config(folder)
    config_path = os.path.join(folder, "config.json")
    with open(config_path) as f:
        config = json.load(f)
    for key in drop_config:
        del config[key]
    save_json(config_path, config)

    base = "model" if type(model).__module__.startswith("transformers") else "diffusion_pytorch_model"
    state = {k: v.detach().to(dtype).contiguous() for k, v in model.state_dict().items()}
    if n_shards == 1:
        save_file(state, os.path.join(folder, f"{base}.safetensors"), metadata={"format": "pt"})
        return
    weight_map = {}
    for i in range(n_shards):
        shard = f"{base}-{i + 1:05d}-of-{n_shards:05d}.safetensors"
        part = {k: v for j, (k, v) in enumerate(sorted(state.items())) if j * n_shards // len(state) == i}
        weight_map.update({k: shard for k in part})
        save_file(part, os.path.join(folder, shard), metadata={"format": "pt"})
    total = sum(v.numel() * v.element_size() for v in state.values())
    save_json(
        os.path.join(folder, f"{base}.safetensors.index.json"),
        {"metadata": {"total_size": total}, "weight_map": weight_map},
    )
