"""Start page, signing in and the telephone in a real browser: script on and off, light and dark."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn

from hotline.bootstrap import clock
from hotline.channels.base import Button, Channel, Delivery, Inbound, Message
from hotline.web.app import create_app
from hotline.web.events import Hub
from hotline.web.phones import Phones
from tests.support.chromium import DESKTOP, NARROWEST, PHONE, OpenPage, axe
from tests.support.databases import Databases
from tests.web.site import PASSWORD, Site, make_site

EVERYTHING = ("minor", "moderate", "serious", "critical")
BUTTONS = ((Button("intake.safe=yes", "Ооба"), Button("intake.safe=no", "Жок")),)


@pytest_asyncio.fixture(loop_scope="session")
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[tuple[Site, str]]:
    """A site on loopback; the hotline behind it answers every message a moment later."""
    hub = Hub()
    answers: set[asyncio.Task[object]] = set()

    async def receive(channel: Channel, delivery: Delivery) -> None:
        if isinstance(delivery, Inbound):
            said = delivery.heard.button or delivery.heard.text
            message = Message((f"heard <{said}>",), buttons=BUTTONS)
            task = asyncio.get_running_loop().create_task(
                _later(channel, delivery.address, message)
            )
            answers.add(task)

    phones = Phones(tmp_path / "phones", clock=clock.now, wake=hub.wake)
    url = databases.fresh("sqlite")
    site = make_site(
        url,
        tmp_path,
        phones=phones,
        channels=phones.channels(),
        hub=hub,
        receive=receive,
        clock=clock.now,
    )
    server = uvicorn.Server(
        uvicorn.Config(create_app(site.ctx), host="127.0.0.1", port=0, log_level="error")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by nothing else
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield site, f"http://127.0.0.1:{port}"
    server.force_exit = server.should_exit = True
    await task
    site.ctx.store.close()


async def _later(channel: Channel, address: str, message: Message) -> None:
    await asyncio.sleep(0.2)
    await channel.send(address, message)


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (NARROWEST, True)])
@pytest.mark.parametrize(
    "path", ["/", "/simulator", "/privacy", "/sign-in", "/start/codes", "/nothing"]
)
async def test_pages_are_accessible_and_fit(
    served: tuple[Site, str], open_page: OpenPage, path: str, size: tuple[int, int], dark: bool
) -> None:
    page = await open_page(size=size, dark=dark, locale="ky")
    await page.goto(served[1] + path)
    assert await axe(page, impacts=EVERYTHING) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if path != "/nothing":  # the browser itself notes a 404
        assert page.problems == []


@pytest.mark.parametrize("dark", [False, True])
async def test_the_telephone_is_live_with_the_script(
    served: tuple[Site, str], open_page: OpenPage, dark: bool
) -> None:
    page = await open_page(size=PHONE, dark=dark)
    await page.goto(served[1] + "/simulator")
    await page.locator("form:has(input[value=telegram]) button").click()
    await page.locator("#type").fill("Салам")
    await page.keyboard.press("Enter")
    await page.get_by_text("heard <Салам>").wait_for()
    assert await page.locator("#type").input_value() == ""
    assert await page.evaluate("document.activeElement.id") == "type"
    await page.locator("#type").fill("half a sen")
    await page.get_by_role("button", name="Жок").click()
    await page.get_by_text("heard <intake.safe=no>").wait_for()
    assert await page.locator("#type").input_value() == "half a sen"
    chat = page.locator("[data-end]")
    at_end = "(e) => e.scrollHeight - e.scrollTop - e.clientHeight < 60"
    assert await chat.evaluate(at_end)
    assert await axe(page, impacts=EVERYTHING) == []
    assert page.problems == []


async def test_a_line_that_comes_by_itself_appears_without_a_reload(
    served: tuple[Site, str], open_page: OpenPage
) -> None:
    site, address = served
    page = await open_page(size=PHONE)
    await page.goto(address + "/simulator")
    await page.locator("form:has(input[value=sms]) button").click()
    await page.wait_for_url("**/simulator/*")
    number = page.url.rsplit("/", 1)[1]
    await asyncio.sleep(0.3)
    await site.ctx.channels["sms"].send(f"+{number}", Message(("A person answers",)))
    await page.get_by_text("A person answers").wait_for(timeout=5000)
    assert page.problems == []


async def test_the_telephone_works_without_the_script(
    served: tuple[Site, str], open_page: OpenPage
) -> None:
    page = await open_page(size=NARROWEST, javascript=False)
    await page.goto(served[1] + "/simulator")
    await page.locator("form:has(input[value=telegram]) button").click()
    await page.locator("#type").fill("Салом")
    await page.locator(".typebar button").click()
    assert await page.get_by_text("heard <Салом>").count() == 1
    await page.get_by_role("button", name="Ооба").click()
    assert await page.get_by_text("heard <intake.safe=yes>").count() == 1


@pytest.mark.parametrize("javascript", [True, False])
async def test_signing_in_by_keyboard_alone(
    served: tuple[Site, str], open_page: OpenPage, javascript: bool
) -> None:
    site, address = served
    login = "timur" if javascript else "asel"
    page = await open_page(size=PHONE, javascript=javascript)
    await page.goto(address + "/account")
    await page.wait_for_url("**/sign-in?next=/account")
    await page.keyboard.type(login)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sign-in/code?next=/account")
    code = site.ctx.store.read(lambda tx: _code(site, tx, login))
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account")
    if javascript:
        assert await axe(page, impacts=EVERYTHING) == []
    assert page.problems == []


def _code(site: Site, tx: object, login: str) -> str:
    from hotline.accounts import users

    return users.current_code(tx, site.ctx.keys, login, now=site.ctx.clock())


async def test_colours_and_language_need_no_script(
    served: tuple[Site, str], open_page: OpenPage
) -> None:
    page = await open_page(javascript=False)
    await page.goto(served[1] + "/privacy")
    await page.locator(".foot a[hreflang=tg]").click()
    await page.locator(".foot a[href*='theme=dark']").click()
    html = page.locator("html")
    assert await html.get_attribute("lang") == "tg"
    assert await html.get_attribute("data-theme") == "dark"
