"""The SMS channel against a stand-in that judges every request."""

import logging
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from hotline.channels.base import (
    BadNumber,
    Busy,
    MediaRef,
    Message,
    Rejected,
    Request,
    SendError,
    TimedOut,
    Unreachable,
)
from hotline.channels.twilio_sms import TwilioSms, body_hash, fault
from tests.standins.twilio import TwilioStandin

PUBLIC = "https://hotline.example"
NUMBER = "+996700123456"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200


def connect(tw: TwilioStandin, sender: str = "", timeout: float = 10) -> TwilioSms:
    return TwilioSms(
        tw.account,
        tw.auth_token,
        sender or tw.number,
        status_url=f"{PUBLIC}/hooks/twilio/status",
        api_url=tw.base_url,
        timeout=timeout,
    )


@pytest.fixture
async def tw() -> AsyncIterator[TwilioStandin]:
    async with TwilioStandin() as standin:
        yield standin


@pytest.fixture
async def impatient(tw: TwilioStandin) -> AsyncIterator[TwilioSms]:
    """Waits long enough for a good answer on a busy machine, and shorter than `SLOW`."""
    made = connect(tw, timeout=1.5)
    yield made
    await made.close()


SLOW = 30.0  # seconds; the far end is stopped long before


@pytest.fixture
async def sms(tw: TwilioStandin) -> AsyncIterator[TwilioSms]:
    made = connect(tw)
    yield made
    await made.close()


async def test_a_part_carries_sender_and_address_for_reports(tw: TwilioStandin, sms: TwilioSms):
    [sid] = (await sms.send(NUMBER, Message(("салам",)))).provider_ids
    [record] = tw.log
    assert (record.sid, record.to, record.sender) == (sid, NUMBER, tw.number)
    assert record.callback == f"{PUBLIC}/hooks/twilio/status"


async def test_a_messaging_service_takes_the_place_of_the_number(tw: TwilioStandin):
    sms = connect(tw, "MG" + "0" * 32)
    await sms.send(NUMBER, Message(("салам",)))
    assert tw.log[0].status == "accepted"
    await sms.close()


REFUSALS = [
    ({"status": 429, "retry_after": 9}, Busy, "20429"),
    ({"status": 500}, Unreachable, "20500"),
    ({"status": 503}, Unreachable, "20503"),
    ({"status": 504, "code": 1}, TimedOut, "1"),
    ({"status": 401}, Unreachable, "20003"),
    ({"status": 400, "code": 21211, "description": NUMBER}, BadNumber, "21211"),
    ({"status": 400, "code": 21614}, BadNumber, "21614"),
    ({"status": 400, "code": 21408}, Rejected, "21408"),
    ({"status": 400, "code": 21611}, Busy, "21611"),
    ({"status": 400, "code": 21606}, Unreachable, "21606"),
    ({"status": 400, "code": 99999}, Rejected, "99999"),
    ({"garbage": b"<html>"}, TimedOut, "unreadable_answer"),
    ({"slow": SLOW}, TimedOut, "no_answer"),
]


@pytest.mark.parametrize(("how", "kind", "code"), REFUSALS, ids=lambda value: str(value)[:40])
async def test_every_refusal_has_its_meaning(
    tw: TwilioStandin, impatient: TwilioSms, how: dict, kind: type[SendError], code: str
):
    tw.fail("create", **how)
    with pytest.raises(SendError) as caught:
        await impatient.send(NUMBER, Message(("салам",)))
    assert type(caught.value) is kind
    assert caught.value.code == code
    if kind is Busy:
        assert caught.value.retry_after == how.get("retry_after", 5)


async def test_a_server_that_is_not_there_is_unreachable():
    sms = TwilioSms("AC" + "0" * 32, "t", "+15005550006", api_url="http://127.0.0.1:9", timeout=2)
    with pytest.raises(Unreachable) as caught:
        await sms.send(NUMBER, Message(("салам",)))
    assert not caught.value.uncertain
    await sms.close()


@pytest.mark.parametrize("number", ["", "7070", "Bank", "0700123456", "whatsapp:+996700123456"])
async def test_what_is_no_number_is_refused_without_a_call(
    tw: TwilioStandin, sms: TwilioSms, number: str
):
    with pytest.raises(BadNumber):
        await sms.send(number, Message(("салам",)))
    assert tw.log == []


async def test_an_uncertain_line_is_found_in_the_log(tw: TwilioStandin, impatient: TwilioSms):
    since = datetime.now(UTC)
    tw.reports = False
    tw.fail("create", slow=SLOW, lost=True, skip=1)
    with pytest.raises(TimedOut) as caught:
        await impatient.send(NUMBER, Message(("биринчи", "экинчи")))
    assert caught.value.sent == 1
    found = await impatient.find_sent(
        NUMBER, body_hash("экинчи"), since, known=caught.value.provider_ids
    )
    assert found == tw.log[1].sid


