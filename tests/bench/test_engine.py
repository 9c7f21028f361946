"""The contestants of `bench engine` really play the dialogue to its end."""

import asyncio

import pytest

from hotline.bootstrap import content as contents
from tests.bench import engine
from tests.support.flows import ROOT


@pytest.fixture(scope="module")
def content():
    return contents.load(ROOT / "flows", ROOT / "locales", demonstration=True)


def makers(content):
    return {
        "ours": lambda: engine.Engine("ours", content, engine.simply),
        "python-telegram-bot": engine.PtbInMemory,
        "aiogram": engine.AiogramInMemory,
    }


async def rounds(one, dialogues):
    await one.open()
    await engine._round(one, 0, dialogues)
    one.verify(dialogues)
    with pytest.raises(AssertionError):
        one.verify(dialogues + 1)
    await one.close()


@pytest.mark.parametrize("name", ["ours", "python-telegram-bot", "aiogram"])
def test_every_dialogue_reaches_its_last_question(name, content):
    asyncio.run(rounds(makers(content)[name](), 6))
