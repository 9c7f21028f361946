"""The whole job on real input: a person writes, is screened, waits, is answered, is referred.

Through the real server process, the real Telegram and Twilio clients against stand-ins on
loopback, and the pages that operators and partners use; in each language, on each database.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.standins.telegram import TelegramStandin
from tests.standins.twilio import TwilioStandin
from tests.story.callers import Caller, SmsPhone, TelegramPhone
from tests.story.house import House, shipped
from tests.story.visitor import Page, Visitor

CANARY = "Канарейкина"
FIELDS = {
    "name_to_use": f"{CANARY} Гүл",
    "safe_way": "тыквенное письмо через сестру",
    "papers": "зелёная папка у свекрови",
}
"""What the operator fills in: nobody but the partner that is named may ever read it."""

WITHHELD = "никому не известный долг"
"""A field that the operator fills in and whose group is asked for like the others."""


@dataclass(frozen=True)
class Tongue:
    """What is typed, as it is typed: without special letters, in Latin, mixed, misspelt."""

    first: str
    question: str
    canary: str
    reply: str
    stop_share: str
    who: str
    hide: str


TONGUES = {
    "ky": Tongue(
        first="salamatsyzby",
        question="rossiyaga kelgenden kiyin kattoogo kantip turam",
        canary=f"менин атым {CANARY} ырас эле",
        reply="Саламатсызбы. Мен сиз менен биргемин, шашпаңыз.",
        stop_share="маалыматымды бербе",
        who="маалыматым кимде",
        hide="0",
    ),
    "ru": Tongue(
        first="zdravstvuyte",
        question="как встать на миграцыонный учёт в росии",
        canary=f"меня зовут {CANARY} так вот",
        reply="Здравствуйте. Я с вами, торопиться некуда.",
        stop_share="не передавайте мои данные",
        who="у кого мои данные",
        hide="0",
    ),
    "tg": Tongue(
        first="salom",
        question="баъди расидан ба русия чи хел ба кайд гирифта мешавам",
        canary=f"номи ман {CANARY} аст",
        reply="Салом. Ман бо шумо ҳастам, шитоб накунед.",
        stop_share="маълумоти маро надихед",
        who="маълумоти ман дар кучо",
        hide="0",
    ),
}

OFFER = (
    ("menu.top", "offer"), ("safety.A2", "none"), ("safety.A3", "adult"), ("about.R1", "KG"),
    ("about.R2", "n"), ("about.R3", "friend"), ("offer.B01", "n"), ("offer.B02", "y"),
    ("offer.B03", "u"), ("offer.B04", "n"), ("offer.B05", "u"), ("offer.B06", "y"),
    ("offer.B07", "n"), ("offer.B08", "y"), ("offer.B09", "no"), ("offer.B10", "y"),
    ("offer.B11", "close"), ("wait.window", "h24"),
)  # fmt: skip
"""The job-offer check, complete. It ends in a high level."""


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with TelegramStandin() as telegram, TwilioStandin() as twilio:
        made = await asyncio.to_thread(
            House.build, tmp_path / "installation", database_url, telegram, twilio
        )
        yield made
        await asyncio.to_thread(made.close)


@pytest.mark.slow
@pytest.mark.parametrize("language", TONGUES)
async def test_a_person_writes_is_screened_waits_is_answered_and_is_referred(
    house: House, language: str
) -> None:
    callers = [
        Caller(TelegramPhone(house.telegram.person(1001, language)), language, house.ledger),
        Caller(SmsPhone(house.twilio.person("+996700123456")), language, house.ledger),
    ]
    operator = await house.enter("aibek", "OP", "Айбек", language="ru", speaks="ky:5,ru:5,tg:5")
    partners = {
        code: await house.enter(
            f"{code}-one", "NG", f"At {code}", language="tg", partner=house.partner_id(code)
        )
        for code in ("adilet", "tayanch")
    }
    for caller in callers:
        await _is_screened(caller)
        await _is_answered_and_referred(house, caller, operator, partners)
        await _takes_back(house, caller, partners["adilet"])
    _nothing_leaked(house, callers)
    house.ledger.check()


async def _is_screened(caller: Caller) -> None:
    words = TONGUES[caller.language]
    await caller.says(words.first)
    await caller.picks("start.safe", "y")
    assert caller.language_kept == caller.language
    await caller.hears("menu.top.ask")
    await caller.says(words.question)
    await _is_told_about_registration(caller)
    await caller.picks("question.helped", "menu")
    for step, code in OFFER:
        await caller.picks(step, code)
    await caller.hears("wait.waiting.ask")
    await caller.says(words.canary)


async def _is_told_about_registration(caller: Caller) -> None:
    """Badly typed: the bot may show what it understood and ask which it was."""
    row = await caller.hears("answers.ru_registration.tell", "question.choose.ask")
    if row.what == "question.choose.ask":
        await caller.picks("question.choose", "ru_registration")
        await caller.hears("answers.ru_registration.tell")


async def _is_answered_and_referred(
    house: House, caller: Caller, operator: Visitor, partners: dict[str, Visitor]
) -> None:
    words = TONGUES[caller.language]
    talk = await _takes_next(operator)
    await caller.hears("wait.joined")
    page = operator.page
    assert CANARY in page.text
    assert words.reply not in page.text
    for key, english in (("console.level.HIGH", "High"), ("offer.B06.ask", "")):
        assert _in_russian(key, english) in page.text, "level and lines in the operator's language"
    assert 'class="small mono">H5' in page.html or ">H5<" in page.html, "the rule that decided"
    newest = page.part("h-screening").text.split(_in_russian("console.screening.why", "Why"))[0]
    assert _in_russian("console.screening.open", "not finished") not in newest
    await operator.post(f"{talk}/reply", text=words.reply)
    await caller.reads(words.reply)
    referral = await _asks_consent(operator, talk, house.partner_id("adilet"))
    await caller.picks("consent.question", "y")
    await caller.hears("consent.given.tell")
    await operator.get(talk)
    await operator.post(f"{talk}/back", note="внутренняя заметка")
    await caller.hears("wait.left")
    await _partner_helps(caller, partners["adilet"], partners["tayanch"])
    shown = await operator.get(referral)
    assert shown.status == 200


def _in_russian(key: str, english: str) -> str:
    """As a page shows it; what nobody has translated yet is shown in English."""
    words = shipped().words
    return english if words.english(key) is None else words.text(key, "ru")


async def _takes_next(operator: Visitor) -> str:
    await operator.get("/console")
    page = await operator.post("/console/take")
    assert page.status == 200, page.text
    assert re.fullmatch(r"/console/talk/\w+", page.path), page.text
    return page.path


async def _asks_consent(operator: Visitor, talk: str, partner_id: str) -> str:
    """The referral is drafted for one organisation and the bot puts the question."""
    await operator.get(talk)
    await operator.post(f"{talk}/anonymity", choice="share")
    await operator.get(f"{talk}/refer?service=legal")
    fields = {f"field.{name}": text for name, text in {**FIELDS, "debt": WITHHELD}.items()}
    page = await operator.post(
        f"{talk}/refer",
        service="legal", priority="urgent", oblast="bishkek", age_band="25_plus", sex="unknown",
        safety="at_risk", languages=["ky", "ru"],
        **{f"partner.{partner_id}": "1"}, **fields,
        reason="ближе",
    )  # fmt: skip
    assert re.fullmatch(r"/console/referral/\w+", page.path), page.text
    referral = page.path
    page = await operator.post(f"{referral}/ask")
    assert page.status == 200, page.text
    return referral


async def _partner_helps(caller: Caller, partner: Visitor, other: Visitor) -> None:
    await caller.hears("news.sent.tell")
    board = await partner.get("/portal")
    offer = board.part("h-new").link(r"/portal/o/\w+")
    preview = await partner.get(offer)
    _sees_only_the_preview(preview)
    assert (await other.get(offer)).status == 404
    await partner.get(f"{offer}/accept")
    page = await partner.post(f"{offer}/accept", version=partner.page.value("version"))
    assert FIELDS["safe_way"] in page.text
    assert FIELDS["papers"] not in page.text, "the rest comes after the receipt"
    await caller.hears("news.accepted.tell")
    page = await _step(partner, offer, "receipt")
    assert all(text in page.text for text in (*FIELDS.values(), WITHHELD))
    assert "внутренняя заметка" not in page.text
    assert TONGUES[caller.language].canary not in page.text
    assert (await other.get(offer)).status == 404
    await _step(partner, offer, "attempt")
    await _step(partner, offer, "contact")
    await caller.hears("news.contacted.tell")
    await _step(partner, offer, "start")
    await partner.get(f"{offer}/outcome")
    page = await partner.post(
        f"{offer}/outcome", version=partner.page.value("version"), outcome="served_full"
    )
    assert page.status == 200
    await caller.hears("news.completed.tell")
    assert not any(text in page.text for text in FIELDS.values()), "nothing is left to read"


def _sees_only_the_preview(page: Page) -> None:
    assert page.status == 200
    for words in (*FIELDS.values(), WITHHELD, CANARY):
        assert words not in page.html


async def _step(partner: Visitor, offer: str, step: str) -> Page:
    page = await partner.post(f"{offer}/{step}", version=partner.page.value("version"))
    assert page.status == 200, page.text
    return page


async def _takes_back(house: House, caller: Caller, partner: Visitor) -> None:
    """Who has it, taken back, hidden: each with one message of her own."""
    words = TONGUES[caller.language]
    await caller.says(words.who)
    await caller.hears("data.who.tell")
    await caller.says(words.stop_share)
    await caller.hears("common.share_stopped")
    await caller.says(words.hide)
    state = "select state from conversations where contact_id = :c"
    await caller._until(
        lambda: house.ledger.all(state, c=caller.contact_id)[0][0] == "QUIET", "silence"
    )
    shown = await partner.get("/portal")
    assert not any(text in shown.html for text in FIELDS.values())


def _nothing_leaked(house: House, callers: list[Caller]) -> None:
    """The canary went through Telegram, SMS, console, referral and error paths."""
    log = house.served.log
    assert log
    for line in log.splitlines():
        json.loads(line)  # nothing but structured lines: no traceback, no print
    secrets = [CANARY, WITHHELD, *FIELDS.values(), "внутренняя"]
    for caller in callers:
        secrets += [caller.phone.address.removeprefix("+"), TONGUES[caller.language].reply]
        secrets += [text for text in caller.said if len(text) > 6]
    for secret in secrets:
        assert secret not in log
