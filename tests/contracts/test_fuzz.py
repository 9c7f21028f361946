"""Whatever arrives is read or refused; nothing else is ever raised."""

import json
import string
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hotline.channels.base import Channel, ChannelName, Inbound, Malformed, Request
from hotline.channels.simulator import Simulator
from hotline.channels.telegram import TelegramChannel
from hotline.channels.twilio_sms import TwilioSms

PAYLOADS = [
    json.loads(path.read_text())["body"]
    for path in sorted((Path(__file__).parent / "payloads" / "telegram").glob("*.json"))
]
NAMES = sorted(
    {name for body in PAYLOADS for part in body.values() if isinstance(part, dict) for name in part}
)

TEXT = st.text(alphabet=st.characters(), max_size=40)  # lone surrogates among them
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | TEXT, inner, max_size=5)
    ),
    max_leaves=20,
)
CALM = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TELEGRAM = TelegramChannel("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "secret")
SMS = TwilioSms("AC" + "0" * 32, "token", "+15005550006")
SIMULATOR = Simulator(ChannelName.TELEGRAM, secret="s", on_send=lambda *_: None, new_id=lambda: "1")


def look(channel: Channel, body: bytes) -> None:
    """Reads, and looks at what was read as a database would."""
    channel.verify(Request({}, body, "https://hotline.example/hooks"))
    try:
        found = channel.parse(Request({}, body))
    except Malformed:
        return
    for one in found:
        assert 0 < len(one.external_id) <= 80
        one.external_id.encode()
        if isinstance(one, Inbound):
            assert len(one.heard.text) <= 4096
            assert "\x00" not in one.heard.text
            for text in (
                one.heard.text,
                one.heard.button,
                one.heard.source,
                one.heard.language_hint,
            ):
                (text or "").encode()
            assert len((one.heard.button or "").encode()) <= 64 or channel is SIMULATOR
            assert len(one.message_ref or "") <= 80
            for media in one.media:
                media.ref.encode()
                assert len(media.mime) <= 80


@CALM
@given(st.binary(max_size=200))
def test_any_bytes(body: bytes):
    for channel in (TELEGRAM, SMS, SIMULATOR):
        look(channel, body)


@CALM
@given(JSON)
def test_any_json(value: object):
    body = json.dumps(value).encode()
    look(TELEGRAM, body)
    look(SIMULATOR, body)


@CALM
@given(
    st.sampled_from(PAYLOADS),
    st.lists(st.tuples(st.sampled_from(NAMES), JSON), max_size=4),
    st.data(),
)
def test_a_spoilt_update(payload: dict, changes: list, data: st.DataObject):
    spoilt = json.loads(json.dumps(payload))
    kind = next(name for name in spoilt if name != "update_id")
    for name, value in changes:
        target = spoilt[kind]
        inner = [one for one in target.values() if isinstance(one, dict)]
        if inner and data.draw(st.booleans()):
            target = data.draw(st.sampled_from(inner))
        target[name] = value
    look(TELEGRAM, json.dumps(spoilt).encode())


@CALM
@given(
    st.dictionaries(
        st.sampled_from(["MessageSid", "From", "Body", "NumMedia", "MediaUrl0", "MediaContentType0",
                         "OptOutType", "MessageStatus", "ErrorCode"]) | st.text(string.printable, max_size=8),
        st.text(max_size=60) | st.sampled_from(["SM" + "ab" * 16, "+996700123456", "delivered", "7"]),
        max_size=10,
    )
)  # fmt: skip
def test_any_form(fields: dict):
    look(SMS, urlencode(fields, errors="replace").encode())


@CALM
@given(
    st.fixed_dictionaries(
        {"id": TEXT, "address": TEXT},
        optional=dict.fromkeys(
            ("kind", "text", "button", "source", "hint", "ref", "place", "file"), JSON
        ),
    )
)
def test_any_event_of_the_page(event: dict):
    look(SIMULATOR, json.dumps(event).encode())


@pytest.mark.parametrize("url", ["", "http://[", "https://x:99999999/hooks", "\ud800"])
def test_an_odd_address_is_not_believed(url: str):
    form = urlencode({"MessageSid": "SM" + "ab" * 16, "From": "+996700123456"}).encode()
    assert not SMS.verify(Request({"x-twilio-signature": "Zm9v"}, form, url))
