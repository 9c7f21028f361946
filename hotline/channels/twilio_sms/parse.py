"""A webhook of Twilio as `Delivery` values. Pure.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request and
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from hotline.channels.base import (
    Blocked,
    ChannelName,
    Delivery,
    Inbound,
    Malformed,
    MediaRef,
    Receipt,
)
from hotline.channels.cleaning import clean, mime_type
from hotline.channels.twilio_sms.numbers import e164
from hotline.core.reading import Heard, Kind

CHANNEL = ChannelName.SMS.value

_MOST_FIELDS = 300
_MOST_MEDIA = 10
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_CODE = re.compile(r"[0-9]{3,9}")
_MEDIA = re.compile(
    r"/2010-04-01/Accounts/AC[0-9a-fA-F]{32}/Messages/MM[0-9a-fA-F]{32}/Media/ME[0-9a-fA-F]{32}"
)
_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}


class Form(dict[str, str]):
    """The first value of each field; all of them through `getlist`, for the signature."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            self._all.setdefault(name, []).append(value)
            self.setdefault(name, value)

    def getlist(self, name: str) -> list[str]:
        return self._all.get(name, [])


def form_in(body: bytes) -> Form:
    """The fields of a form body. Raises `Malformed`."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("not a form") from None
    return Form(pairs)


def parse_body(body: bytes) -> tuple[Delivery, ...]:
    """A message, a STOP or START at the provider, or a delivery report. Raises `Malformed`."""
    form = form_in(body)
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not _SID.fullmatch(sid):
        raise Malformed("no message id")
    if "MessageStatus" in form:
        return _receipt(form, sid)
    if "From" not in form:
        raise Malformed("no sender")
    address = e164(form["From"])
    if address is None:
        return ()  # a short code, a named sender or another platform: nobody we could answer
    match form.get("OptOutType", "").upper():
        case "STOP":
            return (Blocked(CHANNEL, sid, address, blocked=True),)
        case "START":
            lifted = Blocked(CHANNEL, f"{sid}:start", address, blocked=False)
            return (lifted, message_in(sid, address, form.get("Body", ""), media_in(form)))
        case _:
            return (message_in(sid, address, form.get("Body", ""), media_in(form)),)


def message_in(sid: str, address: str, body: str, media: tuple[MediaRef, ...]) -> Inbound:
    """One SMS. Without words it is what its first file is."""
    text = clean(body)
    kind = Kind.TEXT
    if not text:
        kinds = {"photo": Kind.PHOTO, "voice": Kind.VOICE, "file": Kind.FILE}
        kind = kinds[media[0].kind] if media else Kind.OTHER
    return Inbound(
        channel=CHANNEL,
        external_id=sid,
        address=address,
        heard=Heard(kind, text=text),
        message_ref=sid,
        media=media,
    )


def media_in(form: Form) -> tuple[MediaRef, ...]:
    stated = form.get("NumMedia", "0")
    count = int(stated) if re.fullmatch("[0-9]{1,2}", stated) else 0
    found = []
    for number in range(min(count, _MOST_MEDIA)):
        ref = media_ref(form.get(f"MediaUrl{number}", ""), form.get(f"MediaContentType{number}"))
        if ref is not None:
            found.append(ref)
    return tuple(found)


def media_ref(url: str, content_type: str | None) -> MediaRef | None:
    """A file at Twilio by its path: no address is fetched just because a message names it."""
    try:
        path = urlsplit(url).path.removesuffix(".json")
    except ValueError:
        return None
    if not _MEDIA.fullmatch(path):
        return None
    mime = mime_type(content_type)
    kind = {"image": "photo", "audio": "voice"}.get(mime.split("/", maxsplit=1)[0], "file")
    return MediaRef(path, kind, mime)


def _receipt(form: Form, sid: str) -> tuple[Receipt, ...]:
    status = form["MessageStatus"].lower()
    state = _STATES.get(status)
    if state is None:
        return ()  # queued, sending: nothing that anybody waits for
    code = form.get("ErrorCode", "")
    return (
        Receipt(
            channel=CHANNEL,
            external_id=f"{sid}:{status}",
            provider_id=sid,
            state=state,
            code=code if _CODE.fullmatch(code) else None,
        ),
    )
