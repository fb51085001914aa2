# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Mini's training pictures and captions come from.

Every source is one archive of the npm registry, pinned by version and by the SHA-256 of the archive.
Sets under share-alike or copyleft licences (OpenMoji, EmojiOne 1, Tux Paint stamps) are left out on
purpose; see ../mini/CREDITS.md.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One package. `style` is the word captions use for the look of the set; None: not a picture set."""

    key: str
    package: str
    version: str
    sha256: str
    licence: str
    style: str | None
    title: str
    author: str
    url: str

    @property
    def folder(self):
        return self.package.strip("@").replace("/", "-") + "-" + self.version


SOURCES = (
    Source("noto", "@iconify-json/noto", "1.2.9",
           "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad", "Apache-2.0", "shaded",
           "Noto Emoji", "Google", "https://github.com/googlefonts/noto-emoji"),
    Source("noto-v1", "@iconify-json/noto-v1", "1.2.5",
           "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37", "Apache-2.0", "plain",
           "Noto Emoji (version 1)", "Google", "https://github.com/googlefonts/noto-emoji"),
    Source("twemoji", "@iconify-json/twemoji", "1.2.5",
           "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7", "CC-BY-4.0", "flat",
           "Twitter Emoji", "Twitter", "https://github.com/jdecked/twemoji"),
    Source("fluent", "@iconify-json/fluent-emoji", "1.2.7",
           "8044210dbf11e016d4de85f15d01a243423bd832457e7e2491df1b751c0e272b", "MIT", "glossy",
           "Fluent Emoji", "Microsoft Corporation", "https://github.com/microsoft/fluentui-emoji"),
    Source("fluent-flat", "@iconify-json/fluent-emoji-flat", "1.2.6",
           "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175", "MIT", "bold",
           "Fluent Emoji Flat", "Microsoft Corporation", "https://github.com/microsoft/fluentui-emoji"),
    Source("fluent-3d", "@lobehub/fluent-emoji-3d", "1.1.0",
           "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58", "MIT", "3d",
           "Fluent Emoji 3D", "Microsoft Corporation, packed by LobeHub",
           "https://github.com/lobehub/fluent-emoji"),
    Source("emojione", "@iconify-json/emojione", "1.2.3",
           "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e", "CC-BY-4.0", "cartoon",
           "Emoji One (version 2, coloured)", "Emoji One", "https://github.com/EmojiTwo/emojitwo"),
    Source("fxemoji", "@iconify-json/fxemoji", "1.2.2",
           "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef", "Apache-2.0", "vivid",
           "Firefox OS Emoji", "Mozilla", "https://github.com/mozilla/fxemoji"),
    Source("streamline", "@iconify-json/streamline-emojis", "1.2.4",
           "5dac87c876b322500989828c5823143e0100d78881627a2e4081a4b897cbfdbc", "CC-BY-4.0", "outlined",
           "Streamline Emojis", "Streamline", "https://github.com/webalys-hq/streamline-vectors"),
    Source("emojibase", "emojibase-data", "17.0.0",
           "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a", "MIT", None,
           "Emojibase (CLDR labels and tags)", "Miles Johnson", "https://github.com/milesj/emojibase"),
)

PICTURE_SETS = tuple(s for s in SOURCES if s.style)


def add_work_argument(parser):
    """Adds --work to an argument parser: the folder for packages, pictures and checkpoints."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    parser.add_argument("--work", type=Path, default=Path(cache) / "fugue-train", metavar="DIR",
                        help="folder for packages, rendered pictures, checkpoints (default %(default)s)")


def work_parser(description):
    parser = argparse.ArgumentParser(description=description.strip().split("\n")[0])
    add_work_argument(parser)
    return parser
