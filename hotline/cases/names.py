"""Case names shown to staff instead of any identifier: a plain word and some digits.

They are drawn at random, say nothing about the person, and are easy to read out on the phone.
"""

from collections.abc import Callable
from itertools import count

WORDS = (
    "alder", "amber", "anchor", "apple", "aspen", "bamboo", "barley", "basalt", "beacon", "birch",
    "bridge", "canyon", "cedar", "clover", "cobalt", "comet", "copper", "coral", "cotton",
    "crane",
    "delta", "dolphin", "ember", "falcon", "fern", "finch", "garnet", "glacier", "granite",
    "harbor",
    "hazel", "heron", "indigo", "ivory", "jasmine", "juniper", "kestrel", "lagoon", "larch",
    "lemon",
    "lilac", "linden", "lotus", "maple", "marble", "meadow", "mint", "moss", "nectar", "oasis",
    "olive", "onyx", "opal", "orchid", "otter", "pearl", "pepper", "pine", "plum", "poplar",
    "quartz", "raven", "reed", "river", "robin", "saffron", "sage", "sandal", "sequoia", "silver",
    "sparrow", "spruce", "stone", "summit", "swallow", "tamarisk", "thistle", "tulip", "valley",
    "velvet", "walnut", "willow", "winter", "zephyr",
)  # fmt: skip


_TRIES = 4


def new_name(choose: Callable[[tuple[str, ...]], str], taken: Callable[[str], bool]) -> str:
    """A name nobody has. `choose` picks one of a tuple at random.

    Three digits as long as there is room; where most names are taken the next tries have one digit
    more, so that finding one never takes long, however many conversations there are.
    """
    digits = tuple("0123456789")
    for length in count(3):
        for _ in range(_TRIES):
            name = f"{choose(WORDS)}-{''.join(choose(digits) for _ in range(length))}"
            if not taken(name):
                return name
    raise AssertionError  # count() does not end
