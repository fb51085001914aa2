# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Mini's byte-pair vocabulary in the file format of CLIP's tokenizer.

Ids: the 256 byte letters, the same 256 with `</w>`, one id a merge, then <|startoftext|> and <|endoftext|>, so
that the end token has the highest id (the text tower finds it by that). Any text tokenises: unknown words fall
apart into bytes. Merges are learnt on the caption words, each counted once, until every word is one token or
the vocabulary is full.
"""

import json
from collections import Counter

START, END = "<|startoftext|>", "<|endoftext|>"
N_VOCABULARY = 2048


def byte_letters():
    """The 256 printable letters that stand for bytes, in CLIP's id order."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = [chr(b) for b in printable]
    for k in range(256 - len(printable)):
        letters.append(chr(256 + k))
    return letters


def letters_of(word):
    """Word of ASCII letters -> its symbols, the last one with the end-of-word mark."""
    return tuple(word[:-1]) + (word[-1] + "</w>",)


def merge_pair(symbols, pair):
    """Joins each occurrence of `pair`, left to right."""
    out, k = [], 0
    while k < len(symbols):
        if k + 1 < len(symbols) and (symbols[k], symbols[k + 1]) == pair:
            out.append(symbols[k] + symbols[k + 1])
            k += 2
        else:
            out.append(symbols[k])
            k += 1
    return tuple(out)


def learn_merges(words, limit):
    """The usual greedy merges; ties go to the alphabetically first pair."""
    spelt = [letters_of(w) for w in sorted(set(words))]
    merges = []
    while len(merges) < limit:
        pairs = Counter(p for symbols in spelt for p in zip(symbols, symbols[1:]))
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        spelt = [merge_pair(s, best) for s in spelt]
    return merges


def write_tokenizer(words, folder):
    """Writes vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json."""
    letters = byte_letters()
    merges = learn_merges(words, N_VOCABULARY - 2 * len(letters) - 2)
    tokens = letters + [c + "</w>" for c in letters] + [a + b for a, b in merges] + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {t: i for i, t in enumerate(tokens)}
    if len(vocabulary) != len(tokens):
        raise SystemExit("two merges give the same token")
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    lines = ["#version: 0.2"] + [f"{a} {b}" for a, b in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    special = dict(bos_token=START, eos_token=END, unk_token=END, pad_token="!")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    config = dict(special, add_prefix_space=False, do_lower_case=True, errors="replace", model_max_length=77,
                  tokenizer_class="CLIPTokenizer")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return len(tokens)
