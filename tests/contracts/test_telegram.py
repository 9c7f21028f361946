"""The Telegram channel against a stand-in that judges every request."""

import json
import logging
import re
import time
import traceback
from collections.abc import AsyncIterator

import pytest
from aiogram.types import Message as AiogramMessage, Update as AiogramUpdate
from telegram import Message as LibraryMessage

from hotline.channels.base import (
    BadNumber,
    Blocked,
    Blocks,
    Busy,
    Button,
    Inbound,
    MediaRef,
    Message,
    Rejected,
    Request,
    SendError,
    TimedOut,
    Unreachable,
)
from hotline.channels.telegram import TelegramChannel, TelegramSetup
from hotline.channels.twilio_sms import TwilioSms
from hotline.core.reading import Kind
from tests.standins.telegram import SECRET, TelegramStandin

YES_NO = ((Button("intake.safe_now=yes", "Ооба"), Button("intake.safe_now=no", "Жок")),)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200
OGG = b"OggS" + b"0" * 200


@pytest.fixture
async def tg() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as standin:
        standin.person(1001, "ky").has_written = True
        yield standin


def connect(tg: TelegramStandin, timeout: float = 10) -> TelegramChannel:
    return TelegramChannel(tg.token, SECRET, api_url=tg.base_url, timeout=timeout, poll_seconds=1)


@pytest.fixture
async def channel(tg: TelegramStandin) -> AsyncIterator[TelegramChannel]:
    made = connect(tg)
    yield made
    await made.close()


@pytest.fixture
async def impatient(tg: TelegramStandin) -> AsyncIterator[TelegramChannel]:
    """Waits long enough for a good answer on a busy machine, and shorter than `SLOW`."""
    made = connect(tg, timeout=1.5)
    yield made
    await made.close()


SLOW = 30.0  # seconds; the far end is stopped long before


async def test_buttons_stand_under_the_last_part_and_content_is_protected(
    tg: TelegramStandin, channel: TelegramChannel
):
    await channel.send("1001", Message(("one", "two"), YES_NO))
    first, second = tg.messages
    assert first.buttons == ()
    assert second.labels == ["Ооба", "Жок"]
    assert second.buttons[0].data == "intake.safe_now=yes"
    for line in tg.messages:
        assert line.fields["protect_content"] == "true"
        assert line.fields["link_preview_options"] == {"is_disabled": True}
        assert "parse_mode" not in line.fields


async def test_html_is_said_to_be_html_and_plain_text_is_not(
    tg: TelegramStandin, channel: TelegramChannel
):
    await channel.send("1001", Message(("<b>189</b> &lt;3",), html=True))
    await channel.send("1001", Message(("1 < 2 & 3",)))
    assert [line.fields.get("parse_mode") for line in tg.messages] == ["HTML", None]


async def test_a_keyboard_is_taken_away(tg: TelegramStandin, channel: TelegramChannel):
    await channel.send("1001", Message(("ok",), remove_keyboard=True))
    assert tg.messages[0].fields["reply_markup"] == {"remove_keyboard": True}


REFUSALS = [
    ({"status": 429, "retry_after": 7}, Busy, "429"),
    ({"status": 429}, Busy, "429"),
    ({"status": 500}, Unreachable, "500"),
    ({"status": 502}, Unreachable, "502"),
    ({"status": 504}, TimedOut, "504"),
    ({"status": 403}, Blocks, "403:blocked"),
    (
        {"status": 403, "description": "Forbidden: user is deactivated"},
        BadNumber,
        "403:deactivated",
    ),
    ({"status": 403, "description": "Forbidden: something new"}, Rejected, "403"),
    (
        {"status": 400, "description": "Bad Request: chat not found"},
        BadNumber,
        "400:chat_not_found",
    ),
    (
        {"status": 400, "description": "Bad Request: can't parse entities: SECRET"},
        Rejected,
        "400:markup",
    ),
    ({"status": 400, "description": "Bad Request: SECRET"}, Rejected, "400"),
    ({"status": 401, "description": "Unauthorized"}, Unreachable, "401:token"),
    ({"garbage": b"<html>please log in</html>"}, TimedOut, "unreadable_answer"),
    ({"garbage": b'{"ok": true}'}, TimedOut, "unreadable_answer"),
    ({"garbage": b'{"ok": true, "result": 7}'}, TimedOut, "unreadable_answer"),
    ({"slow": SLOW}, TimedOut, "no_answer"),
]


