# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions: `[a|an] [style] [colour] concept [on a X background]`, and the words they are made of."""

from concepts import COLOUR_WORDS
from sources import PICTURE_SETS

GROUNDS = {"white": (255, 255, 255), "black": (20, 20, 20), "grey": (140, 140, 140), "red": (214, 50, 44),
           "orange": (245, 150, 50), "yellow": (250, 220, 80), "green": (70, 170, 80), "blue": (60, 120, 220),
           "purple": (140, 80, 190), "pink": (250, 170, 200)}
GROUND_NAMES = list(GROUNDS)
STYLE_WORDS = [s.style for s in PICTURE_SETS]

# What people call some concepts besides the CLDR label.
OTHER_NAMES = {"automobile": ["car"], "evergreen tree": ["tree", "fir"], "deciduous tree": ["tree"],
               "hot beverage": ["coffee", "tea"], "soft ice cream": ["ice cream"], "tangerine": ["orange"],
               "ear of corn": ["corn"], "lady beetle": ["ladybug"], "honeybee": ["bee"], "sun with face": ["sun"],
               "crescent moon": ["moon"], "full moon": ["moon"], "spouting whale": ["whale"], "locked": ["lock"],
               "flying saucer": ["ufo"], "television": ["tv"], "wrapped gift": ["gift", "present"],
               "hibiscus": ["flower"], "blossom": ["flower"], "cherry blossom": ["flower"], "glowing star": ["star"],
               "grinning face": ["smiley", "face"], "smiling face with smiling eyes": ["smiley"],
               "heart suit": ["heart"], "spiral shell": ["shell"], "maple leaf": ["leaf"], "jack o lantern": ["pumpkin"],
               "large square": ["square"], "medium square": ["square"], "tropical fish": ["fish"],
               "t shirt": ["shirt"], "christmas tree": ["tree"], "birthday cake": ["cake"], "gem stone": ["gem"],
               "droplet": ["drop"], "top hat": ["hat"], "high heeled shoe": ["shoe"], "running shoe": ["shoe"],
               "four leaf clover": ["clover"], "triangle pointed up": ["triangle"], "high voltage": ["lightning"],
               "light bulb": ["lamp", "bulb"], "teddy bear": ["bear"], "hot pepper": ["pepper", "chili"]}


def names_of(concept):
    """All names of a concept, the proper one first. Animal faces also go by the animal alone."""
    names = [concept] + OTHER_NAMES.get(concept, [])
    words = concept.split()
    if len(words) == 2 and words[1] == "face" and words[0] not in ("grinning", "crying", "angry", "winking", "clown"):
        names.append(words[0])
    return names


def article(next_word):
    return "an" if next_word[0] in "aeiou" else "a"


def compose(name, colour=None, style=None, ground=None, with_article=True):
    """One caption from its parts; ground white is not said."""
    words = [w for w in (style, colour, name) if w]
    text = " ".join(words)
    if with_article:
        text = article(text) + " " + text
    if ground and ground != "white":
        text += f" on {article(ground)} {ground} background"
    return text


def draw_caption(draw, concept, style, colour, say_colour, ground):
    """A random caption of a picture.

    draw: random.Random. say_colour: True when the caption must name the colour (recoloured, or in the label).
    """
    names = names_of(concept)
    name = draw.choice(names) if draw.random() < 0.4 else names[0]
    return compose(name,
                   colour=colour if colour and (say_colour or draw.random() < 0.5) else None,
                   style=style if draw.random() < 0.2 else None,
                   ground=ground,
                   with_article=draw.random() < 0.85)


def vocabulary_text(concepts):
    """All words that captions can hold, for building the BPE merges."""
    words = set(COLOUR_WORDS) | set(STYLE_WORDS) | set("a an the on of in background small big two".split())
    for concept in concepts:
        for name in names_of(concept):
            words.update(name.split())
    return sorted(words)
