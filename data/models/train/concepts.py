# SPDX-License-Identifier: GPL-3.0-or-later
"""Which things Mini knows, and how the pictures of each set are matched to them.

A concept is a CLDR label without its colour word ("red apple" and "green apple" are both "apple").
Sets name their pictures by CLDR slug, by code point or by names of their own; match() tries all three.
"""

import json
import re
from collections import Counter

# CLDR subgroups taken whole: hearts, animals, plants, fruit, vegetables, prepared food, sweets, drinks,
# sky and weather, geometric shapes.
SUBGROUPS = {14, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46, 47, 59, 96}

# Single labels taken from other subgroups: things with a clear outline.
EXTRA = set("""
automobile|airplane|rocket|sailboat|bus|bicycle|helicopter|flying saucer|locomotive|taxi|tractor|fire engine|anchor|
balloon|christmas tree|wrapped gift|jack-o-lantern|soccer ball|basketball|tennis|baseball|volleyball|american football|
crown|top hat|t-shirt|high-heeled shoe|running shoe|necktie|dress|glasses|sunglasses|backpack|handbag|umbrella|bell|
guitar|trumpet|violin|drum|musical note|musical notes|key|locked|light bulb|house|castle|mushroom|grinning face|
smiling face with sunglasses|smiling face with smiling eyes|smiling face with heart-eyes|crying face|angry face|
winking face|ghost|alien|alien monster|skull|robot|clown face|cat|bomb|hammer|scissors|pencil|paperclip|pushpin|magnet|
hourglass done|alarm clock|watch|camera|telephone|mobile phone|laptop|television|candle|trophy|video game|game die|
teddy bear|artist palette|gem stone|ring|lipstick|books|open book|envelope|money bag|ice|diamond suit|club suit|
spade suit|heart suit|check mark|cross mark|plus|minus|multiply|red question mark|red exclamation mark|bullseye|dna|
pill|syringe|chair|door|bathtub|basket|sponge|canoe|motor boat|speech balloon|thought balloon|collision|sweat droplets|
droplet|kiss mark|fire
""".replace("\n", "").split("|"))

# Labels of the subgroups above that are scenes, silhouettes of text or hard to tell apart at 32 pixels.
LEFT_OUT = re.compile(r"^(milky way|fog|comet|.* (o.clock|thirty)|globe .*|world map|kaaba|tornado|"
                      r"pot of food|shallow pan.*|bowl with spoon|bento box|.*jar$|.* button$|"
                      r"sun behind .* cloud|cloud with .*|.*phase.*|thermometer|cyclone|closed umbrella|"
                      r"umbrella on ground|wind face|paw prints|feather|microbe|coral|worm|nest.*|empty nest|"
                      r"potted plant|bagel|flatbread|stuffed flatbread|falafel|burrito|tamale|salt|butter|"
                      r"fondue|canned food|popcorn|green salad|cooking|lotus|hyacinth|ginger root|pea pod|"
                      r"beans|chestnut|olive|clinking .*|bubble tea|mate|beverage box|pouring liquid|sake|"
                      r"bottle with popping cork|tumbler glass|cup with straw|phoenix|bison|mammoth|beaver|"
                      r"guide dog|service dog|poodle|raccoon|badger|otter|skunk|sloth|llama|kangaroo|"
                      r"hippopotamus|two-hump camel|water buffalo|ewe|boar|ox|leopard|rat|moose|donkey|"
                      r"black bird|goose|wing|dodo|sauropod|t-rex|dragon|dragon face|seal|jellyfish|"
                      r"cockroach|fly|cricket|ant|mosquito|beetle|spider web|scorpion)$")

# The concepts a newcomer asks for first; they are drawn three times as often in training.
COMMON = set("""
heart|apple|star|fish|cat|cat face|dog face|tropical fish|circle|square|flower|sun|cloud|moon|crescent moon|tree|
evergreen tree|deciduous tree|palm tree|rose|tulip|sunflower|butterfly|bird|mushroom|banana|strawberry|cherries|lemon|
grapes|tomato|carrot|pizza|house|automobile|balloon|fire|umbrella|bell|key|pear|watermelon|tangerine|cactus|whale|
dolphin|octopus|rabbit face|bear|pig face|mouse face|hot beverage|ice cream|soft ice cream|droplet|snowman|crown|gem stone
""".replace("\n", "").split("|"))

COLOUR_WORDS = "red orange yellow green blue purple pink brown black white grey".split()
SKIN_TONE = re.compile(r"(skin-tone|-(light|medium|dark|medium-light|medium-dark)$)")
MINIMUM_SETS = 5


def slug(text):
    """CLDR label -> the spelling that the Iconify sets use in their icon names."""
    text = text.lower().replace("’", "").replace("'", "").replace("&", "and").replace("ñ", "n").replace("é", "e")
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def split_colour(label):
    """CLDR label -> (concept, colour word or None). "red apple" -> ("apple", "red"), "polar bear" -> itself."""
    words = re.sub(r"[^a-z0-9 ]+", " ", label.lower().replace("-", " ")).split()
    if len(words) > 1 and words[0] in COLOUR_WORDS and words[-1] not in ("cane", "flag", "bird"):
        return " ".join(words[1:]), words[0]
    if words[:2] == ["light", "blue"]:
        return " ".join(words[2:]), "blue"
    return " ".join(words), None


class Labels:
    """The emojibase table, looked up by slug, by slug without dashes, or by code point."""

    def __init__(self, emojibase_folder):
        entries = json.loads((emojibase_folder / "en" / "data.json").read_text())
        self.by_slug = {slug(e["label"]): e for e in entries}
        self.by_compact = {k.replace("-", ""): e for k, e in self.by_slug.items()}
        self.by_code = {self.code(e["hexcode"]): e for e in entries}

    @staticmethod
    def code(hexcode):
        return hexcode.lower().replace("-fe0f", "")

    def match(self, name, hexcode=None):
        """Entry of the picture called `name`, or None."""
        found = self.by_slug.get(name)
        if found is None and hexcode:
            found = self.by_code.get(self.code(hexcode))
        if found is None:
            found = self.by_compact.get(name.replace("-", ""))
        if found is None:
            found = self.by_slug.get(re.sub(r"-1$", "", name))
        return found


def is_wanted(entry):
    label = entry["label"].lower()
    return (entry.get("subgroup") in SUBGROUPS or label in EXTRA) and not LEFT_OUT.match(label)


def common_enough(metas):
    """Indices of the pictures whose concept is drawn by at least MINIMUM_SETS sets."""
    sets = Counter()
    for concept, _ in {(m["concept"], m["set"]) for m in metas}:
        sets[concept] += 1
    return [i for i, m in enumerate(metas) if sets[m["concept"]] >= MINIMUM_SETS]