@pytest.mark.parametrize(("how", "kind", "code"), REFUSALS, ids=lambda value: str(value)[:40])
async def test_every_refusal_has_its_meaning(
    tg: TelegramStandin, impatient: TelegramChannel, how: dict, kind: type[SendError], code: str
):
    tg.fail("sendMessage", **how)
    with pytest.raises(SendError) as caught:
        await impatient.send("1001", Message(("салам",)))
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert re.fullmatch("[a-z0-9_:]+", code)  # what a log lets through
    if kind is Busy:
        assert caught.value.retry_after == how.get("retry_after", 5)


async def test_a_server_that_is_not_there_is_unreachable():
    channel = TelegramChannel("1:x", SECRET, api_url="http://127.0.0.1:9", timeout=2)
    with pytest.raises(Unreachable) as caught:
        await channel.send("1001", Message(("салам",)))
    assert not caught.value.uncertain
    await channel.close()


async def test_a_lost_answer_is_uncertain_because_the_line_did_arrive(
    tg: TelegramStandin, impatient: TelegramChannel
):
    tg.fail("sendMessage", slow=SLOW, lost=True, skip=1)
    with pytest.raises(TimedOut) as caught:
        await impatient.send("1001", Message(("one", "two", "three")))
    assert caught.value.uncertain
    assert caught.value.sent == 1
    assert [line.text for line in tg.messages] == ["one", "two"]


async def test_a_chat_that_is_no_number_is_refused_without_a_call(
    tg: TelegramStandin, channel: TelegramChannel
):
    with pytest.raises(BadNumber):
        await channel.send("@somebody", Message(("салам",)))
    assert tg.calls == []


async def test_nobody_who_has_not_written_gets_a_line(channel: TelegramChannel):
    with pytest.raises(BadNumber):
        await channel.send("5005", Message(("салам",)))


async def test_a_press_is_read_and_acknowledged(tg: TelegramStandin, channel: TelegramChannel):
    person = tg.person(1001)
    await channel.send("1001", Message(("Азыр коопсузсузбу?",), YES_NO))
    await person.presses("Жок", wait=False)
    [pressed], _ = await channel.poll(None)
    assert isinstance(pressed, Inbound)
    assert pressed.heard.kind is Kind.BUTTON
    assert pressed.heard.button == "intake.safe_now=no"
    assert pressed.callback_ref is not None
    await channel.acknowledge(pressed.callback_ref)
    assert tg.answered == {pressed.callback_ref}


async def test_polling_gives_each_update_once_and_forgets_only_what_was_asked_past(
    tg: TelegramStandin, channel: TelegramChannel
):
    person = tg.person(1001)
    await person.says("бир")
    await person.says("эки")
    first, offset = await channel.poll(None)
    again, same = await channel.poll(None)  # we fell over before writing them down
    assert first == again
    assert offset == same
    assert [one.heard.text for one in first if isinstance(one, Inbound)] == ["бир", "эки"]
    await person.says("үч")
    later, _ = await channel.poll(offset)
    assert [one.heard.text for one in later if isinstance(one, Inbound)] == ["үч"]
    assert tg.waiting == 1


async def test_an_update_that_cannot_be_read_does_not_hide_the_others(
    tg: TelegramStandin, channel: TelegramChannel
):
    person = tg.person(1001)
    await person.sends(text="бир", date="not a date")
    await person.says("эки")
    found, offset = await channel.poll(None)
    assert [one.heard.text for one in found if isinstance(one, Inbound)] == ["бир", "эки"]
    nothing, offset_after = await channel.poll(offset)
    assert nothing == ()
    assert offset_after == offset


async def test_polling_while_a_webhook_is_set_says_so(
    tg: TelegramStandin, channel: TelegramChannel
):
    tg.deliver_to("http://127.0.0.1:9/hooks/telegram")
    with pytest.raises(Unreachable) as caught:
        await channel.poll(None)
    assert caught.value.code.startswith("409")
    await TelegramSetup(channel.connection).delete_webhook()
    assert await channel.poll(None) == ((), None)


