"""Codes and moments in the reader's words."""

from collections.abc import Callable
from datetime import datetime

from hotline.i18n import dates
from hotline.referrals.rules.matching import ZONE
from hotline.web.routing import Call

Name = Callable[[str, str], str]


def namer(call: Call) -> Name:
    """`name("service", "shelter")`: the text `referral.service.shelter`; the code if there is none,
    so that a page never fails over a missing word."""

    def name(kind: str, code: str) -> str:
        try:
            return call.ctx.words.text(f"referral.{kind}.{code.lower()}", call.language)
        except KeyError:
            return code.replace("_", " ").lower()

    return name


def moment(when: datetime) -> str:
    """`21.11.2026, 14:05` on the clock of Bishkek."""
    local = when.astimezone(ZONE)
    return f"{dates.short_date(local.date())}, {dates.clock(when, ZONE)}"
