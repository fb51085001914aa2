# SPDX-License-Identifier: GPL-3.0-or-later
"""tokenizer/: a small tokenizer in CLIP's file format, twice (pad token "!" and the end token), and cases.json.

The vocabulary is a byte-pair encoding of the words below: 256 bytes, the same as word ends, the merges, start, end.
"""

import collections
import json
import os

from transformers import CLIPTokenizer
from transformers.models.clip.tokenization_clip import bytes_to_unicode

from golden_common import HERE, python_random

N_MERGES = 330
PADS = {"pad-exclamation": "!", "pad-end": "<|endoftext|>"}

CORPUS = """
a small red heart on a blue background
two green apples upside down and a yellow pear
the purple butterfly with orange wings, seen from above
an old lighthouse by the sea at night, painted in oil
a cat sleeping on a striped cushion in the morning light
three little birds on a wire under a cloudy sky
a corgi wearing a party hat, high quality photograph
the moon over a snowy mountain, watercolour on paper
a bowl of strawberries and cherries on a wooden table
portrait of a woman with a pearl necklace in soft light
a glossy black piano in an empty concert hall
the dog's house isn't where we'd said it'll be; they've moved and i'm sorry you're late
drawing of a bicycle leaning against a garden fence
a teapot, a cup and a plate with a lemon
rainy street with neon signs and reflections in the puddles
a wooden boat on a quiet lake between dark green hills
the astronaut rides a horse on the moon in a photorealistic style
a snowman with a carrot nose and a red scarf
abstract pattern of triangles, circles and squares
the castle on the hill at sunset with a flock of birds
école café naïve façade crème brûlée über straße größe señor niño
οδος και φως мир и свет 日本 東京 한국
🙂 🙂 👩 ❤ ❤ “quoted” ‘words’ — dash – and … dots
1 2 3 10 20 100 1999 2022 4k 3d
"""


def train_merges():
    """Plain byte-pair encoding over the corpus; ties go to the pair that sorts first."""
    table = bytes_to_unicode()
    words = collections.Counter()
    for word in CORPUS.split():
        symbols = [table[b] for b in word.encode()]
        words[tuple(symbols[:-1] + [symbols[-1] + "</w>"])] += 1
    merges = []
    while len(merges) < N_MERGES:
        pairs = collections.Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        words = collections.Counter({merge_word(w, best): n for w, n in words.items()})
    return merges


