"""Payloads as the providers send them, and what each channel makes of them.

The files were written from the published descriptions; no message of a real person is among them.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiogram.types import Update as AiogramUpdate

from hotline.channels.base import Delivery, Malformed, Request
from hotline.channels.telegram import TelegramChannel
from hotline.channels.twilio_sms import TwilioSms

FOLDER = Path(__file__).parent / "payloads"
TELEGRAM = sorted((FOLDER / "telegram").glob("*.json"))
TWILIO = sorted((FOLDER / "twilio").glob("*.json"))
# Written so that the libraries cannot read them.
UNREADABLE = {"unreadable_but_with_words", "unreadable_photo"}
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


def plain(delivery: Delivery) -> dict[str, Any]:
    """The values that differ from their defaults, as JSON has them."""
    kept = {"type": type(delivery).__name__}
    for one in fields(delivery):
        value = getattr(delivery, one.name)
        if one.name == "heard":
            value = {k: v for k, v in asdict(value).items() if v not in (None, "")}
        if value is not None and value != ():
            kept[one.name] = value
    return json.loads(json.dumps(kept, default=asdict))


@pytest.fixture(scope="module")
def telegram() -> TelegramChannel:
    return TelegramChannel(TOKEN, "secret")


@pytest.fixture(scope="module")
def sms() -> TwilioSms:
    return TwilioSms("AC" + "0" * 32, "token", "+15005550006")


@pytest.mark.parametrize("path", TELEGRAM, ids=lambda path: path.stem)
def test_a_telegram_update_is_read_as_its_file_says(telegram: TelegramChannel, path: Path):
    payload = json.loads(path.read_text())
    request = Request(headers={}, body=json.dumps(payload["body"]).encode())
    assert [plain(one) for one in telegram.parse(request)] == payload["gives"]


@pytest.mark.parametrize("path", TELEGRAM, ids=lambda path: path.stem)
def test_our_telegram_payloads_are_what_another_library_takes_for_updates(path: Path):
    if path.stem in UNREADABLE:
        return
    AiogramUpdate.model_validate(json.loads(path.read_text())["body"])


@pytest.mark.parametrize("path", TWILIO, ids=lambda path: path.stem)
def test_a_twilio_webhook_is_read_as_its_file_says(sms: TwilioSms, path: Path):
    payload = json.loads(path.read_text())
    request = Request(headers={}, body=urlencode(payload["form"]).encode())
    assert [plain(one) for one in sms.parse(request)] == payload["gives"]


def test_there_are_as_many_kinds_as_people_can_send():
    assert len(TELEGRAM) >= 25
    assert len(TWILIO) >= 10


TELEGRAM_REFUSED = {
    "empty": b"",
    "not json": b"{",
    "not utf-8": b"\xff\xfe\xfa",
    "a list": b"[]",
    "a word": b'"update"',
    "no number": b'{"message": {}}',
    "a true number": b'{"update_id": true}',
    "a negative number": b'{"update_id": -1}',
    "a huge number": b'{"update_id": 1' + b"0" * 30 + b"}",
    "digits without end": b'{"update_id": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 100_000,
    "a form": b"update_id=1",
}


@pytest.mark.parametrize("body", TELEGRAM_REFUSED.values(), ids=TELEGRAM_REFUSED.keys())
def test_a_telegram_body_that_is_no_update_is_malformed(telegram: TelegramChannel, body: bytes):
    with pytest.raises(Malformed):
        telegram.parse(Request(headers={}, body=body))


SID = "SM" + "ab" * 16
TWILIO_REFUSED = {
    "empty": b"",
    "json": b'{"MessageSid": "SM"}',
    "not utf-8": b"Body=\xff",
    "no id": b"From=%2B996700123456&Body=hi",
    "a false id": b"MessageSid=SM1&From=%2B996700123456&Body=hi",
    "no sender": f"MessageSid={SID}&Body=hi".encode(),
    "too many fields": b"&".join(b"a=%d" % number for number in range(1000)),
}


@pytest.mark.parametrize("body", TWILIO_REFUSED.values(), ids=TWILIO_REFUSED.keys())
def test_a_twilio_body_that_is_no_message_is_malformed(sms: TwilioSms, body: bytes):
    with pytest.raises(Malformed):
        sms.parse(Request(headers={}, body=body))
