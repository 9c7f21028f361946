"""The flow page: the real picture, real counts, nothing small and nobody in it."""

import re
from functools import cache

import pytest

from hotline.conversation.repository import steps
from hotline.flow.bundle import Bundle
from hotline.i18n import sources, words
from tests.support.flows import ROOT, bundle, files


@cache
def catalogue():
    return words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))


@pytest.fixture
def site(make_site):
    return make_site(bundle=bundle(), words=catalogue())


def rows(step, count, outcome, *, channel="telegram", language="ru", seconds=0):
    return [
        {
            "day": None, "step": step, "channel": channel, "language": language,
            "outcome": outcome, "seconds": seconds,
        }
        for _ in range(count)
    ]  # fmt: skip


def fill(site, *groups):
    day = site.clock.now.date().isoformat()
    made = [{**row, "day": day} for group in groups for row in group]
    site.ctx.store.write(lambda tx: steps.add(tx, made))


def cells(page, step):
    """The numbers of one question's row."""
    row = re.search(rf'<a href="#{re.escape(step)}">.*?</tr>', page, re.DOTALL)
    assert row, step
    found = re.findall(r'<td class="num">(.*?)</td>', row[0], re.DOTALL)
    return ["" if "aria-hidden" in one else one for one in found]


async def page_of(site, address, login="gulnara"):
    client = site.client()
    site.enter(client, login)
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_page_shows_the_picture_and_what_people_did(site):
    fill(
        site,
        rows("menu.top", 100, "asked"),
        rows("menu.top", 60, "answered", seconds=20),
        rows("menu.top", 15, "moved"),
        rows("menu.top", 40, "asked_again"),
    )
    page = await page_of(site, "/console/flows/menu")
    assert 'class="flow-picture"' in page
    assert 'id="menu.top"' in page
    assert "style=" not in page
    asked, answered, moved, silent, drop, *_more = cells(page, "menu.top")
    assert (asked, answered, moved, silent, drop) == ("100", "60", "15", "25", "25%")
    assert "20 " in cells(page, "menu.top")[6]


async def test_small_numbers_and_what_would_reveal_them_are_hidden(site):
    fill(
        site,
        rows("menu.top", 100, "asked"),
        rows("menu.top", 95, "answered", seconds=7),
        rows("menu.rest", 10, "asked"),
        rows("menu.rest", 10, "answered"),
    )
    page = await page_of(site, "/console/flows/menu")
    assert cells(page, "menu.top")[:5] == ["100", "", "", "", ""]
    assert cells(page, "menu.top")[6] == ""
    assert set(cells(page, "menu.rest")) == {""}


async def test_a_channel_does_not_reveal_the_other_one(site):
    fill(
        site,
        rows("menu.top", 95, "asked"),
        rows("menu.top", 50, "answered"),
        rows("menu.top", 5, "asked", channel="sms"),
        rows("menu.top", 5, "answered", channel="sms"),
    )
    whole = await page_of(site, "/console/flows/menu")
    assert cells(whole, "menu.top")[0] == "100"
    for view in ("telegram", "sms"):
        page = await page_of(site, f"/console/flows/menu?view={view}")
        assert set(cells(page, "menu.top")) == {""}, view


async def test_a_language_is_shown_where_enough_people_use_it(site):
    fill(
        site,
        rows("menu.top", 40, "asked", language="ky"),
        rows("menu.top", 20, "answered", language="ky"),
        rows("menu.top", 50, "asked"),
        rows("menu.top", 30, "answered"),
    )
    page = await page_of(site, "/console/flows/menu?view=ky")
    assert cells(page, "menu.top")[0] == "40"
    assert cells(page, "menu.top")[1] == ""  # 20 answered, 20 silent, but nobody went elsewhere


async def test_an_unknown_view_is_everybody_and_an_unknown_flow_is_not_found(site):
    assert 'aria-current="true"' in await page_of(site, "/console/flows/menu?view=%27")
    client = site.client()
    site.enter(client, "asel")
    assert (await client.get("/console/flows/nothing")).status_code == 404
    assert (await client.get("/console/flows/common")).status_code == 404


@pytest.mark.parametrize("flow", [f.name for f in bundle().flows.values() if f.steps])
async def test_every_flow_has_its_page(site, flow):
    page = await page_of(site, f"/console/flows/{flow}", login="asel")
    for step in site.ctx.bundle.flows[flow].steps.values():
        assert f'id="{step.key}"' in page


def test_the_site_has_real_flows(site):
    assert isinstance(site.ctx.bundle, Bundle)
