"""The portal as the worker of a partner uses it, and as a neighbour tries to."""

import re
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hotline.core.actor import Actor
from hotline.db.models.partner import Service
from hotline.referrals import service as referrals
from hotline.referrals.rules.matching import Needs
from hotline.web.app import declared
from hotline.web.portal.routes import GROUPS
from tests.integration.referrals.world import World, people
from tests.web.site import Site, post, token_in

OWN, OTHER = "shelter-one", "lawyers-two"
ROLES = ("aigul", "gulnara", "meerim", "asel", "timur", "admin")
NEEDS = Needs("shelter", sex="female", age_band="25_plus", languages=("ru",), oblast="osh")
TEXTS = {"safe_way": "canary <b>way</b>", "who_comes": "canary-who"}
LIMIT = 15 * 1024


def entry(code: str) -> dict[str, Any]:
    service = {"kind": "shelter", "oblast": "osh", "places_total": 5, "places_free": 2}
    return {
        "code": code,
        "name": {"ky": code, "ru": code, "tg": code},
        "services": [{**service, "eligibility": {"sex": ["female"]}}],
    }


@pytest.fixture
def world(site: Site) -> World:
    """An operator, a person, and both partners of the site in the directory."""
    content = {"partners": [entry(OWN), entry(OTHER)]}
    site.ctx.store.write(lambda tx: referrals.import_directory(tx, content, now=site.clock.now))
    world = World(site.ctx.store, now=site.clock.now, operator=Actor("user", "o" * 20, "OP"))
    world.partners = {OWN: "p" * 19 + "2", OTHER: "p" * 19 + "3"}
    people(world)
    return world


def offered(world: World, **more: Any) -> tuple[str, str]:
    referral_id = world.agreed(OWN, needs=NEEDS, **{"fields": TEXTS, **more})
    return referral_id, world.offer(referral_id, OWN).id


async def shown(site: Site, path: str, login: str = OWN) -> httpx.Response:
    async with site.client() as client:
        site.enter(client, login)
        return await client.get(path)


async def press(site: Site, world: World, offer: tuple[str, str], name: str, **fields: Any) -> Any:
    """Sends one form of the offer as the page would."""
    async with site.client() as client:
        site.enter(client, OWN)
        version = world.offer(offer[0], OWN).version
        path = f"/portal/o/{offer[1]}"
        return await post(client, "/account", f"{path}/{name}", **{"version": version, **fields})


async def test_from_the_list_to_the_outcome(site: Site, world: World) -> None:
    offer = offered(world)
    path = f"/portal/o/{offer[1]}"
    board = await shown(site, "/portal?lang=en")
    assert path in board.text
    assert "2 days left" in board.text or "3 days left" in board.text

    first = await shown(site, f"{path}?lang=en")
    assert first.status_code == 200
    assert "canary" not in first.text
    assert f"{path}/accept" in first.text
    asked = await shown(site, f"{path}/accept")
    assert 'method="post"' in asked.text

    answer = await press(site, world, offer, "accept")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = await shown(site, path)
    assert "canary &lt;b&gt;way" in page.text
    assert "canary-who" not in page.text  # behind the receipt
    await press(site, world, offer, "receipt")
    assert "canary-who" in (await shown(site, path)).text
    for name in ("attempt", "contact", "start"):
        assert (await press(site, world, offer, name)).status_code == 303
    done = await press(site, world, offer, "outcome", outcome="served_full")
    assert done.status_code == 303
    last = await shown(site, path)
    assert "canary" not in last.text
    assert path in (await shown(site, "/portal/history")).text
    assert path not in (await shown(site, "/portal")).text


async def test_declining_needs_a_reason_and_says_what_was_kept(site: Site, world: World) -> None:
    offer = offered(world)
    assert (await press(site, world, offer, "decline")).status_code == 422
    assert world.offer(offer[0], OWN).state == "OFFERED"
    assert (await press(site, world, offer, "decline", reason="no_place")).status_code == 303
    page = await shown(site, f"/portal/o/{offer[1]}?lang=en")
    assert "You declined this request" in page.text


