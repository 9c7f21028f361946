"""A whole site in process, for tests: context, application, clients, people who sign in."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from hotline.accounts import demo, logins, users
from hotline.accounts.passwords import LIGHT
from hotline.channels.base import Channel, Delivery
from hotline.config import Settings
from hotline.crypto import KeyRing
from hotline.db.transaction import Store, make_engine
from hotline.i18n.words import Words
from hotline.web.app import create_app
from hotline.web.context import WebContext
from tests.support.databases import ROOT

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PASSWORD = "open-the-line-189"
HTTP = "http://hotline.test"


@dataclass
class Clock:
    """Stands still until it is told to move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Site:
    """`received` holds what webhooks and the simulator handed over."""

    ctx: WebContext
    clock: Clock
    app: Any
    received: list[tuple[Channel, Delivery]] = field(default_factory=list)
    fail_receiving_with: Exception | None = None

    def client(self, **options: Any) -> httpx.AsyncClient:
        options.setdefault("base_url", HTTP)
        address = options.pop("address", "192.0.2.1")
        transport = httpx.ASGITransport(self.app, client=(address, 5), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, **options)

    def user_id(self, login: str) -> str:
        return self.ctx.store.read(lambda tx: users.by_login(tx, login)).id

    def code(self, login: str) -> str:
        return self.ctx.store.read(
            lambda tx: users.current_code(tx, self.ctx.keys, login, now=self.clock.now)
        )

    def enter(self, client: httpx.AsyncClient, login: str) -> None:
        """Signs `client` in without the pages, as after both factors."""
        user_id = self.user_id(login)
        token = self.ctx.store.write(
            lambda tx: logins.open_login(tx, self.ctx.keys, user_id, now=self.clock.now)
        )
        client.cookies.set("hotline", token, domain="hotline.test", path="/")

    async def sign_in(self, client: httpx.AsyncClient, login: str) -> httpx.Response:
        """Signs in through the pages; the last answer."""
        self.clock.forward(seconds=60)  # the last code was perhaps used just now
        await post(client, "/sign-in", "/sign-in", login=login, password=PASSWORD)
        return await post(client, "/sign-in/code", "/sign-in/code", code=self.code(login))


async def post(client: httpx.AsyncClient, page: str, action: str, **fields: Any) -> httpx.Response:
    """Reads the form's token from `page`, then sends the fields to `action`."""
    shown = await client.get(page)
    return await client.post(action, data={"csrf": token_in(shown.text), **fields})


def token_in(html: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    assert found is not None, "the page has no form token"
    return found[1]


def make_site(url: str, folder: Any, **changes: Any) -> Site:
    """A site with the demonstration's people. `changes` replace fields of the context;
    `settings` may be a mapping of settings."""
    clock = Clock()
    settings = Settings(
        **{
            "data_dir": str(folder),
            "flows_dir": str(ROOT / "flows"),
            "demo": True,
            **changes.pop("settings", {}),
        }
    )
    received: list[tuple[Channel, Delivery]] = []
    holder: list[Site] = []

    async def receive(channel: Channel, delivery: Delivery) -> None:
        problem = holder[0].fail_receiving_with
        if problem is not None:
            raise problem
        received.append((channel, delivery))

    ctx = WebContext(
        store=Store(make_engine(url)),
        keys=KeyRing({"k1": b"r" * 32}, b"i" * 32),
        settings=settings,
        clock=clock,
        words=Words({}, {}),
        receive=receive,
        cost=LIGHT,
    )
    ctx = replace(ctx, **changes)
    partners = _add_partners(ctx)
    content = demo.read(ROOT / "flows")
    ctx.store.write(
        lambda tx: demo.seed_demo(tx, ctx.keys, content, partners=partners, now=clock.now)
    )
    site = Site(ctx, clock, create_app(ctx), received)
    holder.append(site)
    return site


def _add_partners(ctx: WebContext) -> dict[str, tuple[str, str]]:
    """Two partner organisations, so that one can try to read what is the other's."""
    import sqlalchemy as sa

    from hotline.db.models.partner import Partner

    ids = {"shelter-one": "p" * 19 + "2", "lawyers-two": "p" * 19 + "3"}

    def work(tx: Any) -> None:
        for code, partner_id in ids.items():
            tx.conn.execute(
                sa.insert(Partner).values(
                    id=partner_id,
                    code=code,
                    name={"en": code, "ru": code},
                    org_type="NGO",
                    has_account=True,
                    is_demo=True,
                )
            )

    ctx.store.write(work)
    return {code: (partner_id, code) for code, partner_id in ids.items()}


MakeSite = Callable[..., Site]
