"""News of a referral must have words: a key without a text is a message that is lost."""

import re
from pathlib import Path

import pytest

from hotline.referrals.service import motion, news
from tests.support.world import content

STEPS = sorted(set(re.findall(r'news\.tell\([^)]*?"([a-z_]+)"', Path(motion.__file__).read_text())))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
def test_every_step_that_is_told_has_words(step: str, language: str) -> None:
    assert content().words.has(f"news.{step}.tell", language)


def test_all_of_them_were_found() -> None:
    assert len(STEPS) >= 7


def test_the_key_that_is_written_is_the_key_of_the_text() -> None:
    assert 'key=f"news.{step}.tell"' in Path(news.__file__).read_text()
