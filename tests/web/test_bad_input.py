"""Whatever arrives, somebody gets a clear answer, and never a 500."""

from unittest import mock

import pytest

from hotline.accounts import logins
from hotline.db.transaction import DatabaseAway, Store
from tests.web.site import Site, token_in

FORM = "application/x-www-form-urlencoded"
MULTI = "multipart/form-data; boundary=x"

BODIES = [
    pytest.param(b"login=%00%ed%a0%80%ff&password=a", FORM, 403, id="NUL and broken UTF-8"),
    pytest.param(b"\xff\xfe\x00=\x00&&&===&%zz=%", FORM, 403, id="no form at all"),
    pytest.param("login=\u202eabc&password=\u200f".encode(), FORM, 403, id="right-to-left marks"),
    pytest.param(b"login=" + b"a" * 100_000, FORM, 403, id="long login"),
    pytest.param(b"login=a&" * 5000, FORM, 400, id="very many fields"),
    pytest.param(b"{", "application/json", 400, id="JSON"),
    pytest.param(b"hello", "text/plain", 400, id="plain text"),
    pytest.param(b"\x00", "", 400, id="no type"),
    pytest.param(b"--x\r\nbroken", MULTI, 403, id="multipart that breaks off"),
    pytest.param(b"--y\r\n\r\n--y--", "multipart/form-data", 400, id="no boundary"),
    pytest.param(b"x" * 300_000, FORM, 413, id="too large"),
]


@pytest.mark.parametrize(("body", "kind", "status"), BODIES)
async def test_bad_bodies_get_a_clear_answer(
    site: Site, body: bytes, kind: str, status: int
) -> None:
    async with site.client() as client:
        token = token_in((await client.get("/sign-in")).text)
        if kind == FORM and status == 403:
            body = body + b"&csrf=" + token.encode()
        answer = await client.post("/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


async def test_a_body_that_hides_its_length_is_cut_off(site: Site) -> None:
    sent = 0

    async def endless():
        nonlocal sent
        for _ in range(1000):
            sent += 10_000
            yield b"a" * 10_000

    async with site.client() as client:
        answer = await client.post("/sign-in", content=endless(), headers={"Content-Type": FORM})
    assert answer.status_code == 413
    assert sent < 400_000


@pytest.mark.parametrize(
    "path",
    ["/%00", "/%ff%fe", "/" + "a" * 5000, "/..%2f..%2fetc/passwd", "/static/..%2fapp.py", "/?lang=%00",
     "/sign-in?next=%0d%0aSet-Cookie:x", "/simulator/%00", "/simulator/..%2f..%2fx"],
)  # fmt: skip
async def test_odd_addresses(site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    assert answer.status_code in {200, 404}
    assert "x" not in answer.cookies


async def test_odd_cookies(site: Site) -> None:
    odd = {"hotline": "x" * 5000, "visit": "a.b", "said": "%%%.0", "lang": "<script>", "theme": "'"}
    header = "; ".join(f"{name}={value}" for name, value in odd.items())
    async with site.client() as client:
        answer = await client.get("/sign-in", headers={"Cookie": header})
        account = await client.get("/account", headers={"Cookie": header})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert account.status_code == 303


async def test_wrong_methods(site: Site) -> None:
    async with site.client() as client:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            assert (await client.request(method, "/sign-in")).status_code == 405


async def test_without_a_database_the_answer_says_so_and_nothing_more(site: Site) -> None:
    away = mock.AsyncMock(side_effect=DatabaseAway("gone"))
    async with site.client() as client:
        site.enter(client, "aigul")
        token = token_in((await client.get("/account")).text)
        with mock.patch.object(Store, "aread", away), mock.patch.object(Store, "awrite", away):
            start = await client.get("/")
            health = await client.get("/health")
            ready = await client.get("/ready")
            account = await client.get("/account")
            change = await client.post("/account/language", data={"csrf": token, "language": "ky"})
        after = await client.get("/account")
    assert (start.status_code, health.status_code) == (200, 200)
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    for answer in (account, change):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
    assert after.status_code == 200


async def test_a_mistake_of_ours_shows_no_words_and_logs_none(
    site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = "canary-word-of-a-person"
    with mock.patch.object(logins, "look", side_effect=RuntimeError(marker)):
        async with site.client(cookies={"hotline": "x" * 43}) as client:
            answer = await client.get("/account")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    out, err = capfd.readouterr()
    assert marker not in answer.text + out + err
    assert "RuntimeError" in out + err


async def test_typed_text_is_shown_again_when_the_login_has_ended(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/simulator/123456/write", data={"text": "my long reply <b>"})
    assert answer.status_code in {403, 404}
    assert "my long reply &lt;b&gt;" in answer.text


@pytest.mark.parametrize(("age", "status"), [(30, 200), (119, 200), (121, 503)])
async def test_ready_looks_at_the_processes(make_site, age: int, status: int) -> None:
    from datetime import timedelta

    from tests.web.site import NOW

    site = make_site(
        heartbeats=lambda _tx: {"jobs": NOW - timedelta(seconds=age)},
        expected_heartbeats=("jobs",),
    )
    async with site.client() as client:
        answer = await client.get("/ready")
    assert answer.status_code == status
    assert "jobs" not in answer.text


async def test_ready_misses_a_process_that_never_came(make_site) -> None:
    site = make_site(heartbeats=lambda _tx: {}, expected_heartbeats=("jobs",))
    async with site.client() as client:
        assert (await client.get("/ready")).status_code == 503
