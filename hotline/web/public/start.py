"""The start page and the privacy page."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.responses import Response

from hotline.accounts import demo, users
from hotline.accounts.demo import DemoAccount
from hotline.db.transaction import DatabaseAway, Tx
from hotline.web.routing import DEMO, PUBLIC, Call, Pages

pages: Final = Pages()


@pages.route("/", permit=PUBLIC)
async def start(call: Call) -> Response:
    """In demonstration mode what to try first; otherwise where to sign in."""
    accounts: tuple[DemoAccount, ...] = ()
    if call.ctx.settings.demo:
        try:
            accounts = await call.read(demo.listed)
        except DatabaseAway:
            accounts = ()
    password = _demo_password(call.ctx.settings.flows_dir) if accounts else ""
    return call.page("public/start.html", accounts=accounts, password=password)


@pages.route("/start/codes", permit=DEMO)
async def codes(call: Call) -> Response:
    """Current codes of the demonstration accounts, so that nobody needs an authenticator."""

    def work(tx: Tx) -> list[tuple[DemoAccount, str]]:
        return [
            (account, users.current_code(tx, call.ctx.keys, account.login, now=call.now))
            for account in demo.listed(tx)
        ]

    return call.page("public/codes.html", rows=await call.read(work))


@pages.route("/privacy", permit=PUBLIC)
async def privacy(call: Call) -> Response:
    return call.page("public/privacy.html")


@lru_cache(maxsize=2)
def _demo_password(flows_dir: str) -> str:
    """The one password that all demonstration accounts share."""
    return str(demo.read(Path(flows_dir))["password"])