async def test_a_line_that_did_not_go_is_not_found(tw: TwilioStandin, sms: TwilioSms):
    now = datetime.now(UTC)
    [sid] = (await sms.send(NUMBER, Message(("ооба",)))).provider_ids
    tw.receive(NUMBER, "жок")
    assert await sms.find_sent(NUMBER, body_hash("жок"), now) is None  # hers, not ours
    assert await sms.find_sent(NUMBER, body_hash("ооба"), now, known=(sid,)) is None
    assert await sms.find_sent("+996700999999", body_hash("ооба"), now) is None
    assert await sms.find_sent(NUMBER, body_hash("ооба"), now + timedelta(hours=1)) is None
    assert await sms.find_sent(NUMBER, body_hash("ооба"), now) == sid


async def test_the_log_gives_what_the_webhook_missed_oldest_first_page_by_page(
    tw: TwilioStandin, sms: TwilioSms
):
    tw.page_size = 3
    since = datetime.now(UTC) - timedelta(minutes=5)
    old = tw.receive(NUMBER, "кечээ")
    old.sent = old.created = since - timedelta(days=1)
    records = [tw.receive(NUMBER, f"кат {number}") for number in range(8)]
    await sms.send(NUMBER, Message(("биздики",)))
    tw.receive("7070", "advertisement")
    found = await sms.list_inbound(since)
    assert [one.external_id for one in found] == [record.sid for record in records]
    assert [one.heard.text for one in found][:2] == ["кат 0", "кат 1"]


async def test_the_log_and_the_webhook_give_the_same_message(tw: TwilioStandin, sms: TwilioSms):
    record = tw.receive(NUMBER, "", [("image/jpeg", JPEG)])
    [from_log] = await sms.list_inbound(datetime.now(UTC) - timedelta(minutes=1))
    [from_hook] = sms.parse(Request({}, urlencode(tw.inbound_form(record)).encode()))
    assert from_log == from_hook


async def test_a_picture_is_fetched_with_our_password_from_twilio_alone(
    tw: TwilioStandin, sms: TwilioSms
):
    tw.receive(NUMBER, "", [("image/jpeg", JPEG)])
    [inbound] = await sms.list_inbound(datetime.now(UTC) - timedelta(minutes=1))
    [media] = inbound.media
    assert await sms.fetch(media, limit=1000) == JPEG
    with pytest.raises(Rejected) as caught:
        await sms.fetch(media, limit=10)
    assert caught.value.code == "too_big"
    tw.receive(NUMBER, "", [("image/jpeg", b"MZ" + JPEG)])
    [_, evil] = await sms.list_inbound(datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(Rejected) as caught:
        await sms.fetch(evil.media[0], limit=1000)
    assert caught.value.code == "refused"
    with pytest.raises(SendError):
        await sms.fetch(MediaRef(media.ref[:-1] + "0", "photo", "image/jpeg"), limit=1000)


async def test_how_the_account_stands(tw: TwilioStandin, sms: TwilioSms):
    tw.deliver_to("http://127.0.0.1:9", public=PUBLIC)
    tw.account_type = "Trial"
    state = await sms.state()
    assert state.account_status == "active"
    assert state.is_trial
    assert state.number_found
    assert state.webhook_url == f"{PUBLIC}/hooks/twilio"
    assert state.fallback_url == ""
    elsewhere = connect(tw, "+15005550001")
    assert (await elsewhere.state()).number_found is False
    await elsewhere.close()


async def test_neither_token_nor_number_nor_words_reach_a_log_or_an_error(
    tw: TwilioStandin, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    sms = connect(tw, timeout=1.5)
    canary = "канарейка"
    errors: list[str] = []
    said = {"status": 400, "code": 21211, "description": f"{NUMBER} {canary}"}
    for how in ({"status": 500}, {"slow": SLOW}, {"garbage": canary.encode()}, said):
        tw.fail("create", **how)
        try:
            await sms.send(NUMBER, Message((canary,)))
        except SendError as error:
            errors.append("".join(traceback.format_exception(error)) + repr(error.__cause__))
    await sms.send(NUMBER, Message((canary,)))
    await sms.find_sent(NUMBER, body_hash(canary), datetime.now(UTC))
    await sms.close()
    assert len(errors) == 4
    everything = "\n".join(
        [
            *errors,
            *(
                record.getMessage()
                for record in caplog.records
                if record.name.split(".")[0] != "uvicorn"
            ),
        ]
    )
    for secret in (tw.auth_token, NUMBER, NUMBER[1:], canary):
        assert secret not in everything


def test_codes_of_reports_are_explained():
    known = fault("30003")
    assert known is not None
    assert known.may_retry
    assert fault("30006").kind is BadNumber
    assert fault("21610").kind.__name__ == "Blocks"
    assert fault(None) is None
    assert fault("x") is None
    assert fault("31337") is None


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://127.0.0.1", "http://[::", "http://127.0.0.1:9/\x00"]
)
async def test_a_mistyped_address_costs_no_line(url: str):
    channel = TwilioSms("AC" + "0" * 32, "t", "+15005550006", api_url=url, timeout=2)
    with pytest.raises(Unreachable) as caught:
        await channel.send("+996700123456", Message(("салам",)))
    assert not caught.value.uncertain
    await channel.close()


async def test_without_a_public_address_messages_go_and_reports_are_done_without(tw: TwilioStandin):
    sms = TwilioSms(
        tw.account, tw.auth_token, tw.number, api_url=tw.base_url, status_url="/hooks/twilio/status"
    )
    await sms.send(NUMBER, Message(("салам",)))
    assert tw.log[0].callback is None
    await sms.close()
