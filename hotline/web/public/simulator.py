"""A page that behaves like a phone: the real conversation, no network (demonstration only).

Everything works by plain forms; the script only saves the reload.
"""

import re
from datetime import timedelta
from html import unescape
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from starlette.responses import Response

from hotline.channels import simulator
from hotline.channels.base import ChannelName
from hotline.channels.simulator import Simulator
from hotline.core.errors import Invalid, NotFound
from hotline.crypto import new_id
from hotline.db.transaction import DatabaseAway
from hotline.i18n import dates
from hotline.web.events import stream
from hotline.web.forms import clean
from hotline.web.phones import Bubble, Phone, Phones, sms_parts
from hotline.web.routing import DEMO, Call, Pages

pages: Final = Pages()

MODES: Final = tuple(mode.value for mode in ChannelName)
LANGUAGES: Final = ("ky", "ru", "tg")
TYPING: Final = timedelta(seconds=20)
_TABS: Final = 4
_PICTURE: Final = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")  # an empty JPEG


@pages.route("/simulator", permit=DEMO)
async def overview(call: Call) -> Response:
    return call.page("public/phones.html", phones=_phones(call).all()[:30])


@pages.route("/simulator", methods=("POST",), permit=DEMO)
async def new(call: Call) -> Response:
    """A new person with a telephone of her own."""
    mode = ChannelName(call.form.choice("mode", MODES))
    language = call.form.choice("language", LANGUAGES)
    _channel(call, mode.value)
    phone = _phones(call).new(mode, language)
    return call.redirect(f"/simulator/{phone.id}")


@pages.route("/simulator/{phone}", permit=DEMO)
async def show(call: Call) -> Response:
    phone = _phone(call)
    others = [other for other in _phones(call).all() if other.id != phone.id][: _TABS - 1]
    return call.page(
        "public/phone.html", phone=phone, phones=[phone, *others], **_screen(call, phone)
    )


@pages.route("/simulator/{phone}/live", permit=DEMO, passive=True)
async def live(call: Call) -> Response:
    phone = _phone(call)

    async def fragment() -> str | None:
        call.now = call.ctx.clock()
        return call.render("public/screen.html", phone=phone, **_screen(call, phone))

    return stream(call.ctx.hub, fragment, every=1.0)


@pages.route("/simulator/{phone}/write", methods=("POST",), permit=DEMO, keep=("text",))
async def write(call: Call) -> Response:
    phone = _phone(call)
    raw = call.form.all("text")
    text = clean(raw[0]) if raw else ""
    if not text.strip():
        raise Invalid("There is nothing to send.", key="simulator.nothing")
    line_id = _phones(call).say(phone, text)
    event = simulator.text_event(line_id, phone.address, text, phone.language)
    return await _deliver(call, phone, line_id, event)


@pages.route("/simulator/{phone}/press", methods=("POST",), permit=DEMO)
async def press(call: Call) -> Response:
    """A button under one of our lines. Its label is not a line of the person's on Telegram."""
    phone = _phone(call)
    data = call.form.required("data", longest=64)
    event = simulator.button_event(new_id(), phone.address, data, phone.language)
    return await _deliver(call, phone, "", event)


@pages.route("/simulator/{phone}/more", methods=("POST",), permit=DEMO, keep=("text",))
async def more(call: Call) -> Response:
    """What else a phone can do: a place, a photo, a correction, blocking."""
    phone = _phone(call)
    what = call.form.choice("what", ("place", "photo", "edit", "block", "unblock", "poster"))
    phones, channel = _phones(call), _channel(call, phone.mode)
    if what == "poster":
        line_id = phones.say(phone, "/start poster_osh_12")
        event = simulator.text_event(line_id, phone.address, "/start poster_osh_12", phone.language)
    elif what == "place":
        line_id = phones.say(phone, str(call.t("simulator.place_sent", "📍 My place")))
        event = simulator.place_event(line_id, phone.address, 42.87, 74.59)
    elif what == "photo":
        line_id = phones.say(phone, str(call.t("simulator.photo_sent", "🖼 A photo")))
        channel.keep_file(line_id, _PICTURE)
        event = simulator.file_event(line_id, phone.address, "photo", line_id)
    elif what == "edit":
        return await _edit(call, phone)
    else:
        blocked = what == "block"
        channel.block(phone.address, blocked=blocked)
        line_id = ""
        event = simulator.block_event(new_id(), phone.address, blocked=blocked)
    return await _deliver(call, phone, line_id, event)