async def test_an_old_page_changes_nothing(site: Site, world: World) -> None:
    offer = offered(world)
    old = world.offer(offer[0], OWN).version
    await press(site, world, offer, "accept")
    again = await press(site, world, offer, "accept", version=old)
    assert again.status_code == 409
    assert "<h1>" in again.text


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 40, "0" * 5000, "١"])
async def test_a_form_without_its_version_is_refused(
    site: Site, world: World, version: str
) -> None:
    offer = offered(world)
    answer = await press(site, world, offer, "accept", version=version)
    assert answer.status_code in {409, 422}
    assert world.offer(offer[0], OWN).state == "OFFERED"


async def test_without_the_forms_token_nothing_is_done(site: Site, world: World) -> None:
    offer = offered(world)
    async with site.client() as client:
        site.enter(client, OWN)
        answer = await client.post(f"/portal/o/{offer[1]}/accept", data={"version": "1"})
    assert answer.status_code == 403
    assert world.offer(offer[0], OWN).state == "OFFERED"


async def test_after_the_deadline_the_page_says_so(site: Site, world: World) -> None:
    offer = offered(world)
    site.clock.forward(days=3, minutes=1)
    page = await shown(site, f"/portal/o/{offer[1]}?lang=en")
    assert "The time to decide is over" in page.text
    assert "/accept" not in page.text
    assert (await press(site, world, offer, "accept")).status_code == 409


async def test_what_was_taken_back_is_gone_at_once(site: Site, world: World) -> None:
    offer = offered(world)
    await press(site, world, offer, "accept")
    world.withdraw()
    page = await shown(site, f"/portal/o/{offer[1]}?lang=en")
    assert "This was taken back" in page.text
    assert "canary" not in page.text
    assert (await press(site, world, offer, "receipt")).status_code == 409
    assert (await press(site, world, offer, "deleted")).status_code == 303
    assert "You need do nothing" in (await shown(site, f"/portal/o/{offer[1]}?lang=en")).text


async def test_whoever_comes_by_herself_brings_a_code(site: Site, world: World) -> None:
    offer = offered(world, fields={})
    await press(site, world, offer, "accept")
    code = world.offer(offer[0], OWN).arrival_code
    page = await shown(site, f"/portal/o/{offer[1]}")
    assert code is not None
    assert code not in page.text
    assert (await press(site, world, offer, "arrived", code="0")).status_code == 422
    assert (await press(site, world, offer, "arrived", code=code)).status_code == 303
    assert world.offer(offer[0], OWN).state == "CONTACT_MADE"


async def test_free_places_are_the_partners_own(site: Site, world: World) -> None:
    own = _service(site, world.partners[OWN])
    other = _service(site, world.partners[OTHER])
    async with site.client() as client:
        site.enter(client, OWN)
        page = await client.get("/portal/places")
        assert own in page.text
        assert other not in page.text
        for service, free, status in ((own, "4", 303), (other, "1", 404), (own, "6", 422),
                                      (own, "many", 422), (own, "-1", 422)):  # fmt: skip
            answer = await post(client, "/portal/places", f"/portal/places/{service}", free=free)
            assert answer.status_code == status
    assert _free(site, own) == 4
    assert _free(site, other) == 2


def _service(site: Site, partner_id: str) -> str:
    query = sa.select(Service.id).where(Service.partner_id == partner_id)
    return str(site.ctx.store.read(lambda tx: tx.conn.execute(query).scalar_one()))


def _free(site: Site, service_id: str) -> Any:
    query = sa.select(Service.places_free).where(Service.id == service_id)
    return site.ctx.store.read(lambda tx: tx.conn.execute(query).scalar_one())


# ---------------------------------------------------------------- who is kept out

ROUTES = [(route, method) for route in declared(GROUPS) for method in route.methods]
OF_AN_OFFER = [(r, m) for r, m in ROUTES if "/o/{id}" in r.path]
FIELDS = {"reason": "other", "outcome": "moved", "code": "1", "free": "1"}


