"""An update of the Bot API as a `Delivery`. Pure; sees private chats only.

What cannot be understood but has a sender is still a message: it becomes `Kind.OTHER`, so that the
person gets a friendly answer and the provider does not repeat it for a day. Only a body that is not
an update at all is `Malformed`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, Message, Update
from telegram.constants import ChatType

from hotline.channels.base import Blocked, ChannelName, Delivery, Inbound, Malformed
from hotline.channels.cleaning import clean, language_hint
from hotline.channels.telegram.content import heard_in, media_in, place_in
from hotline.core.reading import Heard, Kind

CHANNEL = ChannelName.TELEGRAM.value
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_BIGGEST = 2**63
_CALLBACK_BYTES = 64
_QUERY_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")

# Notices that Telegram writes into a private chat by itself: nobody said anything.
_NOTICES = frozenset(
    {
        "boost_added",
        "chat_background_set",
        "chat_shared",
        "connected_website",
        "direct_message_price_changed",
        "giveaway_completed",
        "message_auto_delete_timer_changed",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "users_shared",
        "write_access_allowed",
    }
)


def parse_body(body: bytes) -> tuple[Delivery, ...]:
    """The deliveries in a webhook's body. Raises `Malformed` for what is no update."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    return parse_update(data)


def update_id(data: object) -> int | None:
    """The number of an update; None for what is no update."""
    if not isinstance(data, dict):
        return None
    number = data.get("update_id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < _BIGGEST:
        return None
    return number


def parse_update(data: object) -> tuple[Delivery, ...]:
    """The deliveries in one update. Raises `Malformed` for what is no update."""
    number = update_id(data)
    if number is None or not isinstance(data, dict):
        raise Malformed("no update_id")
    known = [data[kind] for kind in ALLOWED_UPDATES if isinstance(data.get(kind), dict)]
    if not known or any(not _NOTICES.isdisjoint(part) for part in known):
        return ()
    try:
        update = Update.de_json(data, None)
        found = _delivery(update, str(number))
    except Exception:  # noqa: BLE001  a newer Bot API or a broken field: whatever the library makes of it
        found = _salvage(data, str(number))
    return () if found is None else (found,)


def _delivery(update: Update, external_id: str) -> Delivery | None:
    if update.message is not None:
        return _message(update.message, external_id)
    if update.edited_message is not None:
        return _edit(update.edited_message, external_id)
    if update.callback_query is not None:
        return _button(update.callback_query, external_id)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, external_id)
    return None


def _is_private(message: Message) -> bool:
    by_machine = message.from_user is not None and message.from_user.is_bot
    return message.chat.type == ChatType.PRIVATE and not by_machine


def _message(message: Message, external_id: str) -> Inbound | None:
    if not _is_private(message):
        return None
    hint = language_hint(message.from_user.language_code) if message.from_user else None
    return Inbound(
        channel=CHANNEL,
        external_id=external_id,
        address=_number(message.chat.id),
        heard=heard_in(message, hint),
        message_ref=_number(message.message_id),
        media=media_in(message),
        place=place_in(message),
    )


def _edit(message: Message, external_id: str) -> Inbound | None:
    if not _is_private(message):
        return None
    hint = language_hint(message.from_user.language_code) if message.from_user else None
    text = clean(message.text or message.caption or "")
    return Inbound(
        channel=CHANNEL,
        external_id=external_id,
        address=_number(message.chat.id),
        heard=Heard(Kind.EDIT, text=text, language_hint=hint),
        message_ref=_number(message.message_id),
        media=media_in(message),
        edit_of=_number(message.message_id),
        place=place_in(message),  # a live place moves by edits
    )


def _button(query: CallbackQuery, external_id: str) -> Inbound | None:
    message = query.message
    if message is not None and message.chat.type != ChatType.PRIVATE:
        return None
    data = clean(query.data or "")
    if len(data.encode()) > _CALLBACK_BYTES:
        data = ""
    hint = language_hint(query.from_user.language_code)
    heard = Heard(Kind.BUTTON, button=data, language_hint=hint)
    return Inbound(
        channel=CHANNEL,
        external_id=external_id,
        address=_number(message.chat.id if message is not None else query.from_user.id),
        heard=heard if data else Heard(Kind.OTHER, language_hint=hint),
        message_ref=_number(message.message_id) if message is not None else None,
        callback_ref=query.id if _QUERY_ID.fullmatch(query.id) else None,
    )


def _membership(change: ChatMemberUpdated, external_id: str) -> Blocked | None:
    if change.chat.type != ChatType.PRIVATE:
        return None  # somebody put the bot into a group: it says nothing there
    status = change.new_chat_member.status
    if status in {ChatMember.BANNED, ChatMember.LEFT}:
        return Blocked(CHANNEL, external_id, _number(change.chat.id), blocked=True)
    if status == ChatMember.MEMBER:
        return Blocked(CHANNEL, external_id, _number(change.chat.id), blocked=False)
    return None


def _number(value: object) -> str:
    """A chat or message id as text. The library does not look at types: anything may be in it."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _BIGGEST:
        raise TypeError("not an id")
    return str(value)


def _salvage(data: Mapping[str, Any], external_id: str) -> Inbound | None:
    """Who wrote, and the words if there are any, from an update the library cannot read."""
    for field in ("message", "edited_message", "callback_query"):
        part = data.get(field)
        if not isinstance(part, dict):
            continue
        inner = part.get("message") if field == "callback_query" else part
        chat = inner.get("chat") if isinstance(inner, dict) else None
        if not isinstance(chat, dict) or chat.get("type") != ChatType.PRIVATE:
            return None
        sender = part.get("from")
        sender = sender if isinstance(sender, dict) else {}
        if sender.get("is_bot") is True:
            return None
        try:
            address = _number(chat.get("id"))
        except TypeError:
            return None
        text = part.get("text")
        words = clean(text) if isinstance(text, str) else ""
        kind = Kind.TEXT if words and field == "message" else Kind.OTHER
        hint = language_hint(sender.get("language_code"))
        number = part.get("message_id")
        ref = str(number) if type(number) is int and 0 < number < _BIGGEST else None
        heard = Heard(kind, text=words, language_hint=hint)
        return Inbound(CHANNEL, external_id, address, heard, message_ref=ref)
    return None
