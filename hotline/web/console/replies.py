"""Prepared replies: shown to the operator in her language, inserted in the person's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hotline.core.errors import Conflict, NotFound
from hotline.web.console import base
from hotline.web.routing import Call


@dataclass(frozen=True, slots=True)
class Prepared:
    """`reading` is for the operator, `text` is what would be sent. `is_live`: approved, in date."""

    id: str
    topic: str
    reading: str
    text: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    replies: tuple[Prepared, ...]


def topics(call: Call, language: str | None) -> tuple[Topic, ...]:
    """All prepared replies for a person of that language, by topic in the file's order."""
    grouped: dict[str, list[Prepared]] = {}
    for row in _rows(call):
        grouped.setdefault(str(row["topic"]), []).append(_prepared(call, row, language))
    return tuple(
        Topic(base.said(call, f"replies.topics.{topic}"), tuple(found))
        for topic, found in grouped.items()
    )


def one(call: Call, reply_id: str, language: str | None) -> Prepared:
    """Raises `NotFound`, and `Conflict` for one that expired or was never approved."""
    for row in _rows(call):
        if str(row["id"]) == reply_id:
            found = _prepared(call, row, language)
            if not found.is_live:
                raise _expired()
            return found
    raise NotFound("There is no such prepared reply.")


def refuse_expired(call: Call, text: str, language: str | None) -> None:
    """An expired text cannot be sent by typing it off either (operations.md 1.3.10)."""
    words = " ".join(text.split())
    for row in _rows(call):
        if not _is_live(row, call.now):
            reply = _prepared(call, row, language)
            if words == " ".join(reply.text.split()):
                raise _expired()


def _expired() -> Conflict:
    return Conflict("This prepared reply has expired.", key="error.reply.expired")


def _prepared(call: Call, row: Mapping[str, Any], language: str | None) -> Prepared:
    key, english = f"replies.{row['id']}.text", str(row["text"]).strip()
    words = call.ctx.words
    return Prepared(
        str(row["id"]),
        str(row["topic"]),
        words.text(key, call.language, english=english),
        words.text(key, language or "ru", english=english),
        _is_live(row, call.now),
    )


def _is_live(row: Mapping[str, Any], now: datetime) -> bool:
    until = row.get("expires_on")
    approved = row.get("approved_version") == row.get("version") and bool(row.get("approver"))
    return approved and isinstance(until, date) and now.date() <= until


def _rows(call: Call) -> Iterator[Mapping[str, Any]]:
    others = getattr(call.ctx.content, "others", {})
    body = others.get("replies")
    yield from (body.get("replies") or ()) if isinstance(body, Mapping) else ()
