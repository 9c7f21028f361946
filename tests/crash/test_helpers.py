"""`kill -9` while an operator answers and refers, and while a partner accepts and reports.

People at a screen do what people do when a page does not load: look again, and send once more only
what is not there. The person hears every step she agreed to, once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from hotline.accounts import logins, passwords, users
from hotline.referrals import service as referrals
from tests.crash.killing import FatalTelegram, Killer, Moment, Point, plan
from tests.crash.people import Writer, tells
from tests.crash.test_people import every_line_came_once, live, quiet, served, shipped
from tests.story.house import PARTNERS
from tests.story.visitor import Page, Visitor
from tests.support.ledger import Ledger
from tests.support.serving import Served, connect

__all__ = ["served"]

KILLS = 6
SEEDS = (5, 44)
REPLY = "Саламатсызбы. Мен сиз менен биргемин."
SAFE_WAY = "зелёная дверь, спросить Гүл"
NEWS = ["news.sent.tell", "news.accepted.tell", "news.completed.tell"]


RARE = (Moment.POSTED, Moment.ANSWERED)
"""She writes little in this half of the story: the first time must do."""


def planned(seed: int) -> list[Point]:
    """Most kills fall right after a form or a page was asked for."""
    found = []
    for number, point in enumerate(plan(seed, KILLS)):
        count = 1 if point.moment in RARE else min(point.count, 2)
        moment = Moment.ASKED if number % 2 == 0 else point.moment
        found.append(Point(moment, count, point.seconds))
    return found


@dataclass
class Patient:
    """Somebody at a screen whose server dies now and then."""

    visitor: Visitor
    killer: Killer

    async def look(self, path: str) -> Page:
        while True:
            with suppress(httpx.HTTPError):
                page = await self._ask(self.visitor.get(path))
                if page.status != 503:
                    return page
            await asyncio.sleep(0.1)

    async def does(
        self,
        where: str,
        is_done: Callable[[Page], bool],
        act: Callable[[Visitor], Awaitable[Page]],
    ) -> Page:
        """Looks; acts only while it is not done; looks again."""
        for _ in range(60):
            page = await self.look(where)
            if is_done(page):
                return page
            with suppress(httpx.HTTPError):
                await self._ask(act(self.visitor))
        raise AssertionError(f"{where} does not come to its end: {page.text[:600]}")

    async def _ask(self, work: Awaitable[Page]) -> Page:
        point = self.killer.happens(Moment.ASKED)
        if point is not None:
            asyncio.get_running_loop().call_later(point.seconds, self.killer.kill)
        return await work


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_helping_goes_on_after_every_kill(served: Served, seed: int) -> None:
    killer = Killer(planned(seed))
    async with FatalTelegram(killer) as far:
        connect(served, far)
        ledger = Ledger(served.url, served.keys, shipped())
        try:
            operator, partner = _staff(served, ledger)
            writer = Writer(far.person(1001, "ky"), "ky")
            await asyncio.to_thread(served.start)
            await tells(writer, lambda: False)
            story = asyncio.ensure_future(
                _is_helped(writer, Patient(operator, killer), Patient(partner, killer), ledger)
            )
            await live(served, killer, story, ledger)
            await quiet(ledger)
            _nothing_lost_nothing_twice(writer, ledger)
        finally:
            ledger.close()
    assert "Traceback" not in served.log


def _staff(served: Served, ledger: Ledger) -> tuple[Visitor, Visitor]:
    """An operator and a worker of one partner, already signed in."""
    now, keys = datetime.now(UTC), served.keys
    ledger.store.write(lambda tx: referrals.import_directory(tx, PARTNERS, now=now))
    partner_id = str(ledger.one("select id from partners where code = 'adilet'"))
    found = []
    for login, role, more in (
        ("aibek", "OP", {}),
        ("adilet-one", "NG", {"partner_id": partner_id}),
    ):
        user_id = ledger.store.write(
            lambda tx, login=login, role=role, more=more: users.add_user(
                tx, login=login, alias=login, role=role, must_change=False, now=now,
                password_hash=passwords.nobody(passwords.LIGHT), languages={"ky": 5}, **more,
            )
        )  # fmt: skip
        secret = keys.seal_own("A" * 32, users.Place("users", "totp_secret", user_id))
        ledger.store.write(
            lambda tx, u=user_id, s=secret: users.repository.change_user(
                tx, u, totp_secret=s, totp_last_step=1
            )
        )
        token = ledger.store.write(lambda tx, u=user_id: logins.open_login(tx, keys, u, now=now))
        found.append(Visitor(served.address, {"__Host-hotline": token}))
    return found[0], found[1]


async def _is_helped(writer: Writer, operator: Patient, partner: Patient, ledger: Ledger) -> None:
    killer = partner.killer
    page = await operator.does(
        "/console", lambda p: "/console/talk/" in p.html, lambda v: v.post("/console/take")
    )
    talk = page.link(r"/console/talk/\w+")
    await operator.does(
        talk, lambda p: REPLY in p.part("talk-lines").text,
        lambda v: v.post(f"{talk}/reply", text=REPLY),
    )  # fmt: skip
    await operator.does(
        talk, lambda p: 'value="share" checked' in p.html,
        lambda v: v.post(f"{talk}/anonymity", choice="share"),
    )  # fmt: skip
    partner_id = ledger.one("select id from partners where code = 'adilet'")
    page = await operator.does(
        talk, lambda p: "/console/referral/" in p.html, lambda v: _drafts(v, talk, partner_id)
    )
    referral = page.link(r"/console/referral/\w+")
    await operator.does(
        referral, lambda p: 'class="card ask"' not in p.html, lambda v: v.post(f"{referral}/ask")
    )
    await writer.presses("consent.question=y")
    await _told(writer, "news.sent.tell", ledger)
    await operator.does(
        "/console", lambda p: "/console/talk/" not in p.html,
        lambda v: _hands_back(v, talk),
    )  # fmt: skip
    page = await partner.look("/portal")
    offer = page.link(r"/portal/o/\w+")
    await partner.does(
        offer, lambda p: f"{offer}/accept" not in p.html, lambda v: _confirms(v, offer, "accept")
    )
    for step in ("receipt", "contact", "start"):
        await partner.does(
            offer, lambda p, step=step: f"{offer}/{step}" not in p.html,
            lambda v, step=step: v.post(f"{offer}/{step}", version=v.page.value("version")),
        )  # fmt: skip
    await partner.does(
        offer, lambda p: f"{offer}/outcome" not in p.html,
        lambda v: _confirms(v, offer, "outcome", outcome="served_full"),
    )  # fmt: skip
    await _told(writer, NEWS[-1], ledger)
    while killer.left:  # she comes back to the menu until the plan is used up
        await writer.says("menu")
        await writer.sees("menu.top=offer")
        await partner.look("/portal")


async def _drafts(visitor: Visitor, talk: str, partner_id: str) -> Page:
    await visitor.get(f"{talk}/refer?service=legal")
    return await visitor.post(
        f"{talk}/refer",
        service="legal", priority="urgent", oblast="bishkek", age_band="25_plus", sex="unknown",
        safety="at_risk", languages="ky",
        **{f"partner.{partner_id}": "1", "field.safe_way": SAFE_WAY},
    )  # fmt: skip


async def _hands_back(visitor: Visitor, talk: str) -> Page:
    await visitor.get(talk)
    return await visitor.post(f"{talk}/back", note="")


async def _confirms(visitor: Visitor, offer: str, step: str, **fields: str) -> Page:
    """A step with a page of its own in between."""
    page = await visitor.get(f"{offer}/{step}")
    return await visitor.post(f"{offer}/{step}", version=page.value("version"), **fields)


async def _told(writer: Writer, key: str, ledger: Ledger) -> None:
    contact_id = ledger.contact("telegram", str(writer.person.chat_id))
    assert contact_id is not None
    for _ in range(1200):
        if any(row.what == key and row.state == "sent" for row in ledger.rows(contact_id)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{key} was not told")


def _nothing_lost_nothing_twice(writer: Writer, ledger: Ledger) -> None:
    contact_id = ledger.contact("telegram", str(writer.person.chat_id))
    assert contact_id is not None
    assert ledger.heard(contact_id) == writer.acts
    rows = ledger.rows(contact_id)
    assert {row.state for row in rows} == {"sent"}
    seen = [line.text for line in writer.person.standin.in_chat(writer.person.chat_id)]
    every_line_came_once(rows, seen)
    said = [row.what for row in rows]
    assert [key for key in said if key.startswith("news.")] == NEWS
    for once in ("wait.joined", REPLY, "consent.question.ask", "consent.given.tell", "wait.left"):
        assert said.count(once) == 1, once
    assert ledger.one("select count(*) from referrals") == 1
    assert ledger.one("select state from referrals") == "COMPLETED"
    tags = [row[0] for row in ledger.all("select tag from audit")]
    for tag in {tag for tag in tags if tag.startswith("partner:packet:d")}:
        assert tags.count(tag) == 1
