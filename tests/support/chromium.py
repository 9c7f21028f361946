"""A real Chromium for browser tests, Debian's own, driven by Playwright's asynchronous interface.

Playwright's own browser is never downloaded. A missing Chromium fails the test and says what to
install: a page that nobody opened is not a page that works.

Tests under `tests/browser/` run in the session's event loop, where the one browser lives.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

ROOT = Path(__file__).resolve().parents[2]

PHONE = (360, 740)
DESKTOP = (1280, 800)
NARROWEST = (320, 640)

OpenPage = Callable[..., Awaitable[Page]]


CHROMIUM_MISSING = (
    "Chromium was not found. Install Debian's packages 'chromium' and 'fonts-noto-core' "
    "(as root: apt-get install chromium fonts-noto-core), or set CHROMIUM to its path."
)


def chromium_path() -> str | None:
    """The path of Chromium: `$CHROMIUM`, or the first of Debian's and others' names for it."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def find_chromium() -> str:
    """The path of Chromium; the test fails where there is none."""
    return chromium_path() or pytest.fail(CHROMIUM_MISSING, pytrace=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright_driver() -> AsyncIterator[Playwright]:
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright_driver: Playwright) -> AsyncIterator[Browser]:
    """One browser for the session; each test opens contexts of its own in it."""
    launched = await playwright_driver.chromium.launch(executable_path=find_chromium())
    yield launched
    await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open a page as somebody new would: own cookies, own storage.

    `await open_page(size=PHONE, dark=True, javascript=False, locale="ky", **context_options)`.
    `page.problems` collects what the browser complained about: script errors, refused resources,
    breaches of the content security policy.
    """
    contexts: list[BrowserContext] = []

    async def open_new(
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        javascript: bool = True,
        locale: str = "ru",
        **options: Any,
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale=locale,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda line: problems.append(line.text) if line.type == "error" else None,
        )
        page.problems = problems  # type: ignore[attr-defined]
        return page

    yield open_new
    for context in contexts:
        await context.close()


async def axe(page: Page, *, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """What axe-core finds on the page, one line each: impact, rule, the element, the help text.

    The script is put in through the debugging protocol, because the pages' own policy rightly
    refuses foreign scripts.
    """
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    session = await page.context.new_cdp_session(page)
    try:
        await _evaluate(session, source + "\n;0")
        found = await _evaluate(session, "axe.run(document, {resultTypes: ['violations']})")
    finally:
        await session.detach()
    return [
        f"{violation['impact']}: {violation['id']}: {node['target']}: {violation['help']}"
        for violation in found["violations"]
        if violation["impact"] in impacts
        for node in violation["nodes"]
    ]


async def _evaluate(session: Any, expression: str) -> Any:
    answer = await session.send(
        "Runtime.evaluate",
        {"expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    if "exceptionDetails" in answer:
        raise AssertionError(f"the page's script failed: {answer['exceptionDetails']}")
    return answer["result"].get("value")


async def screenshot(page: Page, name: str, folder: Path | None = None) -> Path:
    """Save what a person sees, whole page, as `<name>.png`.

    Into `folder`, else into `$HOTLINE_SCREENSHOTS`, else into `test-results/screenshots`.
    """
    chosen = os.environ.get("HOTLINE_SCREENSHOTS")
    target = folder or (Path(chosen) if chosen else ROOT / "test-results" / "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{name}.png"
    await page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")
    return path
