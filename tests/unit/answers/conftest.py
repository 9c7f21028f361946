"""The checked answers, their words and the lists around them, read once."""

import json
import os
from pathlib import Path

import pytest

from hotline import library
from hotline.core.languages import LANGUAGES
from hotline.i18n.catalogues import read_catalogue

ROOT = Path(__file__).parents[3]
CHANNEL_PARTS = ("label", "tell", "tell.sms")


@pytest.fixture(scope="session")
def files():
    return library.load(ROOT / "flows")


@pytest.fixture(scope="session")
def answers(files):
    return files.answers


@pytest.fixture(scope="session")
def contacts(files):
    return {row["id"]: row for row in files.contacts}


@pytest.fixture(scope="session")
def replies(files):
    return files.others["replies"]["replies"]


@pytest.fixture(scope="session")
def sources(files):
    return files.others["sources"]["sources"]


@pytest.fixture(scope="session")
def catalogues():
    return {
        code: {e.key: e for e in read_catalogue(ROOT / "locales", code) if not e.obsolete}
        for code in LANGUAGES
    }


@pytest.fixture(scope="session")
def text(catalogues):
    """text(language, key): a translation that may be shown, else the test fails by name."""

    def find(language, key):
        entry = catalogues[language].get(key)
        assert entry is not None, f"{key} is in no {language} catalogue"
        assert entry.is_ready, f"{key} ({language}) is missing or made from older English"
        return entry.text[0]

    return find


@pytest.fixture(scope="session")
def said(answers, replies, text):
    """Everything of ours that a person may be sent: (key, language, words)."""
    keys = [f"answers.{intent}.{part}" for intent in answers for part in CHANNEL_PARTS]
    keys += [f"replies.{row['id']}.text" for row in replies]
    return [(key, code, text(code, key)) for key in keys for code in LANGUAGES]


@pytest.fixture(scope="session")
def shared():
    """shared(name): a JSON file of the domain documents. They are no part of a release."""
    folder = Path(os.environ.get("HOTLINE_SHARED", ROOT.parent / "shared")) / "domain"

    def read(name):
        path = folder / name
        if not path.exists():
            pytest.skip(f"{name} of the domain documents is not here (HOTLINE_SHARED)")
        return json.loads(path.read_text(encoding="utf-8"))

    return read
