"""What waits for a decision, what is under way, what is over."""

from typing import Final

from starlette.responses import Response

from hotline.referrals.service import partner
from hotline.web.portal.naming import moment, namer
from hotline.web.routing import Call, Pages

pages: Final = Pages()


@pages.route("/portal", permit="offer.list")
async def board(call: Call) -> Response:
    found = await call.read(lambda tx: partner.board(tx, call.actor, now=call.now))
    return call.page("portal/board.html", board=found, name=namer(call), moment=moment)


@pages.route("/portal/history", permit="offer.list")
async def history(call: Call) -> Response:
    cards = await call.read(lambda tx: partner.history(tx, call.actor, now=call.now))
    return call.page("portal/history.html", cards=cards, name=namer(call), moment=moment)
