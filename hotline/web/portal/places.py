"""The partner's own count of free places."""

from typing import Final

from starlette.responses import Response

from hotline.referrals.service import partner
from hotline.web.portal.naming import moment, namer
from hotline.web.routing import Call, Pages

pages: Final = Pages()


@pages.route("/portal/places", permit="offer.list")
async def places(call: Call) -> Response:
    found = await call.read(lambda tx: partner.capacity(tx, call.actor))
    return call.page("portal/places.html", services=found, name=namer(call), moment=moment)


@pages.route("/portal/places/{id}", methods=("POST",), permit="capacity.edit", keep=("free",))
async def change(call: Call) -> Response:
    service_id = call.path("id")
    free = call.form.number("free", lowest=0, highest=partner.MOST_PLACES)
    await call.write(lambda tx: partner.set_places(tx, call.actor, service_id, free, now=call.now))
    said = call.t("portal.said.places", "Saved. The hotline sees this number now.")
    return call.redirect("/portal/places", said=said)
