"""What a Telegram message is made of: its words, its kind, its files and its place. Pure."""

import re

import phonenumbers
from telegram import Contact, Message

from hotline.channels.base import MediaRef
from hotline.channels.cleaning import clean, mime_type
from hotline.core.reading import Heard, Kind

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]{3,64})?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_BIGGEST_SIZE = 2**53


def heard_in(message: Message, hint: str | None) -> Heard:
    """The message as the engine hears it. Captions count as words, stickers as their emoji."""
    if message.text is not None:
        return _words(clean(message.text), hint)
    caption = clean(message.caption or "")
    if message.venue is not None:
        named = clean(f"{message.venue.title}\n{message.venue.address}")
        return Heard(Kind.LOCATION, text=named, language_hint=hint)
    if message.location is not None:
        return Heard(Kind.LOCATION, language_hint=hint)
    if message.contact is not None:
        return Heard(Kind.CONTACT, text=_shared(message.contact, message), language_hint=hint)
    if message.photo:
        return Heard(Kind.PHOTO, text=caption, language_hint=hint)
    if message.voice is not None:
        return Heard(Kind.VOICE, text=caption, language_hint=hint)
    if message.audio or message.document or message.video or message.video_note:
        return Heard(Kind.FILE, text=caption, language_hint=hint)
    if message.sticker is not None:
        return Heard(Kind.OTHER, text=clean(message.sticker.emoji or ""), language_hint=hint)
    return Heard(Kind.OTHER, text=caption, language_hint=hint)


def _words(text: str, hint: str | None) -> Heard:
    """`/start` with its payload, another command without the bot's name, or plain words."""
    command = _COMMAND.fullmatch(text)
    if command is None:
        return Heard(Kind.TEXT if text else Kind.OTHER, text=text, language_hint=hint)
    name, rest = command[1].lower(), (command[2] or "").strip()
    if name == "start":
        source = rest if _PAYLOAD.fullmatch(rest) else None
        return Heard(Kind.START, text="/start", source=source, language_hint=hint)
    return Heard(Kind.TEXT, text=f"/{name} {rest}".strip(), language_hint=hint)


def _shared(contact: Contact, message: Message) -> str:
    """The number of a shared contact; with the name when it is somebody else's, who may matter."""
    digits = clean(contact.phone_number)
    try:
        # Telegram sends full numbers, often without the plus.
        number = phonenumbers.parse("+" + digits.lstrip("+"), None)
        digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    own = message.from_user is not None and contact.user_id == message.from_user.id
    if own:
        return digits
    return clean(f"{digits} {contact.first_name} {contact.last_name or ''}")


def media_in(message: Message) -> tuple[MediaRef, ...]:
    """The file of a message: the largest size of a photo, or the one recording or document."""
    found: MediaRef | None = None
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        found = MediaRef(best.file_id, "photo", "image/jpeg", _size(best.file_size))
    elif message.voice is not None:
        voice = message.voice
        mime = mime_type(voice.mime_type, "audio/ogg")
        found = MediaRef(voice.file_id, "voice", mime, _size(voice.file_size))
    elif message.video_note is not None:
        note = message.video_note
        found = MediaRef(note.file_id, "file", "video/mp4", _size(note.file_size))
    else:
        file = message.audio or message.video or message.document
        if file is not None:
            found = MediaRef(file.file_id, "file", mime_type(file.mime_type), _size(file.file_size))
    if found is None or not _FILE_ID.fullmatch(found.ref):
        return ()
    return (found,)


def _size(stated: int | None) -> int | None:
    return stated if isinstance(stated, int) and 0 <= stated < _BIGGEST_SIZE else None


def place_in(message: Message) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; None where there is none or it is not on the earth."""
    location = message.location or (message.venue.location if message.venue else None)
    if location is None:
        return None
    latitude, longitude = float(location.latitude), float(location.longitude)
    if abs(latitude) <= 90 and abs(longitude) <= 180:  # noqa: PLR2004
        return latitude, longitude
    return None
