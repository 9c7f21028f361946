"""Every level, as a person reaches it: in three languages, on both channels, with the real rules
and the real understanding of what is typed.

A file holds one conversation. What is typed differs from language to language, what happens must
not: the same events in ky, ru and tg. `--update-golden` writes anew; the review is the diff.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline import library
from hotline.bootstrap import content as contents
from hotline.core.languages import LANGUAGES
from hotline.flow.play import Player
from hotline.flow.stories import BEGAN
from tests.support.answering import CALM_OFFER, CALM_WORK, HELLO, SKIP
from tests.support.flows import judges
from tests.support.world import content, understanding

HERE = Path(__file__).parent / "levels"
CHANNELS = ("telegram", "sms")

OFFER = ("gives", {"safe": "y", "top": "offer"})
WORK = ("gives", {"safe": "y", "top": "help"})
READ_BY_ANOTHER = {
    "ky": "менин билдирүүлөрүмдү окуп жатышат",
    "ru": "кто-то читает мои сообщения",
    "tg": "касе паёмҳои маро мехонад",
}
TO_ANOTHER = {"ky": "орусча", "ru": "кыргызча", "tg": "русӣ"}
BACK = {"ky": "кыргызча", "ru": "русский", "tg": "тоҷикӣ"}
AGAIN = {"ky": "саламатсызбы", "ru": "здравствуйте", "tg": "салом"}
"""What a person may type at these points, in the languages."""

STORIES: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {
    "immediate": (
        "IMMEDIATE",
        (WORK, ("gives", {**CALM_WORK, "C06": "y", "C07": "n", "go_on": "go_on"})),
    ),
    "immediate_now": ("IMMEDIATE", (WORK, ("gives", {"A2": "locked"}))),
    "high": (
        "HIGH",
        (OFFER, ("gives", {**CALM_OFFER, "B07": "y", "B08": "y", "B09": ["threat"],
                           "go_on": "go_on", "B12": "n"})),
    ),
    "high_work": (
        "HIGH",
        (WORK, ("gives", {**CALM_WORK, "C04": ["hold"], "C06": "y", "C11": ["econ"],
                          "go_on": "person"})),
    ),
    "medium": (
        "MEDIUM",
        (OFFER, ("gives", {**CALM_OFFER, "B02": "y", "B04": "n", "B12": "n"})),
    ),
    "low": ("LOW", (OFFER, ("gives", {**CALM_OFFER, "B04": "n", "B12": "n"}))),
    "none": ("NONE", (OFFER, ("gives", CALM_OFFER))),
    "none_work": ("NONE", (WORK, ("gives", CALM_WORK))),
    "unclear": (
        "UNCLEAR",
        (OFFER, ("gives", {**CALM_OFFER, **dict.fromkeys(
            ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B10"], "u"), "B12": "u"})),
    ),
    "quiet": ("", (("gives", {"safe": "n"}),)),
    "skipping": (
        "UNCLEAR",
        (OFFER, ("gives", {"A2": "none", "A3": "s", "R1": "s"}), *[("says", SKIP)] * 12),
    ),
    "after_an_hour": (
        "MEDIUM",
        (OFFER, ("gives", {**{k: v for k, v in CALM_OFFER.items() if k < "B05" or k[0] != "B"},
                           "B02": "y", "B04": "n"}),
         ("time", "61m"), ("says", AGAIN), ("gives", {"safe": "y", "go_on": "y"}),
         ("gives", {**CALM_OFFER, "B12": "n"})),
    ),
    "another_language": (
        "NONE",
        (OFFER, ("gives", {k: v for k, v in CALM_OFFER.items() if k < "B05" or k[0] != "B"}),
         ("says", TO_ANOTHER), ("gives", {"B05": "y", "B06": "n"}), ("says", BACK),
         ("gives", CALM_OFFER)),
    ),
    "read_by_another": (
        "",
        (WORK, ("gives", {k: v for k, v in CALM_WORK.items() if k < "C05" or k[0] != "C"}),
         ("says", READ_BY_ANOTHER)),
    ),
}  # fmt: skip
"""Name -> the level at the end, and what the person does."""


def player(channel: str) -> Player:
    read = contents.reader(understanding(), BEGAN.date)
    loaded = content()
    return Player(loaded.bundle, loaded.words, loaded.contacts, read, judges(), channel, None)


def typed(play: Player, step: str, code: str) -> str:
    """The answer with this code, as this channel's people give it."""
    bundle = content().bundle
    if play.channel == "telegram":
        return f":button {step}={code}"
    shown = bundle.shown[step, "sms", bool(play.session and play.session.facts.get("third_party"))]
    codes = [option.code for option in shown]
    return str(codes.index(code) + 1) if code in codes else SKIP[play.language or "ru"]


