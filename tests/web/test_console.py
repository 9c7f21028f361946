"""An operator's work in the console, page by page, on the real hotline."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.conversation.repository import contacts
from tests.support.databases import Databases
from tests.web.console_site import Console, make_console

REPLY = "Я рядом, пишите, когда можно."


@pytest.fixture
async def console(databases: Databases, tmp_path: Path) -> AsyncIterator[Console]:
    url = databases.fresh("sqlite")
    made = make_console(url, tmp_path)
    yield made
    await made.world.close()
    databases.drop(url)


def talk_id(where: str) -> str:
    return where.rsplit("/", 1)[1]


async def test_the_queue_shows_counts_and_nobody_by_name(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    page = (await client.get("/console")).text
    assert "Хочет поговорить" in page
    row = console.world.read(lambda tx: contacts.by_contact(tx, _contact(console)))
    assert row.alias not in page
    assert row.conversation_id not in page


def _contact(console: Console) -> str:
    import sqlalchemy as sa

    return console.world.read(
        lambda tx: tx.conn.execute(sa.text("select id from contacts")).scalar_one()
    )


async def test_take_next_opens_the_conversation_in_the_operators_own_language(
    console: Console,
) -> None:
    await console.person(language="ky")
    for login, language, question in (("nurlan", "en", "Is it safe"), ("nurlan", "tg", "бехатар")):
        client = console.signed_in(login, language)
        mine = (await client.get("/console")).text
        found = re.search(r"/console/talk/\w+", mine)
        where = found[0] if found else await console.take(client)
        page = (await client.get(where)).text
        assert question in page
        assert "start.safe" not in page  # no raw step key, no raw callback data


async def test_titles_and_addresses_name_nobody(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    row = console.world.read(lambda tx: contacts.by_contact(tx, _contact(console)))
    page = (await client.get(where)).text
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title is not None
    assert row.alias not in title[1]
    assert row.alias in page
    assert all(row.alias not in link for link in re.findall(r'href="([^"]*)"', page))
    assert "1001" not in re.sub(r"<script.*?</script>", "", page).replace(talk_id(where), "")


async def test_take_next_says_when_nobody_waits_and_when_hands_are_full(console: Console) -> None:
    client = console.signed_in("aigul")
    answer = await console.post(client, "/console", "/console/take")
    assert answer.headers["location"] == "/console"
    for number in range(4):
        await console.person(str(2000 + number))
    for _ in range(3):
        await console.take(client)
    full = await console.post(client, "/console", "/console/take")
    assert full.status_code == 409


async def test_a_reply_reaches_the_person_and_stands_on_the_page(console: Console) -> None:
    phone = await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    answer = await console.post(client, where, f"{where}/reply", text=f"  {REPLY}\x00 ")
    assert (answer.status_code, answer.headers["location"]) == (303, where)
    await console.world.send_all()
    assert phone.last == REPLY
    assert REPLY in (await client.get(where)).text


@pytest.mark.parametrize(("text", "status"), [("", 422), (" \n ", 422), ("а" * 10_000, 422)])
async def test_a_bad_reply_is_refused_and_what_was_typed_stays(
    console: Console, text: str, status: int
) -> None:
    phone = await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    heard = len(phone.heard)
    answer = await console.post(client, where, f"{where}/reply", text=text)
    assert answer.status_code == status
    await console.world.send_all()
    assert len(phone.heard) == heard
    if text.strip():
        assert text[:200] in answer.text  # shown again on the page of the refusal
        assert text[:200] in (await client.get(where)).text  # and kept as the draft


async def test_only_the_holder_reads_and_writes(console: Console) -> None:
    phone = await console.person()
    mine, other = console.signed_in("aigul"), console.signed_in("elena")
    where = await console.take(mine)
    heard = len(phone.heard)
    assert (await other.get(where)).status_code == 403
    for action in ("reply", "draft", "note", "back", "release", "close", "callback", "beat"):
        answer = await console.post(
            other, "/console", f"{where}/{action}", text="x", note="x", reason="other",
            day="2030-01-01", time="10:00",
        )  # fmt: skip
        assert answer.status_code in {403, 409}, action
    await console.world.send_all()
    assert len(phone.heard) == heard
    assert (await mine.get(where)).status_code == 200


async def test_a_lease_lives_by_its_heartbeat_and_the_draft_goes_to_the_next_holder(
    console: Console,
) -> None:
    await console.person()
    mine, next_one = console.signed_in("aigul"), console.signed_in("elena")
    where = await console.take(mine)
    for _ in range(5):
        console.world.clock.on(seconds=20)
        assert (await console.post(mine, "/console", f"{where}/beat")).status_code == 204
        await console.world.tick()
    saved = await mine.post(
        f"{where}/draft",
        data={"csrf": await _token(mine), "text": "Половина ответа"},
        headers={"X-Fragment": "none"},
    )
    assert saved.status_code == 204
    console.world.clock.on(seconds=61)
    await console.world.tick()
    assert (await mine.get(where)).status_code == 403
    lost = await console.post(mine, "/console", f"{where}/beat")
    assert lost.status_code == 409
    assert await console.take(next_one) == where
    assert "Половина ответа" in (await next_one.get(where)).text


async def _token(client) -> str:
    from tests.web.site import token_in

    return token_in((await client.get("/console")).text)


async def test_a_prepared_reply_comes_in_the_persons_language_and_never_expired(
    console: Console,
) -> None:
    phone = await console.person(language="ky")
    client = console.signed_in("nurlan", "ru")
    where = await console.take(client)
    page = (await client.get(where)).text
    words = console.site.ctx.words
    russian, kyrgyz = (words.text("replies.safety_check.text", code) for code in ("ru", "ky"))
    assert russian in page.replace("&#34;", '"')
    answer = await console.post(
        client, where, f"{where}/insert", reply="safety_check", text="Салам"
    )
    assert answer.status_code == 303
    box = re.search(
        r"<textarea id=\"text\".*?>(.*?)</textarea>", (await client.get(where)).text, re.DOTALL
    )
    assert box is not None
    assert box[1].startswith("Салам")
    assert kyrgyz[:40] in box[1]
    unknown = await console.post(client, where, f"{where}/insert", reply="nothing")
    assert unknown.status_code == 404

    console.world.clock.on(days=300)
    await console.world.tick()
    client = console.signed_in("nurlan", "ru")
    await phone.says("Саламатсызбы")
    await console.press(phone, f"again.safe={'y'}")
    console.world.write(lambda tx: _hold(tx, console, talk_id(where), "nurlan"))
    expired = await console.post(client, where, f"{where}/insert", reply="safety_check")
    assert expired.status_code == 409
    typed = await console.post(client, where, f"{where}/reply", text=kyrgyz)
    assert typed.status_code == 409


def _hold(tx, console: Console, conversation_id: str, login: str) -> None:
    """The conversation in an operator's hands, however it came there."""
    from datetime import timedelta

    contacts.change_conversation(
        tx,
        conversation_id,
        {
            "state": "HUMAN",
            "operator_id": console.user(login),
            "lease_until": console.world.clock() + timedelta(seconds=60),
        },
    )


