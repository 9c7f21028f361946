"""The whole story in a real browser: telephone, console, portal; from first message to outcome."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.driving import Telephone, sign_in, sound, tab_to
from tests.support.chromium import DESKTOP, PHONE, OpenPage
from tests.support.serving import Served

OFFER = (
    "start.safe=y", "menu.top=offer", "safety.A2=none", "safety.A3=adult", "about.R1=KG",
    "about.R2=n", "about.R3=friend", "offer.B01=n", "offer.B02=y", "offer.B03=u", "offer.B04=n",
    "offer.B05=u", "offer.B06=y", "offer.B07=n", "offer.B08=y", "offer.B09=no", "offer.B10=y",
    "offer.B11=close", "wait.window=h24",
)  # fmt: skip

REPLY = "Саламатсызбы, мен сиз менен биргемин."
SAFE_WAY = "Эже аркылуу, кечинде"

pytestmark = pytest.mark.slow


async def test_from_first_message_to_outcome_with_telegram(
    demo: Served, open_page: OpenPage
) -> None:
    """A telephone in Kyrgyz, an operator by keyboard, a partner without script in Tajik."""
    phone = await Telephone.new(
        await open_page(size=PHONE, locale="ky"), demo.address, mode="telegram", language="ky"
    )
    await phone.writes("salamatsyzby")
    for data in OFFER:
        await phone.presses(data)
    await phone.presses_exist("wait.waiting=cancel")
    await sound(phone.page)
    desk = await open_page(size=DESKTOP, locale="ky")
    await _by_keyboard(desk, demo.address)
    await phone.sees(REPLY)
    await _passes_on(desk, phone)
    await _partner(await open_page(size=PHONE, locale="tg", javascript=False), demo.address, phone)
    await sound(phone.page)


async def _by_keyboard(desk: Page, base: str) -> None:
    """Signs in, takes the next conversation, reads why, and answers; no mouse."""
    await _keyboard_sign_in(desk, base, "aigul")
    await sound(desk)
    await desk.keyboard.press("n")
    await desk.wait_for_url("**/console/talk/*")
    await expect(desk.locator("#screening")).to_contain_text("H5")
    await sound(desk)
    await desk.keyboard.press("r")
    await desk.keyboard.type(REPLY)
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#talk-lines .line", has_text=REPLY)).to_be_visible()
    await expect(desk.locator("#text")).to_have_value("")


async def _keyboard_sign_in(desk: Page, base: str, login: str) -> None:
    from tests.browser.driving import PASSWORD, PATIENCE, code_of

    desk.set_default_timeout(PATIENCE)
    await desk.goto(f"{base}/sign-in")
    await tab_to(desk, 'input[name="login"]')
    await desk.keyboard.type(login)
    await tab_to(desk, 'input[name="password"]')
    await desk.keyboard.type(PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/sign-in/code*")
    await tab_to(desk, 'input[name="code"]')
    await desk.keyboard.type(code_of(login))
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/console")


async def _passes_on(desk: Page, phone: Telephone) -> None:
    """Consent is asked by the bot; the person says yes; the request goes out by itself."""
    talk = desk.url
    await tab_to(desk, 'input[name="choice"]')
    share = desk.locator('input[name="choice"][value="share"]')
    for _ in range(3):
        if await share.is_checked():
            break
        await desk.keyboard.press("ArrowDown")
    await expect(share).to_be_checked()
    await desk.keyboard.press("Enter")
    await desk.wait_for_load_state()
    await desk.goto(f"{talk.split('#')[0]}/refer")
    await desk.select_option('select[name="service"]', "legal")
    await desk.click("form[method=get] button")
    await sound(desk)
    await desk.fill('textarea[name="field.safe_way"]', SAFE_WAY)
    await desk.click('form[method="post"] button.primary')
    await desk.wait_for_url("**/console/referral/*")
    await sound(desk)
    await desk.click('form[action$="/ask"] button')
    await phone.presses("consent.question=y")
    await desk.goto(talk.split("#")[0])
    await (
        desk.locator("details", has=desk.locator('form[action$="/back"]'))
        .locator("summary")
        .click()
    )
    await desk.click('form[action$="/back"] button')
    await desk.wait_for_url("**/console")


async def _partner(page: Page, base: str, phone: Telephone) -> None:
    """Without script, on a phone: sees little, accepts, sees what was agreed, reports."""
    await sign_in(page, base, "tirek")
    await expect(page.locator("main")).not_to_contain_text(SAFE_WAY)
    await page.locator('main a[href^="/portal/o/"]').first.click()
    await expect(page.locator("main")).not_to_contain_text(SAFE_WAY)
    await page.click('a[href$="/accept"]')
    await page.click('form[action$="/accept"] button')
    await expect(page.locator("main")).to_contain_text(SAFE_WAY)
    for step in ("receipt", "attempt", "contact", "start"):
        await page.click(f'form[action$="/{step}"] button')
    await page.click('a[href$="/outcome"]')
    await page.check('input[name="outcome"][value="served_full"]')
    await page.click('form[action$="/outcome"] button')
    await expect(page.locator("main")).not_to_contain_text(SAFE_WAY)
    assert page.problems == []  # type: ignore[attr-defined]
    await phone.sees("Тирек")


async def test_by_sms_with_numbers_and_without_script(demo: Served, open_page: OpenPage) -> None:
    """A telephone in Tajik: the check of an offer by numbers, to the promise of a person."""
    page = await open_page(size=PHONE, locale="tg", javascript=False)
    phone = await Telephone.new(page, demo.address, mode="sms", language="tg", script=False)
    await phone.writes("salom")
    # safe, offer, nothing now, adult, Russia, not soon, agency, B01 to B10; who may write until when
    for number in [
        "1",
        "1",
        "5",
        "2",
        "2",
        "2",
        "1",
        "2",
        "1",
        "2",
        "2",
        "3",
        "1",
        "1",
        "1",
        "1",
        "1",
        "1",
    ]:
        await phone.answers(number)
    await phone.shows(19)
    await sound(await _with_script(page, open_page))
    assert page.problems == []  # type: ignore[attr-defined]
    assert "Traceback" not in demo.log


async def _with_script(page: Page, open_page: OpenPage) -> Page:
    """The same telephone in a browser that runs scripts, for the tools that need them."""
    other = await open_page(size=PHONE, locale="tg")
    await other.goto(page.url)
    return other
