"""Telephone numbers in one form. Pure."""

import re

import phonenumbers

_WRITTEN = re.compile(r"\+[0-9 ()-]{7,30}")  # the library would find a number in any sentence
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(number: str) -> str | None:
    """`number` in E.164 form; None for what cannot be answered (short codes, names of senders)."""
    if not _WRITTEN.fullmatch(number):
        return None
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    plain = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return plain if _E164.fullmatch(plain) else None
