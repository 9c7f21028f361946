"""Greetings, thanks, "are you a robot?", swearing, a lone smiley: what asks nothing.

Found only where a message is nothing else, so that a greeting before a question never hides it.
"""

import unicodedata
from typing import Final

from hotline.understanding.data import BadWords, Tree, all_texts, section
from hotline.understanding.fold import clean, skeleton

FILE: Final = "small_talk.yaml"
KINDS: Final = ("greeting", "thanks", "goodbye", "robot", "who", "rude")
PUZZLED: Final = "puzzled"
WORDLESS: Final = "wordless"
_ANYWHERE: Final = frozenset({"rude"})
_FEW: Final = 4
_SHORTEST: Final = 4  # folded letters of a word that counts anywhere in a short message


class SmallTalk:
    """The list, folded. Built once."""

    __slots__ = ("_anywhere", "_plain", "_whole")

    def __init__(self, tree: Tree) -> None:
        """Raises `BadWords` when the list is misshaped or holds a kind that nobody answers."""
        self._whole: dict[str, str] = {}
        self._plain: dict[str, str] = {}
        self._anywhere: dict[str, str] = {}
        for kind in tree:
            if kind not in KINDS:
                raise BadWords(f"{FILE}: {kind}: must be one of {', '.join(KINDS)}")
            for phrase in all_texts(section(tree, kind, FILE), FILE, kind):
                folded = skeleton(phrase)
                if len(folded) > 1:
                    self._whole.setdefault(folded, kind)
                else:
                    self._plain.setdefault(clean(phrase).lower(), kind)
                if kind in _ANYWHERE and " " not in folded and len(folded) >= _SHORTEST:
                    self._anywhere.setdefault(folded, kind)

    def find(self, text: str, folded: str) -> str | None:
        """The kind of small talk that the whole text is; `folded` is its skeleton."""
        cleaned = clean(text)
        if not cleaned:
            return None
        plain = self._plain.get(cleaned.lower())
        if plain is not None:
            return plain
        if not folded:
            return _signs(cleaned)
        words = folded.split()
        once = " ".join(w for i, w in enumerate(words) if i == 0 or w != words[i - 1])
        found = self._whole.get(folded) or self._whole.get(once) or self._pieces(once)
        if found is None and len(words) <= _FEW:
            found = next((self._anywhere[w] for w in words if w in self._anywhere), None)
        return found

    def _pieces(self, folded: str) -> str | None:
        """Two pieces of small talk in a row ("hello, how are you"); the last one is answered."""
        words = folded.split()
        for cut in range(1, len(words)):
            first = self._whole.get(" ".join(words[:cut]))
            second = self._whole.get(" ".join(words[cut:]))
            if first and second:
                return second
        return None


def _signs(cleaned: str) -> str | None:
    """A text without letters and digits: a question mark, or signs and smileys."""
    if "?" in cleaned:
        return PUZZLED
    if any(unicodedata.category(c).startswith("L") for c in cleaned):
        return None  # letters of a script that we do not read
    return WORDLESS
