"""A counsellor judges before she sees; values are decided; figures show nobody."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.cases.agreement import repository
from hotline.conversation.repository import steps
from hotline.web.app import create_app
from tests.support.answering import CALM_WORK, HELLO, Person
from tests.support.databases import Databases
from tests.web.console_site import Console, make_console

SERIOUS = {**CALM_WORK, "C04": ["hold"], "C06": "y", "C07": "n", "go_on": "go_on"}


@pytest.fixture
async def console(databases: Databases, tmp_path: Path) -> AsyncIterator[Console]:
    url = databases.fresh("sqlite")
    made = make_console(url, tmp_path)
    yield made
    await made.world.close()
    databases.drop(url)


def blind(console: Console) -> None:
    """The switch of the settings."""
    site = console.site
    site.ctx = replace(site.ctx, mind=replace(console.world.app.mind, blind=True))
    site.app = create_app(site.ctx)


async def screened(console: Console, number: int = 1) -> Person:
    one = Person(console.world, console.world.phone(f"10{number:02}"))
    await one.begins(HELLO["ru"])
    await one.gives("help")
    await one.answers(SERIOUS)
    return one


def one_of(page: str, name: str) -> list[str]:
    return [unescape(v) for v in re.findall(rf'name="{name}" value="([^"]*)"', page)]


async def test_the_level_is_withheld_until_her_own_is_stored(console: Console) -> None:
    blind(console)
    await screened(console)
    client = console.signed_in("aigul")
    where = await console.take(client)
    page = (await client.get(where)).text
    assert f"{where}/judgement" in page
    for told in ("WithholdsDocuments", "COD.", "I2", 'class="signs"', "/value", "/level", "P0"):
        assert told not in page, told
    # An override would be a judgement with open eyes: refused before the blind one.
    refused = await console.post(client, where, f"{where}/level", level="LOW", reason="x")
    assert refused.status_code == 409
    answer = await console.post(client, where, f"{where}/judgement", level="HIGH")
    assert answer.status_code == 303
    page = (await client.get(where)).text
    assert "I2" in page
    assert "WithholdsDocuments" in page
    again = await console.post(client, where, f"{where}/judgement", level="LOW")
    assert again.status_code == 409
    found = console.world.read(
        lambda tx: tx.conn.execute(
            sa.text(
                "select j.kind, j.level, a.level from judgements j"
                " join assessments a on a.id = j.assessment_id"
            )
        ).all()
    )
    assert [tuple(row) for row in found] == [("blind", "HIGH", "IMMEDIATE")]


async def test_switched_off_nothing_is_withheld(console: Console) -> None:
    await screened(console)
    client = console.signed_in("aigul")
    page = (await client.get(await console.take(client))).text
    assert "/judgement" not in page
    assert "I2" in page


async def test_each_value_is_confirmed_or_rejected_by_the_counsellor(console: Console) -> None:
    await screened(console)
    client = console.signed_in("aigul")
    where = await console.take(client)
    keys = one_of((await client.get(where)).text, "key")
    assert "vic_MethodsOfControl:RestrictsMovement" in keys
    for key, decision in (
        ("vic_MethodsOfControl:RestrictsMovement", "confirm"),
        ("vic_MethodsOfControl:WithholdsDocuments", "reject"),
    ):
        done = await console.post(client, where, f"{where}/value", key=key, decision=decision)
        assert done.status_code == 303
    for wrong in ({"key": "nothing", "decision": "confirm"}, {"key": keys[0], "decision": "maybe"}):
        refused = await console.post(client, where, f"{where}/value", **wrong)
        assert refused.status_code in {400, 409, 422}
    other = console.signed_in("nurlan")
    stolen = await console.post(
        other, "/console", f"{where}/value", key=keys[0], decision="confirm"
    )
    assert stolen.status_code == 403


async def test_the_figures_are_for_supervisors_and_hide_small_numbers(console: Console) -> None:
    day = console.world.clock.moment.date().isoformat()

    def rows(count: int, outcome: str, step: str = "work.C09") -> list[dict]:
        return [
            {"day": day, "step": step, "channel": "telegram", "language": "ru",
             "outcome": outcome, "seconds": 9}
        ] * count  # fmt: skip

    made = [
        *rows(200, "asked"), *rows(100, "answered"), *rows(60, "refused"), *rows(20, "moved"),
        *rows(7, "asked", "work.C10"), *rows(7, "refused", "work.C10"),
    ]  # fmt: skip
    console.world.write(lambda tx: steps.add(tx, made))
    for login in ("aigul", "asel", "timur", "admin"):
        refused = await console.signed_in(login).get("/console/agreement")
        assert refused.status_code == 403, login
    client = console.signed_in("gulnara")
    page = (await client.get("/console/agreement?channel=telegram&language=ru")).text
    row = re.search(r"work\.C09</span></th>(.*?)</tr>", page, re.DOTALL)[1]
    cells = [c.strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", row)]
    assert cells[0] == "200"
    assert cells[1] == "50 %"
    assert cells[3] == "30 %"
    few = re.search(r"work\.C10</span></th>(.*?)</tr>", page, re.DOTALL)[1]
    assert "7" not in re.sub(r"<[^>]*>", "", few)
    assert "100 %" not in few
    other = (await client.get("/console/agreement?channel=sms&language=tg")).text
    assert "work.C09" not in other
    odd = await client.get("/console/agreement?channel=../x&language=%00")
    assert odd.status_code == 200


async def test_two_levels_of_one_case_become_a_pair(console: Console) -> None:
    blind(console)
    for number in range(1, 4):
        await screened(console, number)
        client = console.signed_in("aigul")
        where = await console.take(client)
        await console.post(client, where, f"{where}/judgement", level="HIGH")
        await console.post(client, where, f"{where}/back", note="")
    since = console.world.clock.moment - timedelta(days=1)
    found = console.world.read(lambda tx: repository.pairs(tx, since=since, demo=True))
    assert found == (("IMMEDIATE", "HIGH"),) * 3
    page = (await console.signed_in("gulnara").get("/console/agreement")).text
    table = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    assert not re.search(r"<td>\s*\d+\s*</td>", table)  # three cases are too few to be told
