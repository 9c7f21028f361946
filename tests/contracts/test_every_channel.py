"""What holds for Telegram, for SMS and for the simulator in their place."""

from collections.abc import AsyncIterator

import pytest

from hotline.channels.base import Blocks, Button, Inbound, Malformed, Message, Rejected, Request
from hotline.core.reading import Kind
from tests.contracts.rigs import Rig, rig_of

NAMES = ("telegram", "sms", "simulated telegram", "simulated sms")


@pytest.fixture(params=NAMES)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rig_of(request.param) as made:
        yield made


def test_a_call_of_the_provider_is_believed(rig: Rig):
    assert rig.channel.verify(rig.arriving("салам"))


def test_a_forged_call_is_not_believed(rig: Rig):
    request = rig.arriving("салам")
    assert not rig.channel.verify(rig.forged(request))
    assert not rig.channel.verify(rig.unsigned(request))
    assert not rig.channel.verify(Request({}, b"\xff\x00"))


def test_a_message_is_read_with_its_address_and_number(rig: Rig):
    [inbound] = rig.channel.parse(rig.arriving("  Салам\u200f, 189\u0000 "))
    assert isinstance(inbound, Inbound)
    assert inbound.heard.kind is Kind.TEXT
    assert inbound.heard.text == "Салам, 189"
    assert inbound.address == rig.address
    assert inbound.channel == rig.channel.name
    assert inbound.external_id
    assert inbound.message_ref


def test_the_same_call_gives_the_same_number(rig: Rig):
    request = rig.arriving("салам")
    assert rig.channel.parse(request) == rig.channel.parse(request)


def test_what_is_no_message_is_malformed(rig: Rig):
    for body in (b"", b"\xff", b"null", b"[1]"):
        with pytest.raises(Malformed):
            rig.channel.parse(Request({}, body))


async def test_parts_go_out_in_order(rig: Rig):
    sent = await rig.channel.send(rig.address, Message(("биринчи", "экинчи", "үчүнчү")))
    assert rig.seen() == ["биринчи", "экинчи", "үчүнчү"]
    assert len(set(sent.provider_ids)) == 3


async def test_parts_that_went_before_are_skipped(rig: Rig):
    sent = await rig.channel.send(rig.address, Message(("one", "two", "three")), skip=2)
    assert rig.seen() == ["three"]
    assert len(sent.provider_ids) == 1


async def test_nothing_is_left_to_send_after_the_last_part(rig: Rig):
    assert (await rig.channel.send(rig.address, Message(("one",)), skip=1)).provider_ids == ()
    assert rig.seen() == []


async def test_a_person_who_blocked_us_is_told_apart(rig: Rig):
    rig.block()
    with pytest.raises(Blocks) as caught:
        await rig.channel.send(rig.address, Message(("салам",)))
    assert not caught.value.may_retry
    assert caught.value.sent == 0


async def test_a_refusal_in_the_middle_says_how_much_went(rig: Rig):
    too_long = "й" * 5000
    strict = getattr(rig, "far", None)
    with pytest.raises(Rejected) as caught:
        await rig.channel.send(rig.address, Message(("first", too_long, "third")))
    assert caught.value.sent == 1
    assert len(caught.value.provider_ids) == 1
    assert rig.seen() == ["first"]
    if strict is not None:
        strict.violations.clear()  # the far end is right to complain; that is what was asked


async def test_an_empty_line_is_refused(rig: Rig):
    with pytest.raises(Rejected):
        await rig.channel.send(rig.address, Message((" ",)))
    if strict := getattr(rig, "far", None):
        strict.violations.clear()


async def test_deleting_never_raises_and_counts(rig: Rig):
    sent = await rig.channel.send(rig.address, Message(("one", "two")))
    gone = await rig.channel.delete(rig.address, (*sent.provider_ids, "not a number"))
    assert gone == (2 if rig.channel.carries_buttons else 0)
    assert rig.seen() == ([] if rig.channel.carries_buttons else ["one", "two"])


async def test_acknowledging_never_raises(rig: Rig):
    await rig.channel.acknowledge("4382000000000000009")


async def test_buttons_do_no_harm_where_there_are_none(rig: Rig):
    buttons = ((Button("intake.safe_now=yes", "Ооба"),),)
    await rig.channel.send(rig.address, Message(("Азыр коопсузсузбу?",), buttons))
    assert rig.seen() == ["Азыр коопсузсузбу?"]