def giving(play: Player, given: dict[str, Any]) -> Iterator[str]:
    """Lines to type while the step that waits has an answer in `given`."""
    before = None
    while play.session is not None and play.session.waiting:
        here = play.session.step_key
        name = here.partition(".")[2]
        if name not in given or here == before:
            return
        before = here
        codes = given[name] if isinstance(given[name], list) else [given[name]]
        if play.channel == "sms":
            yield ",".join(typed(play, here, code) for code in codes)
            continue
        for code in codes:
            yield typed(play, here, code)
        offered = {code for _, code in play.session.offered}
        if play.session.step_key == here and "done" in offered:
            yield f":button {here}=done"


def played(name: str, channel: str, language: str) -> tuple[Player, list[tuple[str, list[str]]]]:
    """The player at the end, and each line typed with what was shown."""
    play = player(channel)
    told: list[tuple[str, list[str]]] = []

    def type_in(line: str) -> None:
        told.append((line, list(play.hear(line))))

    type_in(HELLO[language])
    for kind, what in STORIES[name][1]:
        if kind == "says":
            type_in(what[language])
        elif kind == "time":
            told.append((f"({what})", list(play.hear(f":time +{what}"))))
        else:
            for line in giving(play, what):
                type_in(line)
    return play, told


def happened(play: Player, language: str) -> list[list[dict[str, Any]]]:
    """Events turn by turn; a language is the person's own or another one."""
    turns = json.loads(json.dumps([turn["happens"] for turn in play.story()["turns"]]))
    for event in (event for turn in turns for event in turn):
        chosen = event.get("LanguageChosen")
        if chosen is not None:
            chosen["language"] = "own" if chosen["language"] == language else "another"
    return turns


def typed_lines(told: list[tuple[str, list[str]]]) -> list[str]:
    return [line for line, _ in told if not line.startswith("(")]


def as_file(name: str, channel: str) -> dict[str, Any]:
    made = {language: played(name, channel, language) for language in LANGUAGES}
    lines = {language: typed_lines(told) for language, (_, told) in made.items()}
    turns = []
    for number, happens in enumerate(happened(made["ru"][0], "ru")):
        words = {language: lines[language][number] for language in LANGUAGES}
        same = len(set(words.values())) == 1
        turns.append({"hears": words["ru"] if same else words, "happens": happens})
    return {"flow": "screening", "about": name, "channel": channel, "turns": turns}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", STORIES)
def test_the_conversation_happens_as_written(name, channel, language, update_golden) -> None:
    path = HERE / f"{name}.{channel}.yaml"
    if update_golden and language == "ru":
        library.write_story(path, as_file(name, channel))
    kept = yaml.safe_load(path.read_text("utf-8"))["turns"]
    play, told = played(name, channel, language)
    lines = typed_lines(told)
    assert lines == [
        turn["hears"] if isinstance(turn["hears"], str) else turn["hears"][language]
        for turn in kept
    ]
    for line, now, turn in zip(lines, happened(play, language), kept, strict=True):
        assert now == turn["happens"], line
    assert play.session is not None
    if STORIES[name][0]:
        assert play.session.facts.get("level") == STORIES[name][0]


@pytest.mark.parametrize("name", STORIES)
def test_what_is_said_is_whole_in_every_language(name) -> None:
    for channel in CHANNELS:
        for language in LANGUAGES:
            _, told = played(name, channel, language)
            said = "\n".join(line for _, shown in told for line in shown if " * {" not in line)
            assert "{" not in said
            assert not any(
                word in said for word in ("IMMEDIATE", "MEDIUM", "UNCLEAR", "H5", "COD.")
            )


def test_every_level_has_a_conversation() -> None:
    assert {level for level, _ in STORIES.values() if level} == {
        "IMMEDIATE", "HIGH", "MEDIUM", "LOW", "NONE", "UNCLEAR"
    }  # fmt: skip
    assert {path.stem for path in HERE.glob("*.yaml")} == {
        f"{name}.{channel}" for name in STORIES for channel in CHANNELS
    }
