"""Whether a request is one that the Bot API would take: judged by descriptions written by others.

aiogram's method models are always there; the published JSON description is used when the folder of
shared data is. Own rules cover what neither says: lengths, HTML, a keyboard that is a keyboard.
"""

import html
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aiogram.methods
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from pydantic import ValidationError

ROOT = Path(__file__).resolve().parents[2]
TEXT_UNITS = 4096
CALLBACK_BYTES = 64
_TAGS = frozenset(
    [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "a",
        "code",
        "pre",
        "tg-spoiler",
        "blockquote",
    ]
)
_TAG = re.compile(r"<(/?)([a-zA-Z-]+)([^<>]*)>")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)")
_PLAIN_FIELDS = frozenset(
    {"text", "caption", "url", "secret_token", "callback_query_id", "file_id"}
)


def decode(form: Mapping[str, str]) -> dict[str, Any]:
    """Form fields as values: objects and lists arrive as JSON inside a form."""
    values: dict[str, Any] = {}
    for name, value in form.items():
        if name not in _PLAIN_FIELDS and value[:1] in ("{", "["):
            values[name] = json.loads(value)
        else:
            values[name] = value
    return values


def problems(method: str, values: Mapping[str, Any]) -> list[str]:
    """What is wrong with a request, in words; empty when nothing is."""
    found = list(_by_models(method, values))
    found += _by_description(method, values)
    # The rules trust that a keyboard is a keyboard.
    return found or list(_by_rules(method, values))


def _by_models(method: str, values: Mapping[str, Any]) -> Iterator[str]:
    model = getattr(aiogram.methods, method[:1].upper() + method[1:], None)
    if model is None:
        yield f"no such method: {method}"
        return
    unknown = set(values) - set(model.model_fields)
    if unknown:
        yield f"unknown fields: {sorted(unknown)}"
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    markup = values.get("reply_markup")
    if markup is None:
        return
    # The model's union takes any object for a "remove keyboard", so the kind is chosen by its mark.
    kinds = {
        "inline_keyboard": InlineKeyboardMarkup,
        "keyboard": ReplyKeyboardMarkup,
        "remove_keyboard": ReplyKeyboardRemove,
        "force_reply": ForceReply,
    }
    chosen = [kind for mark, kind in kinds.items() if isinstance(markup, dict) and mark in markup]
    if len(chosen) != 1:
        yield "reply_markup is not one known kind of keyboard"
        return
    unknown = set(markup) - set(chosen[0].model_fields)
    if unknown:
        yield f"unknown fields in reply_markup: {sorted(unknown)}"
    try:
        chosen[0].model_validate(markup)
    except ValidationError as error:
        yield from (
            f"reply_markup.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
        )


@cache
def description() -> dict[str, Any] | None:
    """The published description of the Bot API; None where it is not."""
    folder = Path(os.environ.get("HOTLINE_SHARED") or ROOT.parent / "shared")
    path = folder / "data" / "telegram_bot_api.json"
    return json.loads(path.read_text()) if path.is_file() else None


def _by_description(method: str, values: Mapping[str, Any]) -> Iterator[str]:
    api = description()
    if api is None or method not in api["methods"]:
        return
    yield from _fields(api, api["methods"][method].get("fields", ()), values, method)


def _fields(
    api: dict[str, Any], fields: Any, values: Mapping[str, Any], where: str
) -> Iterator[str]:
    known = {field["name"]: field for field in fields}
    for name in values:
        if name not in known:
            yield f"{where}: {name} is not in the description"
    for name, field in known.items():
        if name in values:
            if not any(_fits(api, kind, values[name]) for kind in field["types"]):
                yield f"{where}.{name}: not {' or '.join(field['types'])}"
        elif field["required"]:
            yield f"{where}: {name} is missing"


def _fits(api: dict[str, Any], kind: str, value: Any) -> bool:
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return isinstance(value, list) and all(_fits(api, inner, one) for one in value)
    match kind:
        case "String":
            return isinstance(value, str)
        case "Integer":
            return isinstance(value, int) or (
                isinstance(value, str) and re.fullmatch(r"-?\d+", value) is not None
            )
        case "Boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "Float":
            return (
                isinstance(value, int | float) or re.fullmatch(r"-?[\d.]+", str(value)) is not None
            )
    described = api["types"].get(kind, {})
    if described.get("subtypes"):
        return any(_fits(api, one, value) for one in described["subtypes"])
    return isinstance(value, dict) and not list(
        _fields(api, described.get("fields", ()), value, kind)
    )


def _by_rules(method: str, values: Mapping[str, Any]) -> Iterator[str]:
    if method == "sendMessage":
        text = str(values.get("text", ""))
        if values.get("parse_mode") == "HTML":
            yield from _markup(text)
            text = html.unescape(_TAG.sub("", text))
        elif values.get("parse_mode") is not None:
            yield "a parse mode other than HTML"
        if not text.strip():
            yield "message text is empty"
        if len(text.encode("utf-16-le")) // 2 > TEXT_UNITS:
            yield "message is too long"
    markup = values.get("reply_markup")
    rows = markup.get("inline_keyboard", ()) if isinstance(markup, dict) else ()
    for row in rows if isinstance(rows, list) else ():
        if not row:
            yield "an empty row of buttons"
        for button in row:
            if not 0 < len(str(button.get("callback_data", "")).encode()) <= CALLBACK_BYTES:
                yield "BUTTON_DATA_INVALID"
            if not str(button.get("text", "")).strip():
                yield "a button without words"
    if method == "deleteMessages" and not 1 <= len(values.get("message_ids", ())) <= 100:
        yield "message_ids must be 1 to 100"
    secret = values.get("secret_token")
    if secret is not None and not re.fullmatch("[A-Za-z0-9_-]{1,256}", secret):
        yield "secret_token has characters that are not allowed"


def _markup(text: str) -> Iterator[str]:
    open_tags: list[str] = []
    for closing, name, _ in _TAG.findall(text):
        if name not in _TAGS:
            yield f"can't parse entities: unsupported tag {name}"
        elif not closing:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            yield "can't parse entities: tags do not match"
    if open_tags:
        yield "can't parse entities: a tag is not closed"
    rest = _TAG.sub("", text)
    if "<" in rest or _ENTITY.search(rest):
        yield "can't parse entities: unescaped characters"