async def test_a_note_is_for_colleagues_and_never_leaves(console: Console) -> None:
    phone = await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    heard = len(phone.heard)
    answer = await console.post(client, where, f"{where}/note", note="Паспорт не при себе")
    assert answer.status_code == 303
    await console.world.send_all()
    assert len(phone.heard) == heard
    page = (await client.get(where)).text
    assert "Паспорт не при себе" in page
    assert "Паспорт не при себе" not in page[page.index("talk-lines") : page.index('id="reply"')]
    assert (await console.post(client, where, f"{where}/note", note=" ")).status_code == 422


async def test_the_screening_is_laid_open(console: Console) -> None:
    await console.person(story="work.immediate", turns=99)
    client = console.signed_in("aigul", "en")
    where = await console.take(client)
    page = (await client.get(where)).text
    assert "Immediate danger" in page
    assert console.site.ctx.mind is not None
    texts = console.site.ctx.mind.ruleset.texts
    assert texts["screening.rule.I2"] in page
    assert texts["screening.indicator.COD.docs"] in page
    assert "to be decided by a counsellor" in page
    assert "Without a clear answer" in page
    assert "PossibleVictimOfTrafficking" not in page or "possibly affected" in page


async def test_class_and_level_change_with_a_reason(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)

    async def change(action: str, **fields: str) -> int:
        page = (await client.get(where)).text
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        sent = {"version": version[1], **fields}
        return (await console.post(client, where, f"{where}/{action}", **sent)).status_code

    assert await change("class", **{"class": "P1"}) == 303
    assert await change("class", **{"class": "P3"}) in {403, 422}
    assert await change("class", **{"class": "P3", "reason": "Ошибка бота"}) == 303
    assert await change("class", **{"class": "P9"}) == 422
    assert await change("class", **{"class": "P0", "version": "0"}) == 409
    assert await change("level", level="HIGH") == 422
    assert await change("level", level="HIGH", reason="Со слов: паспорт забрали") == 303
    assert "Со слов: паспорт забрали" in (await client.get(where)).text


