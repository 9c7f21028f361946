"""What the engine must know of the answers of the knowledge base; their words stay outside."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hotline.flow.definition import Topic


def topics_of(answers: Mapping[str, Any]) -> dict[str, Topic]:
    """`flows/answers/<intent>.yaml` as read -> topic by intent.

    `human_first: always` goes to a person before anything is answered; `when_urgent` does so only
    when danger was heard in the words, which is decided before any question is looked at.
    """
    return {
        intent: Topic(
            intent=intent,
            human_first=body.get("human_first") == "always",
            has_sms=bool(body.get("sms")),
            checked_on=_day(body.get("checked_on")),
            follow_ups=tuple(map(str, body.get("follow_ups") or ())),
        )
        for intent, body in answers.items()
        if isinstance(body, Mapping)
    }


def _day(value: object) -> str:
    """`21.11.2026`, as people here write a day. Frozen revisions hold days as ISO text."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return ""
    if not isinstance(value, date):
        return ""
    return f"{value.day:02}.{value.month:02}.{value.year}"
