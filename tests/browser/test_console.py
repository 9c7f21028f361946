"""The operators' console in a real browser: by keyboard, live, narrow, dark, and left in a hurry."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect

from tests.support.chromium import NARROWEST, OpenPage, axe
from tests.support.databases import Databases
from tests.web.console_site import Console, make_console

DESKTOP = (1366, 768)
PATIENCE = 20_000  # milliseconds: two cores are shared by everybody


@pytest_asyncio.fixture(loop_scope="session")
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[tuple[Console, str]]:
    """The whole hotline on loopback, with two people waiting."""
    url = databases.fresh("sqlite")
    console = make_console(url, tmp_path)
    await console.person("1", story="work.immediate", turns=99)
    await console.person("2", language="ky")
    server = uvicorn.Server(
        uvicorn.Config(console.site.app, host="127.0.0.1", port=0, log_level="error")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by nothing else
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield console, f"http://127.0.0.1:{port}"
    server.force_exit = server.should_exit = True
    await task
    await console.world.close()
    databases.drop(url)


async def signed_in(served: tuple[Console, str], page: Page, login: str, language: str) -> None:
    console, address = served
    client = console.signed_in(login)
    token = client.cookies.get("hotline")
    await page.context.add_cookies(
        [
            {"name": "hotline", "value": token, "url": address},
            {"name": "lang", "value": language, "url": address},
        ]
    )


async def test_a_conversation_is_taken_answered_and_followed_by_keyboard(
    served: tuple[Console, str], open_page: OpenPage
) -> None:
    console, address = served
    page = await open_page(size=DESKTOP)
    await signed_in(served, page, "aigul", "ru")
    await page.goto(f"{address}/console")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/talk/*")
    await page.keyboard.press("r")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("Я здесь.")
    await expect(page.locator("#draft-said")).not_to_be_empty(timeout=PATIENCE)
    await page.reload()
    await expect(page.locator("#text")).to_have_value("Я здесь.", timeout=PATIENCE)
    await page.locator("#text").press("Control+Enter")
    await expect(page.locator("#talk-lines .us").last).to_contain_text("Я здесь.", timeout=PATIENCE)
    await page.fill("#text", "не отправлено")
    phone = console.world.phones["1"]
    await phone.says("Спасибо, я жду")
    await expect(page.locator("#talk-lines .them").last).to_contain_text(
        "Спасибо, я жду", timeout=PATIENCE
    )
    await expect(page.locator("#text")).to_have_value("не отправлено")  # the page was not reloaded
    assert page.problems == []  # type: ignore[attr-defined]


async def test_the_lock_key_blanks_the_page_and_signs_out(
    served: tuple[Console, str], open_page: OpenPage
) -> None:
    page = await open_page(size=DESKTOP)
    await signed_in(served, page, "aigul", "ru")
    await page.goto(f"{served[1]}/console")
    await page.keyboard.press("F8")
    await page.wait_for_url("**/sign-in")
    await page.goto(f"{served[1]}/console")
    assert "/sign-in" in page.url


@pytest.mark.parametrize(
    ("size", "dark", "language"),
    [(DESKTOP, True, "tg"), (NARROWEST, False, "ky")],
)  # fmt: skip
async def test_pages_are_accessible_and_fit(
    served: tuple[Console, str],
    open_page: OpenPage,
    size: tuple[int, int],
    dark: bool,
    language: str,
) -> None:
    console, address = served
    client = console.signed_in("aigul", language)
    where = await console.take(client)
    boss, operator = await open_page(size=size, dark=dark), await open_page(size=size, dark=dark)
    await signed_in(served, operator, "aigul", language)
    await signed_in(served, boss, "gulnara", language)
    for page, path in (
        (operator, "/console"),
        (operator, where),
        (operator, f"{where}/refer?service=shelter"),
        (boss, "/console/board"),
        (boss, where.replace("/talk/", "/look/")),
        (boss, "/console/referrals"),
    ):
        await page.goto(address + path)
        for summary in await page.locator("main summary").all():
            if await summary.is_visible():
                await summary.click()
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        assert page.problems == [], path  # type: ignore[attr-defined]
