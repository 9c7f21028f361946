"""What providers call. Nothing is acknowledged that has not been written down.

A wrong secret or signature stores nothing; a body that cannot be read stores nothing; without a
database the answer is 503, so that the provider tries again.
"""

from typing import Final

from starlette.responses import PlainTextResponse, Response

from hotline import logs
from hotline.channels.base import Channel, ChannelName, Delivery, Inbound, Malformed, Request
from hotline.db.transaction import DatabaseAway
from hotline.web.routing import HOOK, Call, Pages

pages: Final = Pages()

EMPTY_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""Twilio sends a text answer on to the person; this one says nothing."""


@pages.route("/hooks/telegram", methods=("POST",), permit=HOOK)
async def telegram(call: Call) -> Response:
    refusal = await _take(call, ChannelName.TELEGRAM, forbidden=401)
    return refusal or PlainTextResponse("")


@pages.route("/hooks/twilio", methods=("POST",), permit=HOOK)
async def twilio(call: Call) -> Response:
    refusal = await _take(call, ChannelName.SMS, forbidden=403)
    return refusal or Response(EMPTY_TWIML, media_type="text/xml")


@pages.route("/hooks/twilio/status", methods=("POST",), permit=HOOK)
async def twilio_status(call: Call) -> Response:
    refusal = await _take(call, ChannelName.SMS, forbidden=403)
    return refusal or Response(status_code=204)


async def _take(call: Call, name: ChannelName, *, forbidden: int) -> Response | None:
    """Verifies, parses and hands over; None when all of it is safely written."""
    channel = call.ctx.channels.get(name.value)
    if channel is None:
        return PlainTextResponse("This channel is not connected.", 404)
    request = Request(
        headers={key.lower(): value for key, value in call.request.headers.items()},
        body=await call.request.body(),
        url=_address(call),
    )
    if not channel.verify(request):
        logs.event("web.hook_refused", level="warning", channel=name.value)
        return PlainTextResponse("", forbidden)
    try:
        deliveries = channel.parse(request)
    except Malformed:
        logs.event("web.hook_malformed", level="warning", channel=name.value)
        return PlainTextResponse("The body cannot be read.", 400)
    try:
        for delivery in deliveries:
            await call.ctx.receive(channel, delivery)
    except DatabaseAway:
        logs.event("web.database_away", level="warning")
        return PlainTextResponse("", 503, headers={"Retry-After": "5"})
    except Exception as error:  # noqa: BLE001 - the provider must try again, and see no details
        logs.failure("web.hook_failed", error, channel=name.value)
        return PlainTextResponse("", 503, headers={"Retry-After": "5"})
    for delivery in deliveries:
        await _acknowledge(channel, delivery)
    call.ctx.wake()
    call.ctx.hub.wake()
    return None


async def _acknowledge(channel: Channel, delivery: Delivery) -> None:
    """After the commit: the phone that pressed a button stops waiting."""
    if isinstance(delivery, Inbound) and delivery.callback_ref is not None:
        await channel.acknowledge(delivery.callback_ref)


def _address(call: Call) -> str:
    """The address as the provider called it: signatures are made over the public one."""
    url = call.request.url
    base = call.ctx.settings.public_url.rstrip("/") or f"{url.scheme}://{url.netloc}"
    query = f"?{url.query}" if url.query else ""
    return f"{base}{url.path}{query}"
