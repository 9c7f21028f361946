"""What providers may and may not do at our doors, with a channel that does as it is told."""

import pytest

from hotline.channels.base import Delivery, Inbound, Malformed, Receipt, Request
from hotline.core.reading import Heard
from hotline.db.transaction import DatabaseAway
from tests.web.conftest import MakeSite
from tests.web.site import Site


class Fake:
    """`secret` opens it; the body says what it parses to."""

    carries_buttons = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[Request] = []
        self.acknowledged: list[str] = []

    def verify(self, request: Request) -> bool:
        self.seen.append(request)
        return request.headers.get("x-secret") == "right"

    def parse(self, request: Request) -> tuple[Delivery, ...]:
        if request.body == b"broken":
            raise Malformed("no")
        if request.body == b"unknown kind":
            return ()
        if request.body == b"receipt":
            return (Receipt(self.name, "r1", "p1", "delivered"),)
        return (Inbound(self.name, "1", "addr", Heard(text="hi"), callback_ref="cb1"),)

    async def acknowledge(self, callback_ref: str) -> None:
        self.acknowledged.append(callback_ref)


RIGHT = {"X-Secret": "right"}
HOOKS = ["/hooks/telegram", "/hooks/twilio", "/hooks/twilio/status"]


@pytest.fixture
def fakes() -> dict[str, Fake]:
    return {"telegram": Fake("telegram"), "sms": Fake("sms")}


@pytest.fixture
def site(make_site: MakeSite, fakes: dict[str, Fake]) -> Site:
    return make_site(channels=fakes, settings={"public_url": "https://line.example"})


@pytest.mark.parametrize("path", HOOKS)
@pytest.mark.parametrize("headers", [{}, {"X-Secret": "wrong"}, {"X-Secret": ""}])
async def test_without_the_secret_nothing_is_taken(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    async with site.client() as client:
        answer = await client.post(path, content=b"hello", headers=headers)
    assert answer.status_code in {401, 403}
    assert answer.text == ""
    assert site.received == []


@pytest.mark.parametrize("path", HOOKS)
async def test_a_message_is_handed_over_and_then_acknowledged(
    site: Site, fakes: dict[str, Fake], path: str
) -> None:
    async with site.client() as client:
        answer = await client.post(f"{path}?a=1&b=%20", content=b"hello", headers=RIGHT)
    assert answer.status_code in {200, 204}
    [(channel, delivery)] = site.received
    assert isinstance(delivery, Inbound)
    fake = fakes["telegram" if "telegram" in path else "sms"]
    assert channel is fake
    assert fake.acknowledged == ["cb1"]
    assert fake.seen[0].url == f"https://line.example{path}?a=1&b=%20"
    assert fake.seen[0].body == b"hello"


async def test_twilio_gets_an_answer_that_says_nothing_to_the_person(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/hooks/twilio", content=b"hello", headers=RIGHT)
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response></Response>")


@pytest.mark.parametrize("path", HOOKS)
async def test_an_unreadable_body_is_refused_and_an_unknown_kind_is_not(
    site: Site, path: str
) -> None:
    async with site.client() as client:
        broken = await client.post(path, content=b"broken", headers=RIGHT)
        unknown = await client.post(path, content=b"unknown kind", headers=RIGHT)
        large = await client.post(path, content=b"x" * 300_000, headers=RIGHT)
    assert (broken.status_code, large.status_code) == (400, 413)
    assert unknown.status_code in {200, 204}
    assert site.received == []


@pytest.mark.parametrize("path", HOOKS)
@pytest.mark.parametrize("problem", [DatabaseAway("gone"), RuntimeError("words of a person")])
async def test_what_was_not_written_is_not_acknowledged(
    site: Site,
    fakes: dict[str, Fake],
    path: str,
    problem: Exception,
    capfd: pytest.CaptureFixture[str],
) -> None:
    site.fail_receiving_with = problem
    async with site.client() as client:
        answer = await client.post(path, content=b"hello", headers=RIGHT)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert fakes["telegram"].acknowledged == fakes["sms"].acknowledged == []
    out, err = capfd.readouterr()
    assert "words of a person" not in answer.text + out + err


async def test_a_channel_that_is_not_connected_has_no_door(make_site: MakeSite) -> None:
    site = make_site()
    async with site.client() as client:
        for path in HOOKS:
            assert (await client.post(path, content=b"hello", headers=RIGHT)).status_code == 404


async def test_hooks_answer_to_nothing_but_post(site: Site) -> None:
    async with site.client() as client:
        for path in HOOKS:
            assert (await client.get(path, headers=RIGHT)).status_code == 405