async def test_the_wish_about_sharing_is_kept(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    assert (
        await console.post(client, where, f"{where}/anonymity", choice="anonymous")
    ).status_code == 303
    assert re.search(r'value="anonymous" checked', (await client.get(where)).text)
    assert (await console.post(client, where, f"{where}/anonymity", choice="no")).status_code == 422


@pytest.mark.parametrize(
    ("day", "time", "status"),
    [("2026-11-01", "10:00", 422), ("", "", 422), ("2026-11-03", "25:99", 422),
     ("2026-11-03", "18:30", 303)],
)  # fmt: skip
async def test_a_callback_is_agreed_on_our_clock(
    console: Console, day: str, time: str, status: int
) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    answer = await console.post(client, where, f"{where}/callback", day=day, time=time)
    assert answer.status_code == status
    row = console.world.read(lambda tx: contacts.by_conversation(tx, talk_id(where)))
    if status == 303:
        assert row.state == "CALLBACK_SCHEDULED"
        assert row.callback_at.isoformat() == "2026-11-03T12:30:00+00:00"
    else:
        assert row.state == "HUMAN"


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        ("back", {"note": "Ждёт ответа посольства"}, "BOT"),
        ("release", {}, "WAITING"),
        ("close", {"reason": "advice_given"}, "CLOSED"),
    ],
)
async def test_the_work_ends_in_three_ways(
    console: Console, action: str, fields: dict[str, str], state: str
) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    answer = await console.post(client, where, f"{where}/{action}", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    row = console.world.read(lambda tx: contacts.by_conversation(tx, talk_id(where)))
    assert row.state == state
    assert (await client.get(where)).status_code == 403


async def test_closing_needs_a_reason(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    assert (await console.post(client, where, f"{where}/close")).status_code == 422


async def test_nothing_is_written_to_a_phone_with_a_silent_alarm(console: Console) -> None:
    phone = await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    console.world.write(
        lambda tx: contacts.change_conversation(tx, talk_id(where), {"silent": True})
    )
    page = (await client.get(where)).text
    assert "Тихая тревога" in page
    heard = len(phone.heard)
    answer = await console.post(client, where, f"{where}/reply", text=REPLY)
    assert answer.status_code == 409
    await console.world.send_all()
    assert len(phone.heard) == heard


async def test_an_edit_shows_what_stood_there_before(console: Console) -> None:
    from hotline.core.reading import Heard, Kind

    phone = await console.person()
    await phone.deliver(phone.inbound(Heard(Kind.TEXT, "в пять"), external_id="m1"))
    edit = phone.inbound(Heard(Kind.EDIT, "в шесть"), external_id="m2", edit_of="m1")
    await phone.deliver(edit)
    client = console.signed_in("aigul")
    page = (await client.get(await console.take(client))).text
    assert "в шесть" in page
    assert "в пять" in page


async def test_words_of_a_person_are_never_markup(console: Console) -> None:
    phone = await console.person()
    await phone.says('<script>alert(1)</script> <b onclick="x">')
    client = console.signed_in("aigul")
    page = (await client.get(await console.take(client))).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
