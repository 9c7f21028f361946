"""Whether the process lives, and whether it can do its work. Strangers learn nothing more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import JSONResponse, Response

from hotline.db.transaction import DatabaseAway, Tx
from hotline.web.routing import PUBLIC, Call, Pages

pages: Final = Pages()

OLDEST: Final = timedelta(minutes=2)
"""A heartbeat older than this means that its process stands still."""


@pages.route("/health", permit=PUBLIC, passive=True)
async def health(_call: Call) -> Response:
    """The process answers: nothing else is looked at, so a sick database restarts nobody."""
    return JSONResponse({"status": "alive"})


@pages.route("/ready", permit=PUBLIC, passive=True)
async def ready(call: Call) -> Response:
    """Database reachable and every expected process at work: 200, else 503."""
    try:
        seen = await call.ctx.store.aread(call.ctx.heartbeats or _reached)
    except DatabaseAway:
        return _not_ready()
    for name in call.ctx.expected_heartbeats:
        at = seen.get(name)
        if at is None or call.now - at > OLDEST:
            return _not_ready()
    return JSONResponse({"status": "ready"})


def _reached(_tx: Tx) -> Mapping[str, datetime]:
    """Without anything to look up, reaching the database is enough."""
    return {}


def _not_ready() -> Response:
    return JSONResponse({"status": "not ready"}, 503, headers={"Retry-After": "5"})