@pages.route("/simulator/{phone}/forget", methods=("POST",), permit=DEMO)
async def forget(call: Call) -> Response:
    _phones(call).forget(_phone(call).id)
    return call.redirect("/simulator")


async def _edit(call: Call, phone: Phone) -> Response:
    """Changes the person's last line."""
    text = call.form.required("text", longest=4000)
    mine = [bubble for bubble in _phones(call).bubbles(phone.id) if bubble.mine]
    if not mine:
        raise Invalid("There is nothing to change yet.", key="simulator.nothing")
    _phones(call).mark(phone, mine[-1].id, text=text)
    event = simulator.edit_event(new_id(), phone.address, mine[-1].id, text)
    return await _deliver(call, phone, "", event)


async def _deliver(call: Call, phone: Phone, line_id: str, event: dict[str, Any]) -> Response:
    """Hands over as a provider would, then waits a moment for the first answer."""
    channel = _channel(call, phone.mode)
    before = len(_phones(call).bubbles(phone.id))
    request = channel.request(event)
    try:
        for delivery in channel.parse(request):
            await call.ctx.receive(channel, delivery)
    except DatabaseAway:
        if line_id:
            _phones(call).mark(phone, line_id, failed=True)
        raise
    call.ctx.wake()
    call.ctx.hub.wake()
    for _ in range(8):
        if len(_phones(call).bubbles(phone.id)) > before:
            break
        await call.ctx.hub.wait(0.1)
    return call.redirect(f"/simulator/{phone.id}")


def _screen(call: Call, phone: Phone) -> dict[str, Any]:
    bubbles = _phones(call).bubbles(phone.id)
    last = bubbles[-1] if bubbles else None
    is_sms = phone.mode == ChannelName.SMS
    zone = ZoneInfo(call.ctx.settings.timezone)
    return {
        "bubbles": [
            {
                "line": bubble,
                "html": _html(bubble),
                "time": dates.clock(bubble.at, zone),
                "sms": sms_parts(bubble.text) if is_sms and bubble.text else None,
            }
            for bubble in bubbles
        ],
        "is_sms": is_sms,
        "typing": last is not None and last.mine and call.now - last.at < TYPING,
    }


def _html(bubble: Bubble) -> Markup:
    """The text as a phone shows it: only the simple tags that Telegram knows become tags."""
    if not bubble.html:
        return escape(bubble.text)
    links = re.sub(r'<a href="[^"]*">|</a>', "", bubble.text)
    plain = str(
        escape(unescape(re.sub(r"<(/?)(b|strong|i|em|u|s|code)>", "\x01\\1\\2\x02", links)))
    )
    return Markup(re.sub("\x01(/?[a-z]+)\x02", r"<\1>", plain))  # noqa: S704 - escaped above


def _phones(call: Call) -> Phones:
    if call.ctx.phones is None:
        raise NotFound
    return call.ctx.phones


def _phone(call: Call) -> Phone:
    phone = _phones(call).get(call.path("phone"))
    if phone is None:
        raise NotFound
    return phone


def _channel(call: Call, mode: str) -> Simulator:
    """Only a simulated channel; one that is connected for real is out of reach here."""
    channel = call.ctx.channels.get(mode)
    if not isinstance(channel, Simulator):
        raise NotFound
    return channel