def merge_word(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def write_tokenizer(folder, pad_token):
    """The four files of a tokenizer folder. Returns the tokenizer read back from them, as a pipeline would."""
    os.makedirs(folder, exist_ok=True)
    merges = train_merges()
    alphabet = list(bytes_to_unicode().values())
    vocab = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges]
    vocab += ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(vocab)) == len(vocab)
    vocab_path, merges_path = os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt")
    with open(vocab_path, "w", encoding="utf-8") as f:
        json.dump({token: i for i, token in enumerate(vocab)}, f, ensure_ascii=False)
    with open(merges_path, "w", encoding="utf-8") as f:
        f.write("#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in merges))
    CLIPTokenizer(vocab_path, merges_path, pad_token=pad_token, model_max_length=77).save_pretrained(folder)
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    assert tokenizer.fix_text is None, "ftfy must not be installed"
    return tokenizer


def long_captions():
    rng = python_random("tokenizer/long")
    words = CORPUS.split()
    yield " ".join(rng.choice(words) for _ in range(500))
    yield "a" * 500
    yield "🙂" * 100
    yield " ".join("🙂👩‍🚀❤️" for _ in range(60))
    yield "heart " * 74
    yield "heart " * 75
    yield "heart " * 76
    yield "<|endoftext|>" * 80
    yield "! " * 80


CASES = [
    # nothing, and whitespace of all kinds
    "", " ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "  \t \n ", "a  b", " a b ", "a\tb", "a\nb", "a\r\nb", "a\u00a0b",
    "a\u3000b", "a\u2003b\u2009c\u202fd", "a\u2028b\u2029c", "a\u0085b", "a\vb\fc", "a\u001cb\u001fc", "a\u200bb",
    "a\u1680b\u180eb", "a\u205fb",
    # plain captions
    "a small red heart on a blue background", "The Purple BUTTERFLY, seen from above!", "astronaut riding a horse",
    "x", "I", "a", "sun,moon;stars", "e.g. this...", "100% cotton (new) [old] {x} <y> #1 @you $5 & more *", "snake_case",
    "C++/C# and a\\b", "well-known twenty-one", "--flag", "~`^|", "a=b+c", "\"quoted\" 'words'", "http://example.org/?q=1&r=2",
    # contractions
    "dog's", "DOG'S", "they'Re we'VE I'M you'LL he'D can'T", "'s", "''s", "'S 'Re", "o'clock", "rock'n'roll", "it'\u017f",
    "dog\u2019s isn\u2019t", "'tis 'twas", "s' t' d'", "'re're'll", "'\u212aelvin",
    # upper case beyond ASCII
    "\u0130stanbul I\u0307 \u0131", "STRASSE stra\u00dfe STRA\u1e9eE", "\u039f\u0394\u039f\u03a3 \u03a3\u03a3 \u03a3 \u03a3.", "\u03a3\u0391\u03a3",
    "\u041c\u0418\u0420", "\u00c9COLE CAF\u00c9", "\u01c5 \u01c8", "\u212a\u212b\u2126", "\u1f88 \u1ffc", "\U00010400\U00010428", "\u0531\u0582", "\u10a0\u1c90",
    "\u24b6 \u2164 \u00aa\u00ba", "\u1e9e", "\ua64a", "A\u03a3'B", "A\u03a3\u0301 \u03a3\u0301B",
    # accents composed and not, marks that compose with nothing, order of marks, Hangul, exclusions
    "caf\u00e9", "cafe\u0301", "CAFE\u0301", "x\u0301y", "\u0301a", "a\u0323\u0302", "a\u0302\u0323", "\u1ea5 a\u0302\u0301", "\u1112\u1161\u11ab\u1100\u116e\u11a8 \ud55c\uad6d",
    "\u0958 \u0915\u093c", "\u2adc \ufb1d \u05d9\u05b4", "\u0344 \u0f73", "\u1e69 s\u0323\u0307 s\u0307\u0323", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d",
    # CJK (spaced), kana and Hangul (not), compatibility ideographs, planes 2 and 3
    "\u65e5\u672c\u8a9e", "a\u4e2db", "\u6771\u4eac\u30bf\u30ef\u30fc", "\u3072\u3089\u304c\u306a", "\ud55c\uad6d\uc5b4", "\uf900\u4e0d", "\U00020000\U0002a6df", "\U0002f800", "\U00030000", "\u3400\u4dbf\u4dc0",
    "\u3002\u3001\u300c\u300d", "\uff28\uff45\uff4c\uff4c\uff4f \uff01",
    # emoji: plain, variation selectors, joined, flags, keycaps, skin
    "\U0001f642", "\u2764", "\u2764\ufe0f", "\U0001f469\u200d\U0001f680", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3", "\U0001f44d\U0001f3fd", "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "red\U0001f642heart", "\U0001f642\U0001f642 \U0001f642", "\u2603\ufe0e\u2600",
    # control, format, private use, unassigned, noncharacters, next to the surrogates
    "a\u0001b\u0007c\u007f", "a\u00adb", "\ufeffa", "a\u200e\u200fb", "a\u2060b\u2061", "a\ufffdb", "\ufffd", "a\ue000b\U000f0000c\U0010fffd", "a\u0378b\U000e0080c",
    "a\ufdd0b\ufffeb\uffffc\U0001fffe", "a\ud7ffb\ue000c", "\ud7a3\ud7a4", "\u061c\u06dd", "a\u034fb", "\u0001", "\u0001 \u0002",
    # numbers
    "1999", "4k 3D", "1,000.50", "\u2163\u2164 \u2173", "\u0661\u0662\u0663 \u06f1", "\u00bd \u00b2 \u2460", "\u0e51\u0e52", "a1b2", "\u3007 \u4e00", "\U0001d7d8", "\u137c", "10\u00d710", "-5\u00b0",
    # special tokens inside the text
    "<|endoftext|>", "a <|endoftext|> b", "a<|endoftext|>b", "<|startoftext|>a", "<|ENDOFTEXT|> <|StartOfText|>", "<|endof\u200btext|>",
    "<|endoftext|", "<|end of text|>", "<|endoftext|><|endoftext|>", "<<|endoftext|>>", "<|endoftext|>'s", "< |endoftext|>", "x<|ENDOFTEXT|>y",
    # the exclamation mark, which may be the pad token
    "!", "!!", "! !", "a!", "!a", "a!b", "wow!!!", "!?", "?!", "!!?!", "a !", "!'s", "\u00a1hola!", "\u0001!\u0001", "!\u0301",
    # entities, curly quotes, dashes, mojibake (all left as they are without ftfy)
    "&amp; &lt;b&gt; &#39; &eacute;", "\u201cquoted\u201d \u2018words\u2019", "dash \u2014 and \u2013 and \u2026", "caf\u00c3\u00a9", "\ufb01ne \ufb03", "\u0133 \u01c6", "a\u2010b\u2011c\u2212d",
    # scripts whose vowels are marks
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u1019\u103c\u1014\u103a\u1019\u102c", "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
]  # fmt: skip


def main():
    root = os.path.join(HERE, "tokenizer")
    for name, pad_token in PADS.items():
        folder = os.path.join(root, name)
        tokenizer = write_tokenizer(folder, pad_token)
        lines = []
        for text in CASES + list(long_captions()):
            got = tokenizer(text, padding="max_length", max_length=77, truncation=True)
            case = {"text": text, "utf8": text.encode().hex(), "ids": got.input_ids, "mask": got.attention_mask}
            lines.append(json.dumps(case, ensure_ascii=True, separators=(",", ":")))
        with open(os.path.join(folder, "cases.json"), "w", encoding="ascii") as f:
            f.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
