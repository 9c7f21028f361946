"""The words that we tell people to type are understood, in the language they are told in."""

import re

import pytest

from hotline.core.languages import LANGUAGES
from hotline.core.reading import Command
from hotline.i18n import sources, words
from hotline.understanding.commands import Commands
from hotline.understanding.fold import skeleton
from tests.support.flows import ROOT, bundle, files

TOLD = re.compile(r"\b(?:STOP SHARE|MY DATA|[A-Z]{4,})\b")
UPPER = r"[^\W\d_a-zа-яёөүңғқҳҷӣӯ]{2,}"
TYPED = re.compile(rf"{UPPER}(?: {UPPER})*")
MEANT = {
    "PERSON": Command.HUMAN,
    "OPERATOR": Command.HUMAN,
    "MENU": Command.MENU,
    "STOP": Command.STOP,
    "STOP SHARE": Command.STOP_SHARE,
    "MY DATA": Command.WHO_HAS_MY_DATA,
    "DELETE": Command.DELETE_MY_DATA,
    "SKIP": Command.SKIP,
    "LATIN": Command.LATIN,
}
KEYS = sorted(k for k, t in bundle().texts.items() if set(TOLD.findall(t.english)) & set(MEANT))


@pytest.fixture(scope="module")
def catalogue():
    return words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))


@pytest.fixture(scope="module")
def commands():
    return Commands(files().understanding["commands"])


def test_there_are_such_texts():
    assert len(KEYS) > 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_each_word_to_type_does_what_is_said(key, language, catalogue, commands):
    wanted = {MEANT[w] for w in TOLD.findall(bundle().texts[key].english) if w in MEANT}
    text = catalogue.text(key, language)
    found = set()
    for typed in TYPED.findall(text):
        called = commands.find(typed, skeleton(typed))
        if called is not None and not called.near:
            found.add(called.command)
    assert wanted <= found, f"{text!r}: {wanted - found}"
