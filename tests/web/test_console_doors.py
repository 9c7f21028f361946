"""Who gets into what of the console, with the real hotline behind it; words in four languages."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from hotline.audit import service as audit
from hotline.cases.tasks import repository as tasks
from hotline.channels.base import Rejected
from hotline.conversation.repository import contacts
from hotline.web.console import queue, talk
from hotline.web.console.routes import GROUPS
from hotline.web.routing import Call
from tests.support.databases import Databases
from tests.web.console_site import Console, make_console

NOBODY = "q" * 20
CHANGES = [route.path for group in GROUPS for route in group.routes if "POST" in route.methods]


@pytest.fixture
async def console(databases: Databases, tmp_path: Path) -> AsyncIterator[Console]:
    url = databases.fresh("sqlite")
    made = make_console(url, tmp_path)
    yield made
    await made.world.close()
    databases.drop(url)


def filled(path: str, talk_id: str = NOBODY) -> str:
    return re.sub(r"\{[^}]*\}", talk_id, path)


async def test_no_change_is_made_without_the_forms_token(console: Console) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    talk_id = where.rsplit("/", 1)[1]
    before = console.world.read(lambda tx: contacts.by_conversation(tx, talk_id))
    for path in CHANGES:
        for token in ({}, {"csrf": "0" * 64}, {"csrf": "я"}):
            answer = await client.post(filled(path, talk_id), data={"text": "x", **token})
            assert answer.status_code == 403, path
    foreign = await client.post(
        f"{where}/close",
        data={"csrf": await _token(client), "reason": "other"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert foreign.status_code == 403
    after = console.world.read(lambda tx: contacts.by_conversation(tx, talk_id))
    assert (after.state, after.version) == (before.state, before.version)


async def _token(client: httpx.AsyncClient) -> str:
    from tests.web.site import token_in

    return token_in((await client.get("/console")).text)


@pytest.mark.parametrize("wrong", [NOBODY, "x", "%00", "1'--", "../../etc", "я" * 30])
async def test_ids_of_nothing_are_not_found(console: Console, wrong: str) -> None:
    await console.person()
    client = console.signed_in("gulnara")
    token = await _token(client)
    fields = {
        "csrf": token, "reason": "support", "text": "x", "note": "x", "class": "P1",
        "version": "0", "level": "HIGH", "choice": "share", "day": "2027-01-01", "time": "10:00",
        "reply": "greeting", "service": "shelter",
    }  # fmt: skip
    for path in ("/console/talk/{}", "/console/talk/{}/refer", "/console/talk/{}/file/{}",
                 "/console/referral/{}"):  # fmt: skip
        answer = await client.get(path.replace("{}", wrong))
        assert answer.status_code in {404, 403}, path
    for path in CHANGES:
        if "{" not in path:
            continue
        answer = await client.post(filled(path, wrong), data=fields)
        assert answer.status_code in {403, 404, 405, 409, 422}, (path, answer.status_code)


async def test_a_supervisor_reads_with_a_reason_and_the_operator_is_shown_it(
    console: Console,
) -> None:
    phone = await console.person()
    await phone.says("слово, которое никто не видит")
    mine, boss = console.signed_in("aigul"), console.signed_in("gulnara")
    where = await console.take(mine)
    look = where.replace("/talk/", "/look/")
    asked = await boss.get(look)
    assert "слово, которое никто не видит" not in asked.text
    refused = await console.post(boss, look, look, reason="curious")
    assert refused.status_code == 422
    seen = await console.post(boss, look, look, reason="complaint")
    assert seen.status_code == 200
    assert "слово, которое никто не видит" in seen.text
    assert 'name="text"' not in seen.text  # she reads and does not write
    rows = console.world.read(lambda tx: audit.latest(tx, limit=5, tag="case:conversation:watched"))
    assert [row.link.reason for row in rows] == ["complaint"]
    assert "Этот разговор смотрел супервайзер" in (await mine.get(where)).text


@pytest.mark.parametrize("login", ["elena", "meerim", "asel", "timur", "admin"])
async def test_nobody_else_reads_what_an_operator_holds(console: Console, login: str) -> None:
    phone = await console.person()
    await phone.says("слово, которое никто не видит")
    where = await console.take(console.signed_in("aigul"))
    other = console.signed_in(login)
    look = where.replace("/talk/", "/look/")
    shown = [await other.get(where), await other.get(look)]
    page = await other.get("/account")
    token = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert token is not None
    shown.append(await other.post(look, data={"csrf": token[1], "reason": "safety"}))
    for answer in shown:
        assert "слово, которое никто не видит" not in answer.text
    assert shown[0].status_code == shown[2].status_code == 403


async def test_the_board_shows_counts_and_leases_and_no_names_of_people(console: Console) -> None:
    await console.person("1")
    await console.person("2")
    await console.take(console.signed_in("aigul"))
    boss = console.signed_in("gulnara")
    page = (await boss.get("/console/board")).text
    assert "Айгүл" in page
    assert "1 / 3" in page
    aliases = console.world.read(
        lambda tx: tx.conn.execute(sa.text("select alias from conversations")).scalars().all()
    )
    assert all(alias not in page for alias in aliases)


async def test_a_broken_promise_is_on_the_first_page(console: Console) -> None:
    await console.person()
    console.world.clock.on(minutes=31)
    await console.world.tick()
    page = (await console.signed_in("gulnara").get("/console")).text
    assert "1 нарушенное обещание" in page
    assert "Кто-то ждал дольше обещанного" in page
    assert "data-announce" in page
    assert (
        "Кто-то ждал дольше обещанного"
        not in (await console.signed_in("aigul").get("/console")).text
    )  # a supervisor's task


async def test_an_undelivered_line_is_tried_again_by_hand(console: Console) -> None:
    phone = await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    console.world.refusal = lambda _: Rejected("400")
    await console.post(client, where, f"{where}/reply", text="Вы получили это?")
    await console.world.send_all()
    assert "не доставлено" in (await client.get(where)).text
    page = (await client.get("/console")).text
    again = re.search(r"/console/task/\w+/again", page)
    assert again is not None
    console.world.refusal = lambda _: None
    assert (await console.post(client, "/console", again[0])).status_code == 303
    await console.world.send_all()
    assert phone.last == "Вы получили это?"
    assert again[0] not in (await client.get("/console")).text
    assert (await console.post(client, "/console", again[0])).status_code == 404


async def test_a_task_is_done_once_and_by_whom_it_concerns(console: Console) -> None:
    def add(tx: object, role: str) -> str:
        return tasks.add(
            tx, "verify", subject=("partner", role * 10), now=console.world.clock(), role=role
        )  # type: ignore[arg-type]

    mine = console.world.write(lambda tx: add(tx, "OP"))
    theirs = console.world.write(lambda tx: add(tx, "CO"))
    client = console.signed_in("aigul")
    page = (await client.get("/console")).text
    assert mine in page
    assert theirs not in page
    for task, status in ((theirs, 404), (mine, 303), (mine, 404)):
        answer = await console.post(client, "/console", f"/console/task/{task}/done")
        assert answer.status_code == status
    again = await console.post(client, "/console", f"/console/task/{theirs}/again")
    assert again.status_code == 404


async def test_a_message_that_broke_is_read_again(console: Console) -> None:
    phone = await console.person()
    mind = console.world.app.mind
    broken = mind.read
    object.__setattr__(mind, "read", lambda *_: 1 / 0)
    await phone.says("важные слова")
    object.__setattr__(mind, "read", broken)
    client = console.signed_in("aigul")
    again = re.search(r"/console/task/\w+/again", (await client.get("/console")).text)
    assert again is not None
    assert (await console.post(client, "/console", again[0])).status_code == 303
    console.world.clock.on(seconds=30)
    await console.world.tick()
    left = console.world.read(
        lambda tx: tx.conn.execute(
            sa.text("select count(*) from inbox where state <> 'handled'")
        ).scalar_one()
    )
    assert left == 0


async def test_the_auditor_sees_deeds_and_no_words_and_finds_a_forged_row(
    console: Console,
) -> None:
    phone = await console.person()
    await phone.says("слово, которое никто не видит")
    client = console.signed_in("aigul")
    where = await console.take(client)
    await console.post(client, where, f"{where}/note", note="тайная заметка")
    auditor = console.signed_in("timur")
    page = (await auditor.get("/console/audit")).text
    assert "case:note:added" in page
    assert "тайная заметка" not in page
    assert "слово, которое никто не видит" not in page
    only = (await auditor.get("/console/audit?tag=queue:lease:taken&before=x")).text
    assert "<td>" in only
    assert 'mono">case:note:added' not in only
    good = await console.post(auditor, "/console/audit", "/console/audit/verify")
    assert "say good" in good.text
    console.world.write(
        lambda tx: tx.conn.execute(
            sa.text("update audit set record = :r where number = 3"), {"r": b"forged"}
        )
    )
    bad = await console.post(auditor, "/console/audit", "/console/audit/verify")
    assert "say bad" in bad.text


async def test_the_shift_is_switched_by_hand(console: Console) -> None:
    client = console.signed_in("aigul")
    for on, words in (("no", "Не на смене"), ("yes", "На смене")):
        assert (await console.post(client, "/console", "/console/shift", on=on)).status_code == 303
        assert words in (await client.get("/console")).text
    assert (await console.post(client, "/console", "/console/shift", on="x")).status_code == 422


@pytest.mark.parametrize("language", ["ky", "ru", "tg", "en"])
async def test_every_page_is_whole_in_every_language(console: Console, language: str) -> None:
    """No text falls back to another language, and no code stands where words should."""
    await console.person("1", story="work.immediate", turns=99, language="tg")
    await console.person("2")
    client = console.signed_in("elena", language)
    where = await console.take(client)
    await console.post(client, where, f"{where}/note", note="x")
    await console.post(client, where, f"{where}/reply", text="x")
    boss = console.signed_in("gulnara", language)
    words = console.site.ctx.words
    before = dict(words.falls.counts())
    pages = [
        await client.get("/console"),
        await client.get(where),
        await client.get(f"{where}/refer"),
        await client.get(f"{where}/refer?service=shelter"),
        await client.get("/console/referrals"),
        await boss.get("/console/board"),
        await boss.get(where.replace("/talk/", "/look/")),
        await console.post(boss, "/console", where.replace("/talk/", "/look/"), reason="alarm"),
        await console.signed_in("timur", language).get("/console/audit"),
        await console.signed_in("admin", language).get("/console/users"),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    fell = sorted(
        fall.key
        for fall, count in words.falls.counts().items()
        if fall.wanted == language and count > before.get(fall, 0)
    )
    assert fell == []
    for page in pages[:8]:
        text = re.sub(r"<[^>]*>", " ", page.text)
        assert not re.search(r"\b(console|screening|referral|error)\.[a-z]\w*\.?\w*", text)


async def test_the_live_parts_hold_what_the_pages_hold(console: Console) -> None:
    """The fragments of the streams, asked for as the stream asks."""
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    talk_id = where.rsplit("/", 1)[1]
    shown = await _first_fragment(console, client, "/console/live", {})
    assert talk_id in shown
    shown = await _first_fragment(console, client, f"{where}/live", {"id": talk_id})
    assert "talk-lines" in shown
    console.world.clock.on(seconds=61)
    await console.world.tick()
    lost = await _first_fragment(console, client, f"{where}/live", {"id": talk_id})
    assert "talk-lost" in lost


async def _first_fragment(
    console: Console, client: httpx.AsyncClient, path: str, params: dict[str, str]
) -> str:
    from starlette.requests import Request

    from hotline.web.endpoint import Endpoints
    from hotline.web.pagemaker import PageMaker

    cookies = "; ".join(f"{c.name}={c.value}" for c in client.cookies.jar)
    request = Request(
        {
            "type": "http", "method": "GET", "path": path, "query_string": b"", "path_params": params,
            "headers": [(b"cookie", cookies.encode()), (b"host", b"hotline.test")],
            "scheme": "http", "server": ("hotline.test", 80), "client": ("192.0.2.1", 5),
        }
    )  # fmt: skip
    endpoints = Endpoints(console.site.ctx, PageMaker())
    call: Call = endpoints.call(request)
    from hotline.accounts import logins

    call.signed_in = console.world.read(
        lambda tx: logins.look(tx, console.site.ctx.keys, call.session, now=console.world.clock())
    )
    answer = await (talk.live(call) if "/talk/" in path else queue.live(call))
    async for line in answer.body_iterator:
        if "event: html" in str(line):
            return str(line).encode().decode("unicode_escape", "ignore")
    raise AssertionError("the stream sent nothing")
