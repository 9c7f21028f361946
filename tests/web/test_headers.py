"""Headers, cookies and form tokens: on every answer, for every page."""

import re
from pathlib import Path

import pytest

from hotline.web.pagemaker import HERE
from tests.web.conftest import MakeSite
from tests.web.site import PASSWORD, Site, post, token_in

EVERYWHERE = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/nothing", "/health", "/account", "/static/nothing", "/static/app.css"],
)
async def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value, name
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "geolocation=()" in answer.headers["permissions-policy"]


async def test_files_with_their_hash_may_be_kept(site: Site) -> None:
    async with site.client() as client:
        page = await client.get("/")
        style = re.search(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', page.text)
        assert style is not None
        answer = await client.get(style[1])
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "template", sorted((HERE / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_no_template_writes_script_or_style_into_the_page(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|\|\s*safe\b", text)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert "csrf" in form or "hidden()" in form, form[:80]


def test_sheet_and_script_stay_small() -> None:
    assert (HERE / "static" / "app.css").stat().st_size < 12_288
    assert (HERE / "static" / "app.js").stat().st_size < 5_120


async def test_cookies_are_bound_to_this_host_under_https(make_site: MakeSite) -> None:
    site = make_site(settings={"public_url": "https://hotline.test"})
    async with site.client(base_url="https://hotline.test") as client:
        shown = await client.get("/sign-in")
        done = await client.post(
            "/sign-in",
            data={"csrf": token_in(shown.text), "login": "aigul", "password": PASSWORD},
        )
    for answer in (shown, done):
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
                assert word.lower() in cookie.lower()
            assert "domain" not in cookie.lower()
    assert any(c.startswith("__Host-hotline=") for c in done.headers.get_list("set-cookie"))


async def test_a_form_without_its_token_changes_nothing(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ю" * 64}):
            answer = await client.post("/account/language", data={"language": "tg", **token})
            assert answer.status_code == 403
        page = await client.get("/account")
        assert '<option value="tg" selected' not in page.text


async def test_a_token_of_another_login_is_refused(site: Site) -> None:
    async with site.client() as mine, site.client() as other:
        site.enter(mine, "aigul")
        site.enter(other, "elena")
        token = token_in((await other.get("/account")).text)
        answer = await mine.post("/account/language", data={"csrf": token, "language": "tg"})
    assert answer.status_code == 403


async def test_another_site_cannot_send_our_forms(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        token = token_in((await client.get("/account")).text)
        answer = await client.post(
            "/account/language",
            data={"csrf": token, "language": "tg"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
    assert answer.status_code == 403


async def test_what_was_said_after_a_change_is_shown_once(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        done = await post(client, "/account", "/account/language", language="en")
        first = await client.get(done.headers["location"])
        second = await client.get("/account")
        client.cookies.set("said", "Rm9yZ2Vk.0000", domain="hotline.test", path="/")
        forged = await client.get("/account")
    assert "Your language is saved." in first.text
    assert "Your language is saved." not in second.text
    assert "Forged" not in forged.text


async def test_language_and_colours_are_chosen_by_link_and_kept(site: Site) -> None:
    async with site.client() as client:
        await client.get("/sign-in?lang=tg&theme=dark")
        page = await client.get("/sign-in")
        assert '<html lang="tg" data-theme="dark">' in page.text
        page = await client.get("/sign-in?lang=xx&theme=pink")
        assert '<html lang="tg" data-theme="dark">' in page.text
    async with site.client(headers={"Accept-Language": "de, ky;q=0.8"}) as client:
        assert '<html lang="ky">' in (await client.get("/sign-in")).text
