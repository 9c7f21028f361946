"""Signing in through the pages, as a counsellor and as somebody who should not get in."""

import re

import pytest

from hotline.accounts import logins, passwords, users
from hotline.audit import service as audit
from tests.web.conftest import MakeSite
from tests.web.site import PASSWORD, Site, post, token_in


async def test_password_and_code_lead_to_the_console(site: Site) -> None:
    async with site.client() as client:
        done = await site.sign_in(client, "aigul")
        assert (done.status_code, done.headers["location"]) == (303, "/console")
        account = await client.get("/account")
    assert account.status_code == 200
    assert "Айгүл" in account.text
    assert site.ctx.store.read(audit.verify) is None


async def test_the_password_alone_opens_nothing(site: Site) -> None:
    async with site.client() as client:
        await post(client, "/sign-in", "/sign-in", login="aigul", password=PASSWORD)
        page = await client.get("/account")
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in/code")


async def test_a_used_code_is_refused(site: Site) -> None:
    async with site.client() as client:
        await site.sign_in(client, "aigul")
        used = site.code("aigul")
    async with site.client() as other:
        await post(other, "/sign-in", "/sign-in", login="aigul", password=PASSWORD)
        again = await post(other, "/sign-in/code", "/sign-in/code", code=used)
        assert again.status_code == 403
        page = await other.get("/account")
    assert page.headers["location"] == "/sign-in/code"


async def test_unknown_account_and_wrong_password_look_the_same(site: Site) -> None:
    pages = []
    for login in ("aigul", "nobody-here"):
        async with site.client() as client:
            page = await post(client, "/sign-in", "/sign-in", login=login, password="wrong " * 4)
            assert page.status_code == 403
            text = re.sub(r'name="csrf" value="\w+"', "", page.text)
            pages.append(text.replace(login, "LOGIN"))
    assert pages[0] == pages[1]


async def test_failures_are_slowed_down_and_a_colleague_is_not(site: Site) -> None:
    async with site.client(address="192.0.2.7") as known:
        await site.sign_in(known, "aigul")
    async with site.client(address="192.0.2.66") as attacker:
        answers = [
            (await post(attacker, "/sign-in", "/sign-in", login="aigul", password="no")).status_code
            for _ in range(8)
        ]
        assert answers[:4] == [403] * 4
        assert answers[5:] == [429] * 3
        right = await post(attacker, "/sign-in", "/sign-in", login="aigul", password=PASSWORD)
        assert right.status_code == 429
    async with site.client(address="192.0.2.7") as known:
        assert (await site.sign_in(known, "aigul")).status_code == 303


async def test_a_new_session_ends_the_old_one(site: Site) -> None:
    async with site.client() as first, site.client() as second:
        await site.sign_in(first, "aigul")
        await site.sign_in(second, "aigul")
        assert (await first.get("/account")).status_code == 303
        assert (await second.get("/account")).status_code == 200


async def test_signing_out_ends_the_login_at_once(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        kept = client.cookies["hotline"]
        await post(client, "/account", "/sign-out")
    async with site.client(cookies={"hotline": kept}) as thief:
        assert (await thief.get("/account")).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(30, 200), (32, 303)])
async def test_idle_logins_end(site: Site, minutes: int, status: int) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        site.clock.forward(minutes=minutes)
        assert (await client.get("/account")).status_code == status


