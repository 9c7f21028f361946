import pytest

from hotline.channels.base import (
    BadNumber,
    Blocked,
    Button,
    ChannelName,
    Inbound,
    MediaRef,
    Message,
    Rejected,
)
from hotline.channels.simulator import (
    Simulator,
    block_event,
    button_event,
    edit_event,
    file_event,
    place_event,
    text_event,
)
from hotline.core.reading import Kind

KEPT: list[tuple[str, Message, str]] = []


def simulator(mode: ChannelName = ChannelName.TELEGRAM) -> Simulator:
    KEPT.clear()
    return Simulator(
        mode, secret="s", on_send=lambda *line: KEPT.append(line), new_id=lambda: f"p{len(KEPT)}"
    )


def read(event: dict) -> Inbound:
    made = simulator()
    [inbound] = made.parse(made.request(event))
    assert isinstance(inbound, Inbound)
    return inbound


def test_a_start_carries_its_payload_as_source():
    heard = read(text_event("1", "a", "/start poster_osh_12", "ky")).heard
    assert (heard.kind, heard.source, heard.language_hint) == (Kind.START, "poster_osh_12", "ky")


def test_a_press_is_a_press():
    inbound = read(button_event("1", "a", "intake.safe_now=yes"))
    assert inbound.heard.kind is Kind.BUTTON
    assert inbound.heard.button == "intake.safe_now=yes"
    assert inbound.callback_ref


def test_an_edit_names_what_it_changes():
    inbound = read(edit_event("2", "a", "1", "башка"))
    assert (inbound.heard.kind, inbound.edit_of) == (Kind.EDIT, "1")


def test_a_place_is_a_place_on_earth():
    assert read(place_event("1", "a", 42.87, 74.57)).place == (42.87, 74.57)
    assert read(place_event("1", "a", 142.87, 74.57)).place is None


def test_blocking_is_heard():
    made = simulator()
    [blocked] = made.parse(made.request(block_event("1", "a", blocked=True)))
    assert blocked == Blocked("telegram", "1", "a", blocked=True)


async def test_a_file_is_kept_within_its_limit():
    made = simulator()
    made.keep_file("f1", b"12345")
    [inbound] = made.parse(made.request(file_event("1", "a", "photo", "f1", "келишим")))
    assert isinstance(inbound, Inbound)
    assert inbound.heard.kind is Kind.PHOTO
    assert await made.fetch(inbound.media[0], limit=5) == b"12345"
    with pytest.raises(Rejected):
        await made.fetch(inbound.media[0], limit=4)
    with pytest.raises(Rejected):
        await made.fetch(MediaRef("f2", "photo", "image/jpeg"), limit=5)


async def test_buttons_stand_under_the_last_part_on_telegram_only():
    buttons = ((Button("a.b=c", "Ооба"),),)
    for mode, expected in ((ChannelName.TELEGRAM, [(), buttons]), (ChannelName.SMS, [(), ()])):
        await simulator(mode).send("a", Message(("one", "two"), buttons))
        assert [line[1].buttons for line in KEPT] == expected
        assert [line[1].parts for line in KEPT] == [("one",), ("two",)]


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        (ChannelName.TELEGRAM, Message(("😀" * 2049,))),  # two UTF-16 units each
        (ChannelName.TELEGRAM, Message(("ok",), ((Button("x" * 65, "Ооба"),),))),
        (ChannelName.TELEGRAM, Message(("ok",), ((Button("", "Ооба"),),))),
        (ChannelName.SMS, Message(("x" * 1601,))),
        (ChannelName.SMS, Message(("",))),
    ],
)
async def test_what_the_provider_would_refuse_is_refused(mode: ChannelName, message: Message):
    with pytest.raises(Rejected):
        await simulator(mode).send("a", message)
    assert KEPT == []


async def test_nobody_is_nobody():
    with pytest.raises(BadNumber):
        await simulator().send(" ", Message(("ok",)))
