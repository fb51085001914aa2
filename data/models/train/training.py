# SPDX-License-Identifier: GPL-3.0-or-later
"""What all stages share: workers with summed gradients, moving averages, checkpoints that resume exactly.

A stage is a function run(worker) that trains on worker.device. On a processor two workers of one thread each,
their gradients summed through shared memory, beat one worker of two threads; on a GPU there is one.
Random numbers come from generators seeded by (seed, worker, step), so a checkpoint needs no generator state.
"""

import json
import os
import time

import torch
import torch.multiprocessing as mp

CHECKPOINT_SECONDS = 150


class Worker:
    """One training process: its rank, device, the folder of its stage, and the shared gradient sum."""

    def __init__(self, rank, n_workers, args, shared):
        self.rank, self.n_workers, self.args = rank, n_workers, args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.gradients, self.flags, self.barrier = shared
        self.folder = args.work / args.stage
        self.folder.mkdir(parents=True, exist_ok=True)
        self.started = time.time()
        self.saved = time.time()

    @property
    def is_first(self):
        return self.rank == 0

    def say(self, text):
        if self.is_first:
            stamp = time.strftime("%H:%M:%S", time.gmtime())
            print(stamp, text, flush=True)
            with open(self.folder / "log.txt", "a") as log:
                log.write(f"{stamp} {text}\n")

    def sum_gradients(self, parameters, clip):
        """Averages the gradients of all workers and clips their norm."""
        grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        if self.n_workers == 1:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
            return
        flat = torch.cat([g.reshape(-1) for g in grads])
        self.gradients[self.rank, :flat.numel()].copy_(flat)
        self.barrier.wait()
        mean = self.gradients[:, :flat.numel()].mean(0)
        mean.mul_(min(1.0, clip / (float(mean.norm()) + 1e-6)))
        self.barrier.wait()
        for p, g in zip(parameters, mean.split([p.numel() for p in parameters])):
            p.grad = g.view(p.shape)

    def agree(self, value):
        """The first worker's number, given to all; also makes all wait for each other."""
        if self.n_workers == 1:
            return value
        if self.is_first:
            self.flags[0] = float(value)
        self.barrier.wait()
        value = float(self.flags[0])
        self.barrier.wait()
        return value


class Average:
    """Exponential moving average of parameters, with a warm-up of the decay."""

    def __init__(self, parameters, decay=0.9985):
        self.parameters = list(parameters)
        self.values = [p.detach().clone() for p in self.parameters]
        self.decay = decay

    def update(self, step):
        decay = min(self.decay, (step + 1) / (step + 10))
        torch._foreach_mul_(self.values, decay)
        torch._foreach_add_(self.values, [p.data for p in self.parameters], alpha=1 - decay)

    def swap(self):
        """Exchanges averages and live values; call again to undo."""
        for k, p in enumerate(self.parameters):
            p.data, self.values[k] = self.values[k].to(p.data.device), p.data


def save_checkpoint(folder, state, name="state.pt"):
    """Writes whole or not at all."""
    temporary = folder / (name + ".new")
    torch.save(state, temporary)
    os.replace(temporary, folder / name)


def load_checkpoint(folder, name="state.pt", device="cpu"):
    path = folder / name
    return torch.load(path, map_location=device) if path.exists() else None


def append_curve(folder, **figures):
    """One line of JSON a measurement; the model card's training curve is drawn from it."""
    with open(folder / "curve.jsonl", "a") as file:
        file.write(json.dumps(figures) + "\n")


class Plan:
    """Learning rate: warm-up, constant, and a linear fall to a twentieth over the last part of the run.

    The fall is planned by the clock when a stop time is given: it starts when fall_share of the time of this run
    is left, is counted in steps from then on, and stands in the checkpoint, so a resumed run falls the same way.
    """

    def __init__(self, peak, warm_up, n_steps=None, stop_at=None, fall_share=0.22):
        self.peak, self.warm_up, self.n_steps, self.stop_at = peak, warm_up, n_steps, stop_at
        self.fall_share = fall_share
        self.fall_from = self.fall_to = None
        if n_steps:
            self.fall_from, self.fall_to = int(0.6 * n_steps), n_steps
        self.started = time.time()

    def begin_fall(self, step, steps_done):
        """By the clock, once: plans the fall over the steps that will fit into the rest of the time."""
        if self.fall_from is not None or not self.stop_at or steps_done < 20:
            return False
        now = time.time()
        left = self.stop_at - now
        if left > self.fall_share * (self.stop_at - self.started):
            return False
        rate = steps_done / (now - self.started)
        self.fall_from, self.fall_to = step, step + max(10, int(0.95 * left * rate))
        return True

    def rate(self, step):
        rate = self.peak * min(1.0, (step + 1) / self.warm_up)
        if self.fall_from is not None and step >= self.fall_from:
            rest = max(0.0, (self.fall_to - step) / max(1, self.fall_to - self.fall_from))
            rate *= 0.05 + 0.95 * rest
        return rate

    def is_done(self, step):
        if self.fall_to is not None and step >= self.fall_to:
            return True
        return bool(self.stop_at) and time.time() > self.stop_at


def enter(rank, n_workers, run, args, shared):
    if not torch.cuda.is_available():
        torch.set_num_threads(1)
    run(Worker(rank, n_workers, args, shared))


def launch(run, args, n_parameters):
    """Starts the workers of a stage and waits for them."""
    n_workers = 1 if torch.cuda.is_available() else args.workers
    if n_workers == 1:
        enter(0, 1, run, args, (None, None, None))
        return
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    context = mp.get_context("spawn")
    shared = (torch.zeros(n_workers, n_parameters).share_memory_(), torch.zeros(4).share_memory_(),
              context.Barrier(n_workers))
    workers = [context.Process(target=enter, args=(r, n_workers, run, args, shared)) for r in range(n_workers)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    if any(w.exitcode for w in workers):
        raise SystemExit("a worker failed")


def stop_time(text):
    """"HH:MM" (UTC, today or tomorrow) -> seconds since the epoch."""
    hours, minutes = (int(x) for x in text.split(":"))
    now = time.time()
    at = now - now % 86400 + hours * 3600 + minutes * 60
    return at if at > now else at + 86400


def add_stage_arguments(parser):
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes on a processor")
    parser.add_argument("--stop-at", type=stop_time, default=None, metavar="HH:MM",
                        help="UTC; the learning rate falls towards it")
