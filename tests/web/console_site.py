"""A whole hotline behind the console: people on phones, operators signed in, one clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import yaml

from hotline.accounts import users
from hotline.accounts.passwords import LIGHT
from hotline.bootstrap import demo as demos
from hotline.core.reading import Heard, Kind
from hotline.web.app import create_app
from tests.support.databases import ROOT
from tests.support.world import Phone, World
from tests.web.site import Site, token_in

LANGUAGE_STEP = "start.language"


@dataclass
class WorldClock:
    """The world's clock as a site wants it."""

    world: World

    @property
    def now(self) -> datetime:
        return self.world.clock.moment

    def __call__(self) -> datetime:
        return self.world.clock.moment

    def forward(self, **amount: float) -> None:
        self.world.clock.on(**amount)


@dataclass
class Console:
    """`world` is the hotline, `site` its pages."""

    world: World
    site: Site

    def signed_in(self, login: str, language: str = "ru") -> httpx.AsyncClient:
        client = self.site.client()
        self.site.enter(client, login)
        client.cookies.set("lang", language, domain="hotline.test", path="/")
        return client

    async def person(
        self, address: str = "1001", *, story: str = "start.person", turns: int = 3,
        language: str = "ru",
    ) -> Phone:  # fmt: skip
        """Somebody who went through the first turns of a golden story."""
        phone = self.world.phone(address)
        await phone.says("/start")
        await self.press(phone, f"{LANGUAGE_STEP}={language}")
        body = yaml.safe_load((ROOT / "tests" / "golden" / f"{story}.yaml").read_text("utf-8"))
        for turn in body["turns"][:turns]:
            heard = turn["hears"]
            if isinstance(heard, dict) and "button" in heard:
                await self.press(phone, heard["button"])
            elif isinstance(heard, dict) and "command" in heard:
                await phone.says("/human")
        return phone

    async def press(self, phone: Phone, data: str) -> None:
        await phone.deliver(phone.inbound(Heard(Kind.BUTTON, "", data)))

    async def take(self, client: httpx.AsyncClient) -> str:
        """Takes the next; the address of the conversation."""
        answer = await self.post(client, "/console", "/console/take")
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        assert where.startswith("/console/talk/"), where
        await self.world.send_all()  # the person is told who has come
        return where

    async def post(
        self, client: httpx.AsyncClient, page: str, action: str, **fields: Any
    ) -> httpx.Response:
        shown = await client.get(page)
        names = {name.replace("__", "."): value for name, value in fields.items()}
        return await client.post(action, data={"csrf": token_in(shown.text), **names})

    def user(self, login: str) -> str:
        return self.world.read(lambda tx: users.by_login(tx, login)).id


def make_console(url: str, folder: Path) -> Console:
    world = World(url, folder)
    demos.seed(world.app)
    ctx = replace(world.app.web(), cost=LIGHT)
    site = Site(ctx, WorldClock(world), create_app(ctx))  # type: ignore[arg-type]
    return Console(world, site)