async def _send(client: httpx.AsyncClient, method: str, path: str, version: int) -> httpx.Response:
    if method == "GET":
        return await client.get(path)
    page = await client.get("/account")
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    csrf = found[1] if found else ""
    return await client.post(path, data={"csrf": csrf, "version": version, **FIELDS})


STATES = ("OFFERED", "DISCLOSED", "ACKNOWLEDGED", "COMPLETED")


@pytest.mark.parametrize("state", STATES)
async def test_a_neighbour_finds_nothing_on_any_route(site: Site, world: World, state: str) -> None:
    offer = offered(world)
    steps: dict[str, dict[str, str]] = {
        "accept": {}, "receipt": {}, "contact": {}, "outcome": {"outcome": "moved"},
    }  # fmt: skip
    for name, fields in list(steps.items())[: (0, 1, 2, 4)[STATES.index(state)]]:
        await press(site, world, offer, name, **fields)
    before = world.offer(offer[0], OWN)
    assert before.state == state
    async with site.client() as client:
        site.enter(client, OTHER)
        for route, method in OF_AN_OFFER:
            path = route.path.replace("{id}", offer[1])
            answer = await _send(client, method, path, before.version)
            assert answer.status_code == 404, f"{method} {route.path}"
            assert "canary" not in answer.text
            nobody = await _send(client, method, route.path.replace("{id}", "q" * 20), 0)
            assert nobody.status_code == 404
            assert _plain(nobody.text) == _plain(answer.text)  # the two cannot be told apart
        for path in ("/portal", "/portal/history", "/portal/places"):
            assert offer[1] not in (await client.get(path)).text
    assert world.offer(offer[0], OWN) == before


def _plain(html: str) -> str:
    """Without form tokens and without the address itself, which links of the frame repeat."""
    return re.sub(r"[0-9a-f]{64}|/portal/o/[a-z0-9]{20}", "", html)


@pytest.mark.parametrize("login", [*ROLES, None])
async def test_nobody_else_comes_in(site: Site, world: World, login: str | None) -> None:
    offer = offered(world)
    await press(site, world, offer, "accept")
    before = world.offer(offer[0], OWN)
    async with site.client() as client:
        if login is not None:
            site.enter(client, login)
        for route, method in ROUTES:
            answer = await _send(
                client, method, route.path.replace("{id}", offer[1]), before.version
            )
            if login is None and method == "GET" and not route.passive:
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/sign-in")
            else:
                assert answer.status_code in {401, 403, 404}, f"{method} {route.path}"
            assert "canary" not in answer.text
    assert world.offer(offer[0], OWN) == before


def test_every_route_has_a_permit() -> None:
    assert len(ROUTES) >= 16
    assert all(route.permit for route, _ in ROUTES)


# ---------------------------------------------------------------- a phone on a slow line


@pytest.mark.parametrize("language", ["ky", "ru", "tg", "en"])
async def test_pages_are_small_and_name_nobody(site: Site, world: World, language: str) -> None:
    offer = offered(world)
    alias = world.row(offer[0]).alias
    paths = ["/portal", "/portal/places", "/portal/history", f"/portal/o/{offer[1]}"]
    paths += [f"/portal/o/{offer[1]}/{name}" for name in ("accept", "decline")]
    for path in paths:
        page = await shown(site, f"{path}?lang={language}")
        assert page.status_code == 200
        assert len(page.content) < LIMIT
        title = re.search(r"<title>(.*?)</title>", page.text)
        assert title is not None
        assert alias not in title[1]
        assert alias not in str(page.url)
        assert "style=" not in page.text
        assert token_in(page.text)


@pytest.mark.usefixtures("world")
async def test_an_empty_list_says_what_to_expect(site: Site) -> None:
    page = await shown(site, "/portal?lang=en", OTHER)
    assert "Nothing waits for your decision" in page.text
    assert "No service of yours" not in (await shown(site, "/portal/places?lang=en", OTHER)).text