async def test_a_busy_login_ends_after_twelve_hours(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        for _ in range(35):
            site.clock.forward(minutes=20)
            assert (await client.get("/account")).status_code == 200
        site.clock.forward(minutes=21)
        assert (await client.get("/account")).status_code == 303


async def test_a_changed_role_ends_the_login(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        user_id = site.user_id("aigul")
        site.ctx.store.write(lambda tx: users.change_role(tx, user_id, "CO", now=site.clock.now))
        assert (await client.get("/account")).status_code == 303


async def test_first_sign_in_sets_up_everything(site: Site) -> None:
    first = "four unrelated words here"
    site.ctx.store.write(
        lambda tx: users.add_user(
            tx,
            login="new.person",
            alias="New",
            role="OP",
            password_hash=passwords.hash_password(first, passwords.LIGHT),
            now=site.clock.now,
        )
    )
    async with site.client() as client:
        await post(client, "/sign-in", "/sign-in", login="new.person", password=first)
        assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in/enrol"
        page = await client.get("/sign-in/enrol")
        picture = await client.get("/sign-in/enrol.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "style" not in picture.text
        secret = re.search(r'class="mono">([A-Z2-7 ]+)<', page.text)
        assert secret is not None
        from hotline.accounts import second_factor

        code = second_factor.current(secret[1].replace(" ", ""), site.clock.now)
        shown = await client.post(
            "/sign-in/enrol", data={"csrf": token_in(page.text), "code": code}
        )
        codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", shown.text)
        assert len(set(codes)) == 10
        assert (await client.get("/account")).headers["location"] == "/account/password"
        assert (await client.get("/sign-in/enrol.svg")).status_code == 404
        done = await post(
            client,
            "/account/password",
            "/account/password",
            password=first,
            new="plum kettle harbour eleven",
            again="plum kettle harbour eleven",
        )
        assert done.headers["location"] == "/account"
        assert (await client.get("/account")).status_code == 200
    async with site.client() as other:
        password = "plum kettle harbour eleven"
        await post(other, "/sign-in", "/sign-in", login="new.person", password=password)
        assert (
            await post(other, "/sign-in/code", "/sign-in/code", code=codes[3].upper())
        ).status_code == 303
    async with site.client() as third:
        await post(third, "/sign-in", "/sign-in", login="new.person", password=password)
        again = await post(third, "/sign-in/code", "/sign-in/code", code=codes[3])
        assert again.status_code == 403


@pytest.mark.parametrize(
    "new", ["short", "aaaaaaaaaaaaaaaa", "123456789012", "hotlinehotline", "my-aigul-secret-x"]
)
async def test_weak_passwords_are_refused(site: Site, new: str) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        page = await post(
            client, "/account/password", "/account/password", password=PASSWORD, new=new, again=new
        )
        assert page.status_code == 422
    attempt = site.ctx.store.write(
        lambda tx: logins.begin(
            tx, site.ctx.keys, login="aigul", address="x", now=site.clock.now, with_demo=True
        )
    )
    assert passwords.verify(attempt.stored, PASSWORD)


async def test_only_paths_of_our_own_are_followed(site: Site) -> None:
    async with site.client() as client:
        for onward in ("//evil.example/", "//evil/", "https://evil.example", "/\\evil", "/account"):
            site.clock.forward(seconds=60)
            await post(client, "/sign-in", "/sign-in", login="aigul", password=PASSWORD)
            done = await post(
                client, "/sign-in/code", "/sign-in/code", code=site.code("aigul"), next=onward
            )
            wanted = "/account" if onward == "/account" else "/console"
            assert done.headers["location"] == wanted
            await post(client, "/account", "/sign-out")


async def test_demonstration_accounts_open_nothing_outside_demonstration_mode(
    make_site: MakeSite,
) -> None:
    site = make_site(settings={"demo": False})
    async with site.client() as client:
        page = await post(client, "/sign-in", "/sign-in", login="aigul", password=PASSWORD)
        assert page.status_code == 403
        site.enter(client, "aigul")
        assert (await client.get("/account")).status_code == 303


async def test_fresh_recovery_codes_need_the_password(site: Site) -> None:
    async with site.client() as client:
        site.enter(client, "aigul")
        wrong = await post(client, "/account", "/account/codes", password="something else")
        right = await post(client, "/account", "/account/codes", password=PASSWORD)
    assert wrong.status_code == 403
    pattern = r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>"
    assert re.findall(pattern, wrong.text) == []
    assert len(set(re.findall(pattern, right.text))) == 10