async def test_blocking_and_unblocking_are_heard(tg: TelegramStandin, channel: TelegramChannel):
    await tg.person(1001).blocks()
    await tg.person(1001).unblocks()
    found, _ = await channel.poll(None)
    assert [one.blocked for one in found if isinstance(one, Blocked)] == [True, False]


async def test_lines_older_than_two_days_stay_and_the_others_go(
    tg: TelegramStandin, channel: TelegramChannel
):
    old = await channel.send("1001", Message(("old",)))
    tg.ahead = 49 * 3600
    new = await channel.send("1001", Message(("new", "newer")))
    gone = await channel.delete("1001", old.provider_ids + new.provider_ids)
    assert gone == 2
    assert [line.text for line in tg.person(1001).screen] == ["old"]


async def test_two_hundred_lines_are_deleted_in_batches(
    tg: TelegramStandin, channel: TelegramChannel
):
    sent = await channel.send("1001", Message(tuple(f"line {n}" for n in range(205))))
    assert await channel.delete("1001", sent.provider_ids) == 205
    assert tg.person(1001).screen == []
    assert [method for method, _ in tg.calls].count("deleteMessages") == 3


async def test_taking_lines_back_waits_out_a_short_refusal(tg: TelegramStandin):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    channel = TelegramChannel(tg.token, SECRET, api_url=tg.base_url, sleep=sleep)
    sent = await channel.send("1001", Message(("one",)))
    tg.fail("deleteMessages", status=429, retry_after=3)
    assert await channel.delete("1001", sent.provider_ids) == 1
    assert waited == [3]
    await channel.close()


async def test_a_photo_is_fetched_in_its_largest_size(
    tg: TelegramStandin, channel: TelegramChannel
):
    await tg.person(1001).sends_photo(JPEG, caption="келишим")
    [inbound], _ = await channel.poll(None)
    assert isinstance(inbound, Inbound)
    [media] = inbound.media
    assert media.size == len(JPEG)
    assert await channel.fetch(media, limit=1000) == JPEG


async def test_a_file_is_never_read_past_the_limit(tg: TelegramStandin, channel: TelegramChannel):
    tg.keep_file("BIGFILE", JPEG * 100)
    for size in (None, 10, len(JPEG) * 100):  # unstated, a lie, the truth
        with pytest.raises(Rejected) as caught:
            await channel.fetch(MediaRef("BIGFILE", "photo", "image/jpeg", size), limit=1000)
        assert caught.value.code == "too_big"
    assert [method for method, _ in tg.calls] == ["getFile", "getFile"]  # none for the third
    tg.stated_sizes["BIGFILE"] = 10
    with pytest.raises(Rejected) as caught:
        await channel.fetch(MediaRef("BIGFILE", "photo", "image/jpeg"), limit=1000)
    assert caught.value.code == "too_big"


async def test_a_program_that_calls_itself_a_photo_is_refused(
    tg: TelegramStandin, channel: TelegramChannel
):
    tg.keep_file("EVIL", b"MZ\x90\x00" + b"0" * 100)
    with pytest.raises(Rejected) as caught:
        await channel.fetch(MediaRef("EVIL", "photo", "image/jpeg"), limit=1000)
    assert caught.value.code == "refused"


async def test_a_file_that_cannot_be_fetched_now_may_be_tried_again(
    tg: TelegramStandin, channel: TelegramChannel
):
    tg.keep_file("VOICE", OGG)
    tg.fail("file", status=503)
    media = MediaRef("VOICE", "voice", "audio/ogg")
    with pytest.raises(Unreachable):
        await channel.fetch(media, limit=1000)
    assert await channel.fetch(media, limit=1000) == OGG


