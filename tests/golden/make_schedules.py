# SPDX-License-Identifier: GPL-3.0-or-later
"""schedules.safetensors and schedules.json: tables, time lists and single steps of UnCLIPScheduler, DDIMScheduler and
DPMSolverMultistepScheduler.

Each step's tensors are named CASE.model_output, CASE.sample, CASE.noise, CASE.prev_sample and
CASE.pred_original_sample; the settings stand in the JSON under the same CASE.
"""

import os

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, UnCLIPScheduler
from diffusers.schedulers import scheduling_unclip

from golden_common import HERE, normal, save_json, save_tensors

SHAPE = (2, 3, 3, 2)
UNCLIP_COUNTS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 20, 25, 26, 30, 50, 64, 75, 100, 250, 500, 999, 1000)

# (timestep, previous timestep or None): respaced, first, last, neighbours (the unspaced beta), None away from zero.
UNCLIP_STEPS = ((999, 957), (999, 500), (500, 458), (417, 416), (417, None), (42, 0), (1, 0), (0, None))
UNCLIP_SETTINGS = (
    {"prediction_type": "sample", "variance_type": "fixed_small_log", "clip_sample": True, "clip_sample_range": 5.0},
    {"prediction_type": "sample", "variance_type": "fixed_small_log", "clip_sample": False, "clip_sample_range": 1.0},
    {"prediction_type": "epsilon", "variance_type": "learned_range", "clip_sample": True, "clip_sample_range": 1.0},
    {"prediction_type": "epsilon", "variance_type": "fixed_small_log", "clip_sample": True, "clip_sample_range": 1.0},
    {"prediction_type": "sample", "variance_type": "learned_range", "clip_sample": True, "clip_sample_range": 2.0},
)

DDIM_SETTINGS = (
    {},
    {"prediction_type": "sample", "clip_sample_range": 2.0},
    {"prediction_type": "v_prediction", "clip_sample": False},
    {"timestep_spacing": "trailing"},
    {"timestep_spacing": "leading", "steps_offset": 1, "set_alpha_to_one": False, "clip_sample": False},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "prediction_type": "v_prediction"},
)
DDIM_RUNS = ((5, 0.0, False), (7, 1.0, False), (3, 0.5, True))  # steps, eta, use_clipped_model_output

DPM_SETTINGS = (
    {"prediction_type": "sample"},
    {"prediction_type": "epsilon"},
    {"prediction_type": "v_prediction"},
)
DPM_COUNTS = (6, 20)  # below 15 steps the last is of first order


def unclip(tensors, cases):
    scheduler = UnCLIPScheduler()
    tensors["unclip.betas"] = scheduler.betas
    tensors["unclip.alphas_cumprod"] = scheduler.alphas_cumprod
    for count in UNCLIP_COUNTS:
        scheduler.set_timesteps(count)
        tensors[f"unclip.timesteps.{count}"] = scheduler.timesteps.long()

    for i, settings in enumerate(UNCLIP_SETTINGS):
        scheduler = UnCLIPScheduler(**settings)
        for t, previous in UNCLIP_STEPS:
            case = f"unclip.step.{i}.{t}-{'none' if previous is None else previous}"
            sample = normal(f"{case}/sample", *SHAPE)
            # mostly the sample's own noise, so that not every clean value is clipped
            output = 0.9 * sample + normal(f"{case}/output", *SHAPE, std=0.3)
            if settings["prediction_type"] == "sample":
                output *= 2.5
            if settings["variance_type"] == "learned_range":
                output = torch.cat([output, normal(f"{case}/variance", *SHAPE)], 1)
            noise = normal(f"{case}/noise", *SHAPE)
            scheduling_unclip.randn_tensor = lambda *unused, noise=noise, **kw: noise
            step = scheduler.step(output, t, sample, prev_timestep=previous)
            tensors.update({f"{case}.model_output": output, f"{case}.sample": sample, f"{case}.noise": noise})
            tensors[f"{case}.prev_sample"] = step.prev_sample
            tensors[f"{case}.pred_original_sample"] = step.pred_original_sample
            cases[case] = {**settings, "timestep": t, "prev_timestep": previous}


def ddim(tensors, cases):
    for i, settings in enumerate(DDIM_SETTINGS):
        settings = {"beta_schedule": "squaredcos_cap_v2", "clip_sample": True, **settings}
        scheduler = DDIMScheduler(**settings)
        tensors[f"ddim.{i}.alphas_cumprod"] = scheduler.alphas_cumprod
        for n_steps, eta, clipped in DDIM_RUNS:
            scheduler.set_timesteps(n_steps)
            run = f"ddim.{i}.{n_steps}"
            tensors[f"{run}.timesteps"] = scheduler.timesteps.long()
            sample = normal(f"{run}/start", *SHAPE)
            for k, t in enumerate(scheduler.timesteps.tolist()):
                case = f"{run}.step.{k}"
                output = 0.9 * sample + normal(f"{case}/output", *SHAPE, std=0.3)
                noise = normal(f"{case}/noise", *SHAPE)
                step = scheduler.step(
                    output, t, sample, eta=eta, use_clipped_model_output=clipped, variance_noise=noise
                )
                tensors.update({f"{case}.model_output": output, f"{case}.sample": sample, f"{case}.noise": noise})
                tensors[f"{case}.prev_sample"] = step.prev_sample
                tensors[f"{case}.pred_original_sample"] = step.pred_original_sample
                sample = step.prev_sample
                cases[case] = {"timestep": t}
            config = {k: v for k, v in scheduler.config.items() if not k.startswith("_")}
            cases[run] = {**config, "n_steps": n_steps, "eta": eta, "use_clipped_model_output": clipped}


def dpm(tensors, cases):
    for i, settings in enumerate(DPM_SETTINGS):
        settings = {"beta_schedule": "squaredcos_cap_v2", **settings}
        for n_steps in DPM_COUNTS:
            scheduler = DPMSolverMultistepScheduler(**settings)
            scheduler.set_timesteps(n_steps)
            run = f"dpm.{i}.{n_steps}"
            times = scheduler.timesteps.tolist()
            sample = normal(f"{run}/start", *SHAPE)
            for k, t in enumerate(times):
                case = f"{run}.step.{k}"
                output = 0.9 * sample + normal(f"{case}/output", *SHAPE, std=0.3)
                step = scheduler.step(output, t, sample)
                tensors.update({f"{case}.model_output": output, f"{case}.sample": sample})
                tensors[f"{case}.prev_sample"] = step.prev_sample
                tensors[f"{case}.pred_original_sample"] = scheduler.model_outputs[-1]
                if k > 0:
                    tensors[f"{case}.history"] = scheduler.model_outputs[-2].clone()
                sample = step.prev_sample
                cases[case] = {"timestep": t, "prev_timestep": times[k + 1] if k + 1 < n_steps else 0}
            cases[run] = {**settings, "n_steps": n_steps, "timestep_spacing": "linspace", "clip_sample": False}


def main():
    tensors, cases = {}, {}
    unclip(tensors, cases)
    ddim(tensors, cases)
    dpm(tensors, cases)
    save_tensors(os.path.join(HERE, "schedules.safetensors"), tensors)
    save_json(os.path.join(HERE, "schedules.json"), cases)


if __name__ == "__main__":
    main()
