"""The small words that answer a question: yes, no, not sure, skip, numbers, months, countries."""

from dataclasses import dataclass
from typing import Final

from hotline.understanding.data import BadWords, Tree, all_texts, section, texts
from hotline.understanding.fold import clean, skeleton

ANSWERS: Final = "answers.yaml"
COUNTRIES: Final = "countries.yaml"
MEANINGS: Final = ("yes", "no", "unsure", "skip")
_STEM: Final = 5  # folded letters from which a country or town also counts with an ending


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded look-ups; where folding leaves one letter, the word counts only as it is written."""

    plain: dict[str, str]  # words as written -> "yes", "no", "unsure" or "skip"
    folded: dict[str, str]
    letters: frozenset[str]  # folded answers of one letter
    numbers: dict[str, int]
    months: dict[str, int]
    fillers: frozenset[str]
    joiners: frozenset[str]
    countries: dict[str, str]
    country_stems: tuple[tuple[str, str], ...]

    def meaning(self, text: str, folded: str) -> str | None:
        """Whether the whole text is a word for yes, no, not sure or skip."""
        found = self.plain.get(clean(text).lower().strip(" .,!;:)("))
        return found or self.folded.get(folded)

    def answers_only(self, folded: str, words: list[str]) -> bool:
        """Whether a text is nothing but words for yes, no, not sure and skip, and numbers."""
        if folded in self.folded:
            return True
        return bool(words) and all(
            word in self.folded or word in self.numbers or word.isdecimal() or word in self.letters
            for word in words
        )


def build(answers: Tree, countries: Tree) -> Lexicon:
    """Raises `BadWords` naming the entry when a list is misshaped."""
    plain: dict[str, str] = {}
    folded: dict[str, str] = {}
    for meaning in MEANINGS:
        for phrase in all_texts(section(answers, meaning, ANSWERS), ANSWERS, meaning):
            plain.setdefault(clean(phrase).lower(), meaning)
            key = skeleton(phrase)
            if len(key) > 1:
                folded.setdefault(key, meaning)
    names = {
        skeleton(name): str(code)
        for code, listed in countries.items()
        for name in texts(listed, COUNTRIES, str(code))
    }
    return Lexicon(
        plain=plain,
        folded=folded,
        letters=frozenset(k for k in map(skeleton, plain) if len(k) == 1),
        numbers=_counted(answers, "numbers"),
        months=_counted(answers, "months"),
        fillers=frozenset(map(skeleton, texts(answers.get("fillers"), ANSWERS, "fillers"))),
        joiners=frozenset(map(skeleton, texts(answers.get("and"), ANSWERS, "and"))),
        countries=names,
        country_stems=tuple(
            sorted(
                ((_stem(name), code) for name, code in names.items() if len(name) >= _STEM),
                key=lambda pair: -len(pair[0]),
            )
        ),
    )


def _stem(name: str) -> str:
    """The beginning that stays when an ending is changed: Rosa, Rosiu; Moskva, Moskve."""
    return name[:-1] if name[-1] in "aiou" and len(name) >= _STEM else name


def _counted(tree: Tree, entry: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for number, listed in section(tree, entry, ANSWERS).items():
        if not isinstance(number, int):
            raise BadWords(f"{ANSWERS}: {entry}.{number}: the key must be a number")
        for word in texts(listed, ANSWERS, f"{entry}.{number}"):
            counted.setdefault(skeleton(word), number)
    return counted
