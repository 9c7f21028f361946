"""Pictures for the documentation, taken of the real product; `make screenshots` keeps them.

Each is also a test: the page is whole, the browser complains about nothing, the file stays small.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.driving import Telephone, sign_in
from tests.browser.test_story import OFFER
from tests.support.chromium import PHONE, OpenPage, screenshot
from tests.support.serving import Served

DESKTOP = (1120, 700)
LARGEST = 150_000
"""Bytes of one picture: a README that loads slowly is not read on a slow line."""

REPLY = {"ky": "Саламатсызбы. Мен жанымда боло алам, шашпаңыз.", "tg": "Салом. Шитоб накунед."}
FIELDS = {
    "name_to_use": "Гүл",
    "safe_way": "SMS, сөз айкашы менен",
    "safe_time": "дүйшөмбү, 14:00–16:00",
    "papers": "паспорт вербовщикте",
}

pytestmark = [pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures go: into the documentation only when that was asked for."""
    return Path(os.environ.get("HOTLINE_SCREENSHOTS") or tmp_path)


async def _keep(page: Page, name: str, folder: Path, *, top: bool = False) -> None:
    """`top`: only what fits on the screen, for long pages."""
    await page.evaluate("document.activeElement?.blur()")
    if top:
        path = folder / f"{name}.png"
        await page.screenshot(path=path, animations="disabled", caret="hide")
    else:
        path = await screenshot(page, name, folder)
    assert path.stat().st_size < LARGEST, f"{name} has {path.stat().st_size} bytes"
    assert page.problems == []  # type: ignore[attr-defined]


async def test_screenshots_of_the_start(
    shared_demo: Served, open_page: OpenPage, folder: Path
) -> None:
    page = await open_page(size=DESKTOP, locale="ru")
    await page.goto(shared_demo.address)
    await _keep(page, "start-ru", folder, top=True)
    page = await open_page(size=PHONE, locale="ky", dark=True)
    await page.goto(shared_demo.address)
    await _keep(page, "start-ky-phone-dark", folder, top=True)


async def test_screenshots_of_an_sms(
    shared_demo: Served, open_page: OpenPage, folder: Path
) -> None:
    page = await open_page(size=PHONE, locale="tg")
    phone = await Telephone.new(page, shared_demo.address, mode="sms", language="tg")
    await phone.writes("salom")
    for number in ["1", "1", "5", "2", "1", "2"]:
        await phone.answers(number)
    await phone.shows(8)
    await _keep(page, "simulator-sms-tg", folder, top=True)


async def test_screenshots_of_the_whole_story(
    shared_demo: Served, open_page: OpenPage, folder: Path
) -> None:
    base = shared_demo.address
    phone = await Telephone.new(
        await open_page(size=PHONE, locale="ky"), base, mode="telegram", language="ky"
    )
    await phone.writes("salamatsyzby")
    for data in OFFER[:9]:
        await phone.presses(data)
    await phone.presses_exist(OFFER[9])
    await _keep(phone.page, "simulator-telegram-ky", folder, top=True)
    for data in OFFER[9:]:
        await phone.presses(data)
    await phone.presses_exist("wait.waiting=cancel")

    desk = await open_page(size=DESKTOP, locale="ru")
    await sign_in(desk, base, "aigul")
    await _keep(desk, "console-queue-ru", folder)
    board = await open_page(size=DESKTOP, dark=True, locale="ky")
    await sign_in(board, base, "nurlan")
    await _keep(board, "console-queue-ky-dark", folder)

    await desk.keyboard.press("n")
    await desk.wait_for_url("**/console/talk/*")
    await desk.fill("#text", REPLY["ky"])
    await desk.click("#send")
    await expect(desk.locator("#talk-lines .line", has_text=REPLY["ky"])).to_be_visible()
    await phone.sees(REPLY["ky"])
    await _keep(desk, "console-conversation-ru", folder, top=True)
    await desk.locator("#screening").scroll_into_view_if_needed()
    await _keep(desk, "console-screening-ru", folder, top=True)
    await _as_others_see_it(desk, open_page, folder)
    await _passed_on(desk, phone, base, open_page, folder)


async def _as_others_see_it(desk: Page, open_page: OpenPage, folder: Path) -> None:
    """The same conversation on the operator's telephone, and in Kyrgyz in the dark."""
    state = await desk.context.storage_state()
    for name, size, dark, locale in (
        ("console-conversation-ky-dark", DESKTOP, True, "ky"),
        ("console-conversation-ru-phone", PHONE, False, "ru"),
    ):
        page = await open_page(size=size, dark=dark, locale=locale, storage_state=state)
        await page.goto(desk.url)
        if locale != "ru":
            await page.locator(f'a[href*="lang={locale}"], button[value="{locale}"]').first.click()
            await page.wait_for_load_state()
        await _keep(page, name, folder, top=True)


async def _passed_on(
    desk: Page, phone: Telephone, base: str, open_page: OpenPage, folder: Path
) -> None:
    talk = desk.url.split("#")[0]
    await desk.goto(talk)
    await desk.check('input[name="choice"][value="share"]')
    await desk.click('form[action$="/anonymity"] button')
    await desk.goto(f"{talk}/refer?service=legal")
    for name, text in FIELDS.items():
        await desk.fill(f'textarea[name="field.{name}"]', text)
    await desk.evaluate("scrollTo(0, 0)")
    await _keep(desk, "console-refer-ru", folder, top=True)
    await desk.click('form[method="post"] button.primary')
    await desk.wait_for_url("**/console/referral/*")
    await desk.click('form[action$="/ask"] button')
    await phone.presses_exist("consent.question=y")
    await _keep(phone.page, "simulator-consent-ky", folder, top=True)
    await phone.presses("consent.question=y")
    await desk.reload()
    await _keep(desk, "console-referral-ru", folder, top=True)
    await _portal(base, open_page, folder)


async def _portal(base: str, open_page: OpenPage, folder: Path) -> None:
    page = await open_page(size=PHONE, locale="ky")
    await sign_in(page, base, "tirek")
    await _in_language(page, "ky")
    await _keep(page, "portal-list-ky", folder)
    await page.locator('main a[href^="/portal/o/"]').first.click()
    await page.wait_for_url(re.compile(r"/portal/o/\w+$"))
    await _in_language(page, "tg")
    await _keep(page, "portal-preview-tg", folder)
    await page.click('a[href$="/accept"]')
    await page.click('form[action$="/accept"] button')
    await page.click('form[action$="/receipt"] button')
    await page.emulate_media(color_scheme="dark")
    await _in_language(page, "ky")
    await _keep(page, "portal-accepted-ky-dark", folder)


async def _in_language(page: Page, language: str) -> None:
    await page.locator(f'a[href*="lang={language}"], button[value="{language}"]').first.click()
    await page.wait_for_load_state()
    await expect(page.locator(f'html[lang="{language}"]')).to_be_attached()
