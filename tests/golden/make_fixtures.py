#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes every committed fixture anew, or only the parts named: make_fixtures.py [nets] ..."""

import importlib
import sys

import torch

PARTS = ("nets", "freeu", "tokenizer", "images", "schedules", "pipelines")


def main():
    unknown = set(sys.argv[1:]) - set(PARTS)
    if unknown:
        sys.exit(f"unknown part: {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")
    torch.set_num_threads(1)
    for part in sys.argv[1:] or PARTS:
        print(part)
        importlib.import_module(f"make_{part}").main()


if __name__ == "__main__":
    main()
