"""Every story on the other channel and in each language; every answer by its button and number."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from hotline.core.languages import LANGUAGES
from hotline.core.reading import Heard, Kind
from hotline.flow import engine, events as ev
from hotline.flow.bundle import options_on
from hotline.flow.checks.graph import speaking_on
from hotline.flow.pen import MAX_STEPS, Mode
from hotline.flow.session import Frame, Session
from hotline.flow.stories import hearing, read_story, replay
from tests.support.flows import bundle, judges

HERE = Path(__file__).parent
CHANNELS = ("telegram", "sms")
STORIES = sorted(path.stem for path in HERE.glob("*.yaml"))
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", STORIES)
def test_the_story_can_be_told(name, channel, language):
    source = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    story = replace(read_story(name, source), channel=channel, language=language)
    played = replay(bundle(), story, judges())
    for turn in played.results:
        assert len(turn.path) <= MAX_STEPS
        for said in (event for event in turn.events if isinstance(event, ev.Said)):
            assert said.key
            codes = [choice.code for choice in said.choices]
            assert len(codes) == len(set(codes))


ANSWERS = [
    (step.key, channel, number, option.code)
    for step in bundle().every_step()
    if step.asks
    for channel in CHANNELS
    if step.key in speaking_on(bundle(), channel)
    for number, option in enumerate(options_on(step, channel), 1)
]


@pytest.mark.parametrize(("key", "channel", "number", "code"), ANSWERS)
def test_every_answer_can_be_given(key, channel, number, code):
    step = bundle().steps[key]
    session = Session(
        bundle().revision, (Frame(step.flow, step.name),), turn=3, language="tg",
        channel=channel, waiting=True, answers={"A1": ("y",)},
    )  # fmt: skip
    if channel == "sms":
        heard, read = hearing(str(number))
    else:
        heard, read = hearing({"button": f"{key}={code}"})
    mode = Mode.WAITING if step.quiet else Mode.BOT
    turn = engine.resume(
        bundle(), session, heard, read=read, assess=judges().assess, now=NOW, idle_seconds=5,
        mode=mode,
    )  # fmt: skip
    recorded = [e for e in turn.events if isinstance(e, ev.AnswerRecorded)]
    if step.multi and channel == "telegram" and not recorded:
        assert turn.session.picked == (code,)
        done = Heard(Kind.BUTTON, button=f"{key}=done")
        _, read = hearing({"button": f"{key}=done"})
        turn = engine.resume(
            bundle(), turn.session, done, read=read, assess=judges().assess, now=NOW, idle_seconds=5
        )
        recorded = [e for e in turn.events if isinstance(e, ev.AnswerRecorded)]
    assert recorded[0].step == key
    assert recorded[0].codes == (code,)
