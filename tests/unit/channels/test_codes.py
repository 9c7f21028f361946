import pytest

from hotline.channels import base
from hotline.channels.twilio_sms.codes import FAULTS, error_for, fault
from hotline.channels.twilio_sms.numbers import e164

CLOSED_LIST = {
    base.Busy,
    base.Unreachable,
    base.TimedOut,
    base.Blocks,
    base.BadNumber,
    base.Rejected,
}


def test_every_code_has_a_place_in_the_closed_list_and_a_reason():
    for code, known in FAULTS.items():
        assert known.kind in CLOSED_LIST
        assert known.reason
        assert fault(str(code)) == known


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21610, base.Blocks),
        (400, 21211, base.BadNumber),
        (429, 20429, base.Busy),
        (429, None, base.Busy),
        (500, None, base.Unreachable),
        (503, 20503, base.Unreachable),
        (504, None, base.TimedOut),
        (401, 20003, base.Unreachable),
        (403, None, base.Unreachable),
        (404, 20404, base.Rejected),
        (400, "21610", base.Rejected),  # a code that is no number is no code
        (400, True, base.Rejected),
    ],
)
def test_a_refusal_is_classed(status: int, code: object, kind: type[base.SendError]):
    assert type(error_for(status, code)) is kind


def test_a_wrong_setting_of_ours_throws_no_message_away():
    for code in (20003, 21212, 21606, 21659, 21701, 30002):
        assert FAULTS[code].may_retry


def test_being_told_to_wait_is_passed_on():
    assert error_for(429, 20429, 12.0).retry_after == 12
    assert error_for(429, 20429).retry_after == 5
    assert error_for(500, None).retry_after is None


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+996700123456", "+996700123456"),
        ("+996 700 123-456", "+996700123456"),
        ("+992 93 123 4567", "+992931234567"),
        ("996700123456", None),
        ("7070", None),
        ("Bank", None),
        ("", None),
        ("+", None),
        ("+1", None),
        ("tel:+996700123456", None),
        ("whatsapp:+996700123456", None),
        ("+996700123456\n+996700123457", None),
        ("+" + "9" * 40, None),
    ],
)
def test_numbers_have_one_form(number: str, kept: str | None):
    assert e164(number) == kept
