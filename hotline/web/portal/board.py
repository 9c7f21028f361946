"""What waits for a decision, what is under way, what is over."""

from typing import Final

from starlette.responses import Response

from hotline.accounts import logins
from hotline.db.transaction import Tx
from hotline.referrals.service import partner
from hotline.web.events import stream
from hotline.web.portal.naming import moment, namer
from hotline.web.routing import Call, Pages

pages: Final = Pages()


@pages.route("/portal", permit="offer.list")
async def board(call: Call) -> Response:
    found = await call.read(lambda tx: partner.board(tx, call.actor, now=call.now))
    return call.page("portal/board.html", board=found, name=namer(call), moment=moment)


@pages.route("/portal/live", permit="offer.list", passive=True)
async def live(call: Call) -> Response:
    """The same lists, sent again when they change; whoever is signed out gets nothing more."""

    async def fragment() -> str | None:
        now = call.ctx.clock()

        def work(tx: Tx) -> partner.Board | None:
            actor = logins.actor_for(tx, call.ctx.keys, call.session, now=now)
            return None if actor is None else partner.board(tx, actor, now=now)

        found = await call.read(work)
        if found is None:
            return None
        return call.render("portal/board_live.html", board=found, name=namer(call), moment=moment)

    return stream(call.ctx.hub, fragment, every=10.0)


@pages.route("/portal/history", permit="offer.list")
async def history(call: Call) -> Response:
    cards = await call.read(lambda tx: partner.history(tx, call.actor, now=call.now))
    return call.page("portal/history.html", cards=cards, name=namer(call), moment=moment)
