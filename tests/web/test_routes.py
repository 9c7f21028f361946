"""Every registered route against every role: nothing is open by mistake."""

import re

import httpx
import pytest

from hotline.accounts.doors import ACTIONS
from hotline.web.app import GROUPS, create_app, declared
from hotline.web.routing import DEMO, HALF_WAY, HOOK, PUBLIC, Call, Pages, Route
from tests.web.conftest import MakeSite
from tests.web.doors_table import DEMO_ONLY, TABLE
from tests.web.site import Site, token_in

LOGINS = {
    "OP": "aigul",
    "SO": "gulnara",
    "CO": "meerim",
    "NG": "shelter-one",
    "CE": "asel",
    "AU": "timur",
    "AD": "admin",
}
NOBODY = "q" * 20


def names(route: Route) -> list[str]:
    return [f"{method} {route.path}" for method in route.methods]


def address(path: str) -> str:
    """The path with an id of nothing that exists."""
    return re.sub(r"\{[^}]*\}", NOBODY, path)


ROUTES = [(name, route) for route in declared() for name in names(route)]


def test_every_route_is_in_the_table_and_the_table_lists_nothing_else() -> None:
    assert sorted(name for name, _ in ROUTES) == sorted(TABLE)


def test_every_route_has_a_permit_that_exists() -> None:
    known = {PUBLIC, DEMO, HALF_WAY, HOOK, *ACTIONS}
    assert [name for name, route in ROUTES if route.permit not in known] == []


def test_nothing_is_served_beside_the_declared_routes(site: Site) -> None:
    served = {route.path for route in site.app.app.routes}
    assert served == {route.path for route in declared()} | {"/static"}


def expected(roles: str, role: str) -> bool:
    """Whether the table lets this role in, whatever it then finds."""
    if roles == "all":
        return True
    if roles in {"in", "half"}:
        return role != "nobody"
    return role in roles.split()


def was_shut_out(answer: httpx.Response, role: str) -> bool:
    if answer.status_code == 303:
        to = answer.headers["location"]
        return to.startswith("/sign-in?next=") or (to == "/sign-in" and role == "nobody")
    return answer.status_code in {401, 403}


ANSWERS_403_TO_WRONG_PASSWORDS = {"POST /sign-in", "POST /account/codes"}


@pytest.mark.parametrize("role", [*LOGINS, "nobody"])
async def test_each_role_enters_where_the_table_says(site: Site, role: str) -> None:
    wrong = []
    for name, _ in ROUTES:
        if name not in TABLE:
            continue  # named by the first test
        if (
            TABLE[name] == "hook"
            or name.endswith("/live")
            or name in ANSWERS_403_TO_WRONG_PASSWORDS
        ):
            continue  # tested by themselves; a live stream has the permit of its page
        async with site.client() as client:
            if role in LOGINS:
                site.enter(client, LOGINS[role])
            answer = await _ask(client, name)
        if answer.status_code >= 500 or was_shut_out(answer, role) == expected(TABLE[name], role):
            wrong.append(f"{name}: {answer.status_code} for {role}")
    assert wrong == []


async def _ask(client: httpx.AsyncClient, name: str) -> httpx.Response:
    method, path = name.split(" ", 1)
    if method == "GET":
        return await client.get(address(path))
    page = await client.get("/account")
    if page.status_code != 200:
        page = await client.get("/sign-in")
    data = {"csrf": token_in(page.text)} if "csrf" in page.text else {}
    return await client.post(address(path), data=data)


async def test_a_route_without_a_permit_is_shut_for_everybody(site: Site) -> None:
    forgotten = Pages()

    @forgotten.route("/forgotten")
    async def page(_call: Call) -> httpx.Response:
        raise AssertionError("a page without a permit was shown")

    site.app = create_app(site.ctx, (*GROUPS, forgotten))
    for login in LOGINS.values():
        async with site.client() as client:
            site.enter(client, login)
            assert (await client.get("/forgotten")).status_code == 403


@pytest.mark.parametrize("path", ["/console", "/portal"])
async def test_strangers_are_sent_to_sign_in(site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    assert answer.status_code in {303, 404}


async def test_the_demonstration_does_not_exist_outside_demonstration_mode(
    make_site: MakeSite,
) -> None:
    site = make_site(settings={"demo": False})
    async with site.client() as client:
        for name, _ in ROUTES:
            method, path = name.split(" ", 1)
            if path.startswith(DEMO_ONLY):
                answer = await client.request(method, address(path))
                assert answer.status_code == 404, name
        start = await client.get("/")
    assert "aigul" not in start.text
    assert "/simulator" not in start.text
