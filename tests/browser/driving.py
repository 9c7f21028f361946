"""Hands on the pages: a telephone of the simulator, somebody signing in, a walk by keyboard."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.async_api import Page, expect

from hotline.accounts import second_factor
from tests.support.chromium import NARROWEST, axe

PASSWORD = "open-the-line-189"
PATIENCE = 60_000  # milliseconds: two cores are shared by everybody


@dataclass
class Telephone:
    """One telephone of the simulator, open in `page`. Works with and without script."""

    page: Page
    base: str
    script: bool = True

    @classmethod
    async def new(
        cls, page: Page, base: str, *, mode: str, language: str, script: bool = True
    ) -> "Telephone":
        page.set_default_timeout(PATIENCE)
        await page.goto(f"{base}/simulator")
        form = page.locator(f'form.card:has(input[name="mode"][value="{mode}"])')
        await form.locator("select").select_option(language)
        await form.locator("button").click()
        await page.wait_for_url("**/simulator/*")
        return cls(page, base, script)

    async def writes(self, text: str) -> None:
        await self.page.locator("#type").fill(text)
        await self.page.locator("form.typebar button").click()

    async def presses(self, data: str) -> None:
        """The newest button with this answer."""
        button = self.page.locator(f'.keys form:has(input[value="{data}"]) button').last
        await self._look_for(button)
        await button.click()

    async def answers(self, number: str) -> None:
        """By SMS: waits for a new line in which this number stands before an answer."""
        for _ in range(240):
            lines = self.page.locator("#lines .line")
            last = lines.last
            classes = await last.get_attribute("class") or ""
            text = await last.inner_text()
            if "them" in classes and re.search(rf"(^|\s){number}[.)=]? \S", text):
                break
            await self.page.wait_for_timeout(250)
            if not self.script:
                await self.page.reload()
        else:
            raise AssertionError(f"no question with an answer {number}")
        await self.writes(number)
        if self.script:
            await expect(self.page.locator("#type")).to_have_value("")

    async def shows(self, count: int) -> None:
        """At least so many lines came."""
        lines = self.page.locator("#lines .line.them")
        await self._look_for(lines.nth(count - 1))

    async def presses_exist(self, data: str) -> None:
        """A button with this answer is there."""
        await self._look_for(
            self.page.locator(f'.keys input[value="{data}"]').last.locator("xpath=..")
        )

    async def sees(self, text: str) -> None:
        await self._look_for(self.page.locator("#lines .line.them", has_text=text).last)

    async def _look_for(self, wanted: object) -> None:
        """Without script nothing comes by itself: the page is loaded anew until it is there."""
        for _ in range(60):
            try:
                await expect(wanted).to_be_visible(timeout=1_000)  # type: ignore[arg-type]
            except AssertionError:
                if not self.script:
                    await self.page.reload()
            else:
                return
        await expect(wanted).to_be_visible(timeout=1_000)  # type: ignore[arg-type]


def code_of(login: str) -> str:
    """What the authenticator of a demonstration account shows now."""
    return second_factor.current(second_factor.demo_secret(login), datetime.now(UTC))


async def sign_in(page: Page, base: str, login: str) -> None:
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{base}/sign-in")
    await page.fill('input[name="login"]', login)
    await page.fill('input[name="password"]', PASSWORD)
    await page.click("main form button")
    await page.wait_for_url("**/sign-in/code*")
    await page.fill('input[name="code"]', code_of(login))
    await page.click("main form button")
    await page.wait_for_url(lambda url: "/sign-in" not in url)


async def tab_to(page: Page, selector: str, *, most: int = 150) -> None:
    """Goes there with the Tab key alone, as somebody without a mouse does."""
    for _ in range(most):
        if await page.evaluate(
            "selector => Boolean(document.activeElement?.matches(selector))", selector
        ):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


async def sound(page: Page) -> None:
    """No complaint of the browser, no serious finding, nothing to scroll sideways at 320 px."""
    assert page.problems == []  # type: ignore[attr-defined]
    assert await axe(page) == []
    await fits(page)


async def fits(page: Page) -> None:
    size = page.viewport_size
    await page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROWEST[0], f"{page.url} is {wide} px wide on a small phone"
    if size is not None:
        await page.set_viewport_size(size)
