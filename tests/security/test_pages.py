"""What a page does with an address, a number or a date that nobody of ours would send."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.audit import service as audit
from tests.web.console_site import Console, make_console
from tests.web.site import token_in


@pytest.fixture
async def console(database_url: str, tmp_path: Path) -> AsyncIterator[Console]:
    made = make_console(database_url, tmp_path)
    yield made
    await made.world.close()


@pytest.mark.parametrize("wrong", ["%00", "x%00y", "%C3%28", "%ED%A0%80", "a" * 900, "%0d%0aX:y"])
async def test_an_id_that_can_be_none_is_not_found_on_both_databases(
    console: Console, wrong: str
) -> None:
    client = console.signed_in("gulnara")
    for path in (f"/console/talk/{wrong}", f"/console/referral/{wrong}",
                 f"/console/talk/{wrong}/file/{wrong}"):  # fmt: skip
        answer = await client.get(path)
        assert answer.status_code in {403, 404}, path
        assert "x:y" not in str(answer.headers).lower()
    partner = console.signed_in("shelter-one") if _has(console, "shelter-one") else None
    if partner is not None:
        assert (await partner.get(f"/portal/o/{wrong}")).status_code == 404


def _has(console: Console, login: str) -> bool:
    from hotline.accounts import users
    from hotline.core.errors import NotFound

    try:
        console.world.read(lambda tx: users.by_login(tx, login))
    except NotFound:
        return False
    return True


async def test_numbers_and_dates_without_end_are_refused_and_break_nothing(
    console: Console,
) -> None:
    await console.person()
    client = console.signed_in("aigul")
    where = await console.take(client)
    token = token_in((await client.get(where)).text)
    long = "1" * 6000
    tries = [
        ("callback", {"day": "0001-01-01", "time": "00:00"}),
        ("callback", {"day": "9999-12-31", "time": "23:59"}),
        ("callback", {"day": long, "time": long}),
        ("class", {"class": "P3", "version": long, "reason": "x"}),
        ("refer", {"service": "shelter", f"partner.{'q' * 20}": long}),
        ("refer", {"service": "shelter", f"partner.{'q' * 20}": "٣"}),
        ("refer", {"service": "shelter", f"partner.{'q' * 20}": "1", "field.nothing": "x"}),
        ("note", {"note": "x" * 5000}),
        ("reply", {"text": "x" * 5000}),
        ("insert", {"reply": "x" * 100}),
        ("close", {"reason": "no such reason"}),
    ]
    for step, fields in tries:
        answer = await client.post(f"{where}/{step}", data={"csrf": token, **fields})
        assert answer.status_code in {403, 404, 409, 422}, (step, answer.status_code)
    assert (await client.get(where)).status_code == 200


async def test_a_list_of_referrals_that_is_read_leaves_its_row(console: Console) -> None:
    client = console.signed_in("aigul")
    await client.get("/console/referrals")
    rows = console.world.read(lambda tx: audit.latest(tx, tag="case:record:listed"))
    assert len(rows) == 1


@pytest.mark.parametrize(
    "bad",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/%2f/evil", "javascript:x"],
)
async def test_where_to_go_after_signing_in_is_a_page_of_ours(console: Console, bad: str) -> None:
    client = console.site.client()
    page = await client.get("/sign-in", params={"next": bad})
    fields = {"csrf": token_in(page.text), "login": "aigul", "next": bad}
    answer = await client.post("/sign-in", data={**fields, "password": "open-the-line-189"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in/code"
