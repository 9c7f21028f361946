"""From answers to a level, a class and a case: what is stored, who is called, what is said."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.conversation.service import casework, desk
from hotline.crypto import Place, unseal
from hotline.flow.contacts import Contacts
from hotline.screening.parsing import parse
from hotline.screening.versions import parse_all
from tests.support.answering import (
    CALM_OFFER,
    CALM_WORK,
    HELLO,
    Person,
    person,
    rows,
)
from tests.support.screening import data
from tests.support.world import World

LEASE = timedelta(minutes=5)
STORY = "менин тарыхым: Канарейкин деген киши акча алды"
"""Words that must not be found in clear, nor in any case."""


async def screened(
    world: World, way: str, given: Mapping[str, Any], *, channel: str = "telegram",
    language: str = "ru", number: int = 1,
) -> Person:  # fmt: skip
    """Somebody who has come to `way` of the menu and answered what was asked."""
    one = person(world, channel, number)
    await one.begins(HELLO[language])
    await one.gives(way)
    await one.answers(given)
    return one


def case_of(world: World, one: Person) -> dict[str, Any] | None:
    """The row of the case, and its sealed columns opened, as nobody but a test reads them."""
    case_id = one.conversation("case_id")
    if case_id is None:
        return None
    row = world.read(
        lambda tx: tx.conn.execute(
            sa.text(
                "select c.*, w.wrapped, w.reader from cases c join key_wraps w on w.key_id = c.key_id"
                " where c.id = :id"
            ),
            {"id": case_id},
        ).mappings().one()
    )  # fmt: skip
    found = dict(row)
    key = world.app.mind.keys.unwrap(bytes(found["wrapped"]), found["key_id"], found["reader"])
    for column in ("facts", "htcds"):
        sealed = found[column]
        place = Place("cases", column, case_id)
        found[column] = None if sealed is None else json.loads(unseal(key, bytes(sealed), place))
    return found


OFFERS = {
    "P0": {"R2": "y", "B07": "y", "B08": "y", "B09": ["threat"], "go_on": "go_on"},
    "P1": {"B07": "y", "B08": "y", "B09": ["threat"], "go_on": "go_on", "B12": "n"},
    "P2": {"B02": "y", "B04": "n", "B12": "n"},
    None: {"B04": "n", "B12": "n"},
}
LEVELS = {"P0": "IMMEDIATE", "P1": "HIGH", "P2": "MEDIUM"}


@pytest.mark.parametrize("channel", ["telegram", "sms"])
@pytest.mark.parametrize("klass", OFFERS)
async def test_a_level_becomes_a_class_and_a_case(world: World, klass, channel) -> None:
    one = await screened(world, "offer", {**CALM_OFFER, **OFFERS[klass]}, channel=channel)
    assert one.conversation("klass") == klass
    case = case_of(world, one)
    if klass is None:
        assert case is None
        assert one.conversation("state") == "BOT"
        return
    assert one.conversation("state") == "WAITING"
    assert (case["level"], case["klass"], case["country"]) == (LEVELS[klass], klass, "KG")
    assert case["age_band"] == "adult"
    assert set(case["facts"]) <= {"country", "recruiter", "departs", "stage", "age_band"}
    assert all(len(value) <= 12 for value in case["facts"].values())


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
async def test_no_story_is_kept_in_clear_or_in_the_case(world: World, language) -> None:
    one = await screened(world, "help", {**CALM_WORK, "C06": "y"}, language=language)
    await one.phone.says(STORY)
    await one.answers({**CALM_WORK, "C04": ["hold"], "go_on": "person"})
    await one.phone.says(STORY)
    case = case_of(world, one)
    assert case is not None
    assert "Канарейкин" not in json.dumps([case["facts"], case["htcds"]], ensure_ascii=False)
    names = world.read(lambda tx: sa.inspect(tx.conn).get_table_names())
    for name in names:
        for row in rows(world, f'select * from "{name}"'):  # noqa: S608 - our own table names
            for value in row:
                text = (
                    bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()
                )
                assert "Канарейкин".encode() not in text, name


async def test_a_later_worse_answer_raises_and_a_later_harmless_one_never_lowers(
    world: World,
) -> None:
    one = await screened(world, "offer", {**CALM_OFFER, **OFFERS["P2"]})
    assert one.conversation("klass") == "P2"
    await one.phone.says("меню")
    await one.gives("help")
    await one.answers({**CALM_WORK, "C04": ["hold"], "C06": "y", "go_on": "person"})
    assert one.conversation("klass") == "P1"
    assert case_of(world, one)["level"] == "HIGH"
    await one.phone.says("меню")
    await one.gives("offer")
    await one.answers(CALM_OFFER)
    assert one.conversation("klass") == "P1"
    assert case_of(world, one)["klass"] == "P1"
    assert one.conversation("state") == "WAITING"
    levels = [row[0] for row in rows(world, "select level from assessments order by at, id")]
    assert "NONE" in levels  # the harmless one is in the history all the same


async def test_who_leaves_within_two_days_is_called_at_once(world: World) -> None:
    risky = {**CALM_OFFER, **OFFERS["P1"]}
    slow = await screened(world, "offer", risky, number=1)
    soon = await screened(world, "offer", {**risky, "R2": "y"}, number=2)
    unsure = await screened(world, "offer", {**risky, "R2": "u"}, number=3)
    assert [p.conversation("klass") for p in (slow, soon, unsure)] == ["P1", "P0", "P1"]
    medium = {**CALM_OFFER, **OFFERS["P2"], "go_on": "go_on"}
    lifted = await screened(world, "offer", {**medium, "R2": "y"}, number=4)
    assert (lifted.conversation("klass"), case_of(world, lifted)["level"]) == ("P1", "HIGH")
    calm = await screened(world, "offer", {**CALM_OFFER, "R2": "y"}, number=5)
    assert calm.conversation("klass") is None
    # The first taken is the one whose time runs out.
    actor = world.operator()
    taken = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    assert taken == soon.conversation("id")


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
async def test_by_sms_the_two_hardest_questions_become_a_call_for_a_person(
    world: World, language
) -> None:
    told = await screened(
        world, "help", {**CALM_WORK, "rather_tell": "y"}, channel="sms", language=language
    )
    assert "work.rather_tell" in told.trail
    assert not {"work.C09", "work.C10"} & set(told.trail)
    assert told.conversation("klass") == "P1"
    assert case_of(world, told)["reasons"] in (["rather_tell"], '["rather_tell"]')
    calm = await screened(world, "help", CALM_WORK, channel="sms", language=language, number=2)
    assert calm.conversation("klass") is None


async def test_a_child_is_spoken_to_simply_and_never_waits_behind(world: World) -> None:
    """Any sign is HIGH; no list of violence is asked; no sign at all is MEDIUM."""
    child = await screened(
        world, "help", {**CALM_WORK, "A3": "minor", "C06": "y", "go_on": "go_on"}
    )
    assert child.conversation("klass") == "P0"  # coercion now
    assert case_of(world, child)["is_minor"]
    calm = await screened(world, "help", {**CALM_WORK, "A3": "minor"}, number=2)
    assert calm.conversation("klass") == "P2"
    assert "work.C09" not in calm.trail
    assert "work.C10_minor" in calm.trail
    assert "work.C10" not in calm.trail


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_a_third_person_is_asked_about_in_words_for_her(world: World, channel) -> None:
    one = person(world, channel)
    await one.begins(HELLO["ru"])
    await one.gives("help")
    await one.answers({"A2": "none", "A3": "adult", "R0": "other", "R0_other": "working"})
    before = len(one.phone.heard)
    await one.answers({**CALM_WORK, "C04": ["hold"], "C06": "y", "go_on": "person"})
    case = case_of(world, one)
    assert case["third_party"]
    assert case["klass"] == "P1"
    texts = world.app.content.words
    third = texts.text("work.C06.ask.third" + (".sms" if channel == "sms" else ""), "ru")
    own = texts.text("work.C06.ask" + (".sms" if channel == "sms" else ""), "ru")
    said = "\n".join(part for m in one.phone.heard[before:] for part in m.parts)
    assert third in said
    assert own not in said


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
async def test_no_after_danger_is_a_silent_alarm(world: World, language) -> None:
    one = await screened(world, "help", {"A2": "locked"}, language=language)
    assert (one.conversation("klass"), bool(one.conversation("silent"))) == ("P0", False)
    world.clock.on(minutes=40)
    await one.phone.says(HELLO[language])
    assert one.where == "again.safe"
    await one.gives("n")
    assert one.conversation("klass") == "P0"
    assert bool(one.conversation("silent"))
    assert one.conversation("state") == "WAITING"
    heard = len(one.phone.heard)
    world.clock.on(minutes=30)
    await world.tick()
    assert len(one.phone.heard) == heard  # nobody and nothing writes to that phone
    assert ("silent_alarm",) in [tuple(r) for r in rows(world, "select kind from tasks")]


ASKED_AT = ["A2", "R1", "B03", "B09"]
LOCKED = {
    "ky": "мени үйгө камап салышты, жардам бергиле",
    "ru": "меня заперли и не выпускают",
    "tg": "маро дар хона қулф кардаанд, намегузоранд бароям",
}
READ = {
    "ky": "менин билдирүүлөрүмдү окуп жатышат",
    "ru": "кто-то читает мои сообщения",
    "tg": "касе паёмҳои маро мехонад",
}


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
@pytest.mark.parametrize("at", ASKED_AT)
async def test_danger_in_free_text_comes_before_every_question(world: World, at, language) -> None:
    given = {
        k: v
        for k, v in CALM_OFFER.items()
        if list(CALM_OFFER).index(k) < list(CALM_OFFER).index(at)
    }
    for number, channel in enumerate(("telegram", "sms"), 1):
        one = await screened(
            world, "offer", given, channel=channel, language=language, number=number
        )
        assert one.where.endswith(f".{at}")
        await one.phone.says(LOCKED[language])
        assert one.where == "danger.place"
        assert one.conversation("klass") == "P0"
        assert one.conversation("state") == "WAITING"
        assert not one.conversation("silent")


@pytest.mark.parametrize("language", ["ky", "ru", "tg"])
async def test_somebody_reads_along(world: World, language) -> None:
    for number, channel in enumerate(("telegram", "sms"), 1):
        one = await screened(
            world, "help", {"A2": "none", "A3": "adult", "R0": "working"},
            channel=channel, language=language, number=number,
        )  # fmt: skip
        heard = len(one.phone.heard)
        await one.phone.says(READ[language])
        assert (one.conversation("klass"), bool(one.conversation("silent"))) == ("P0", True)
        assert len(one.phone.heard) <= heard + 1  # at most one line, with no topic
        said = "\n".join(part for m in one.phone.heard[heard:] for part in m.parts)
        assert "189" not in said
        world.clock.on(hours=2)
        await world.tick()
        assert len(one.phone.heard) <= heard + 1


@pytest.mark.parametrize(
    ("tested_on", "demonstration", "is_shown"),
    [("2026-11-01", False, True), (None, False, False), (None, True, True)],
)
async def test_an_emergency_number_is_offered_only_once_it_was_tried(
    world: World, tested_on, demonstration, is_shown
) -> None:
    """A number stands in the register alone; the demonstration shows untried ones as examples."""
    loaded = world.app.content.contacts
    there = replace(loaded.rows["ru_emergency_single"], number="0-000", tested_on=tested_on)
    register = Contacts({**loaded.rows, there.id: there}, demonstration)
    world.app.content = replace(world.app.content, contacts=register)
    danger = {**CALM_WORK, "R1": "RU", "C06": "y", "C07": "n", "go_on": "go_on"}
    one = await screened(world, "help", danger)
    assert one.conversation("klass") == "P0"
    assert ("0-000" in one.phone.text) is is_shown
    elsewhere = await screened(world, "help", {**danger, "R1": "KG"}, number=2)
    assert elsewhere.conversation("klass") == "P0"
    assert "0-000" not in elsewhere.phone.text


# ------------------------------------------------------------------ what the case carries


async def test_the_case_carries_proposed_values_and_a_counsellor_decides(world: World) -> None:
    one = await screened(
        world, "help",
        {**CALM_WORK, "C04": ["hold"], "C06": "y", "C07": "n", "go_on": "go_on"},
    )  # fmt: skip
    values = {v["key"]: v for v in case_of(world, one)["htcds"]}
    assert {v["state"] for v in values.values()} == {"proposed"}
    assert {v["by"] for v in values.values()} == {"bot"}
    assert "vic_MethodsOfControl:RestrictsMovement" in values
    assert values["vic_MethodsOfControl:RestrictsMovement"]["strict"] == "Other"
    assert "vic_MethodOfRecruitment:ThroughFriendsOrSocialEvents" in values
    assert not [v for v in values.values() if v["field"] == "vic_TraffickingStatus"]
    actor = world.operator()
    talk = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )

    def decide(key: str, *, confirm: bool) -> None:
        world.write(
            lambda tx: casework.decide_value(
                tx, world.app.mind, actor, talk, key, confirm=confirm, now=world.clock()
            )
        )

    decide("vic_MethodsOfControl:RestrictsMovement", confirm=True)
    decide("vic_MethodsOfControl:WithholdsDocuments", confirm=False)
    panel = world.read(lambda tx: casework.panel(tx, world.app.mind, actor, talk))
    states = {v.key: (v.state, v.decided_by) for v in panel.htcds}
    assert states["vic_MethodsOfControl:RestrictsMovement"] == ("confirmed", actor.id)
    assert states["vic_MethodsOfControl:WithholdsDocuments"] == ("rejected", actor.id)
    tags = [r[0] for r in rows(world, "select tag from audit where tag like '%htcds%'")]
    assert tags.count("case:htcds:confirmed") == tags.count("case:htcds:rejected") == 1
    assert "bot:htcds:proposed" in tags


async def test_who_only_asks_for_a_person_has_nothing_proposed(world: World) -> None:
    one = person(world)
    await one.begins(HELLO["ru"])
    await one.gives("person")
    assert not case_of(world, one)["htcds"]


async def test_before_departure_only_the_way_of_recruitment_is_proposed(world: World) -> None:
    one = await screened(world, "offer", {**CALM_OFFER, **OFFERS["P2"]})
    assert [v["key"] for v in case_of(world, one)["htcds"]] == [
        "vic_MethodOfRecruitment:AtAPlaceOfBusiness"
    ]


# ------------------------------------------------------------------ versions


async def test_a_stored_assessment_stays_as_it_was_under_a_new_version(world: World) -> None:
    await screened(world, "offer", {**CALM_OFFER, **OFFERS["P2"]})
    actor = world.operator()
    talk = world.write(
        lambda tx: desk.take_next(tx, world.app.mind, actor, now=world.clock(), lease=LEASE)
    )
    before = world.read(lambda tx: casework.panel(tx, world.app.mind, actor, talk))
    newer = data()
    newer["version"] = "0.2"
    newer["indicators"]["DEC.job"]["adult"] = "W"
    newer["indicators"]["DEC.contract"]["adult"] = "W"
    assert parse(newer).version == "0.2"
    kept = parse_all({"screening": newer, "screening-0.1": data()})
    lost = parse_all({"screening": newer})

    def seen(rulesets: Any) -> Any:
        mind = replace(world.app.mind, rulesets=rulesets)
        return world.read(lambda tx: casework.panel(tx, mind, actor, talk))

    after = seen(kept)
    assert after.screenings == before.screenings
    assert after.screenings[0].explanation.assessment.level == "MEDIUM"
    assert after.screenings[0].reproduced
    # Where the old file was thrown away, the level stays and nothing is computed by other rules.
    assert seen(lost).screenings[0].explanation is None
    assert seen(lost).screenings[0].level == "MEDIUM"