async def test_the_webhook_is_set_with_its_secret_and_only_what_we_read(
    tg: TelegramStandin, channel: TelegramChannel
):
    setup = TelegramSetup(channel.connection)
    await setup.set_webhook("https://hotline.example/hooks/telegram", SECRET)
    assert tg.webhook is not None
    assert tg.webhook.secret == SECRET
    assert set(tg.webhook.allowed) == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    }
    state = await setup.state()
    assert state.webhook_url == "https://hotline.example/hooks/telegram"
    assert state.username == "StandInHotlineBot"
    assert not state.may_join_groups


async def test_the_menu_is_set_in_every_language(tg: TelegramStandin, channel: TelegramChannel):
    menu = {code: (("language", f"about {code}"),) for code in ("", "ky", "ru", "tg")}
    await TelegramSetup(channel.connection).set_commands(menu)
    assert set(tg.commands) == {"", "ky", "ru", "tg"}
    assert tg.commands["ky"] == [{"command": "language", "description": "about ky"}]


async def test_neither_token_nor_chat_nor_words_reach_a_log_or_an_error(
    tg: TelegramStandin, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    channel = connect(tg, timeout=1.5)
    canary, chat = "канарейка", "700700700"
    tg.person(700700700).has_written = True
    errors: list[str] = []
    for how in ({"status": 500}, {"slow": SLOW}, {"garbage": canary.encode()}, {"status": 403}):
        tg.fail("sendMessage", **how)
        try:
            await channel.send(chat, Message((canary,)))
        except SendError as error:
            errors.append("".join(traceback.format_exception(error)) + repr(error.__cause__))
    await channel.send(chat, Message((canary,)))
    tg.keep_file("F", JPEG)
    await channel.fetch(MediaRef("F", "photo", "image/jpeg"), limit=1000)
    await channel.close()
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
    for secret in (tg.token, tg.token.split(":")[1], chat, canary):
        assert secret not in everything


async def test_the_stand_in_answers_as_both_libraries_expect(
    tg: TelegramStandin, channel: TelegramChannel
):
    await channel.send("1001", Message(("one",), YES_NO))
    answer = tg.as_message(tg.messages[0])
    AiogramMessage.model_validate(answer)
    read = LibraryMessage.de_json(answer, None)
    assert read is not None
    assert read.text == "one"


async def test_the_stand_in_writes_updates_that_another_library_takes(tg: TelegramStandin):
    person = tg.person(1001)
    await person.starts("poster_osh_12")
    await person.sends_photo(JPEG)
    await person.sends_voice(OGG)
    await person.shares_place(40.5, 72.8)
    await person.shares_contact("996700123456", "A.", 1001)
    await person.edits(1, "башка")
    await person.blocks()
    for entry in tg._updates:
        AiogramUpdate.model_validate(json.loads(json.dumps(entry.update)))


async def test_a_call_is_bounded_in_time(tg: TelegramStandin, impatient: TelegramChannel):
    tg.fail("sendMessage", slow=SLOW)
    began = time.monotonic()
    with pytest.raises(TimedOut):
        await impatient.send("1001", Message(("салам",)))
    assert time.monotonic() - began < 6


async def test_a_press_is_not_waited_for_longer_than_the_phone_waits(tg: TelegramStandin):
    channel = TelegramChannel(tg.token, SECRET, api_url=tg.base_url, timeout=60)
    tg.fail("answerCallbackQuery", slow=SLOW)
    began = time.monotonic()
    await channel.acknowledge("4382000000000000001")
    assert time.monotonic() - began < 8
    await channel.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://127.0.0.1", "http://[::", "http://127.0.0.1:9/\x00"]
)
async def test_a_mistyped_address_costs_no_line(url: str):
    channel = TelegramChannel("1:x", SECRET, api_url=url, timeout=2)
    with pytest.raises(Unreachable) as caught:
        await channel.send("1001", Message(("салам",)))
    assert not caught.value.uncertain
    await channel.close()


async def test_without_a_secret_nobody_is_believed():
    channel = TelegramChannel("1:x", "")
    for headers in ({}, {"x-telegram-bot-api-secret-token": ""}):
        assert not channel.verify(Request(headers, b"{}"))
    await channel.close()
    without = TwilioSms("AC" + "0" * 32, "", "+15005550006")
    assert not without.verify(Request({}, b"", "https://hotline.example/hooks/twilio"))
    await without.close()
