"""What the engine must know of the answers of the knowledge base; their words stay outside."""

from collections.abc import Mapping
from typing import Any

from hotline.flow.definition import Topic


def topics_of(answers: Mapping[str, Any]) -> dict[str, Topic]:
    """`flows/answers/<intent>.yaml` as read -> topic by intent. `human_first: true` goes to a
    person before anything is answered."""
    return {
        intent: Topic(
            intent=intent,
            human_first=body.get("human_first") is True,
            has_sms=bool(body.get("sms")),
        )
        for intent, body in answers.items()
        if isinstance(body, Mapping)
    }
