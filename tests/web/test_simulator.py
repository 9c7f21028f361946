"""The telephone of the demonstration, without a script: forms only."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from hotline.channels.base import Blocked, Button, Inbound, Message
from hotline.channels.simulator import Simulator
from hotline.core.reading import Kind
from hotline.db.transaction import DatabaseAway
from hotline.web.phones import Phones, sms_parts
from tests.web.conftest import MakeSite
from tests.web.site import Site, post, token_in


@pytest.fixture
def phones(tmp_path: Path) -> Phones:
    return Phones(
        tmp_path / "phones", clock=lambda: datetime(2026, 11, 21, 9, tzinfo=UTC), wake=lambda: None
    )


@pytest.fixture
def site(make_site: MakeSite, phones: Phones) -> Site:
    return make_site(phones=phones, channels=phones.channels())


async def new_phone(client: httpx.AsyncClient, mode: str, language: str = "ky") -> str:
    done = await post(client, "/simulator", "/simulator", mode=mode, language=language)
    assert done.status_code == 303
    return done.headers["location"]


def channel(site: Site, mode: str) -> Simulator:
    found = site.ctx.channels[mode]
    assert isinstance(found, Simulator)
    return found


async def test_what_is_typed_arrives_as_from_a_provider(site: Site) -> None:
    async with site.client() as client:
        for mode in ("telegram", "sms"):
            phone = await new_phone(client, mode)
            await post(client, phone, f"{phone}/write", text="Салам, \x00жардам керек")
            page = await client.get(phone)
            assert "Салам, жардам керек" in page.text
    telegram, sms = (delivery for _, delivery in site.received)
    assert isinstance(telegram, Inbound)
    assert isinstance(sms, Inbound)
    assert telegram.heard.text == sms.heard.text == "Салам, жардам керек"
    assert telegram.heard.language_hint == "ky"
    assert sms.address.startswith("+996000")
    assert telegram.external_id != sms.external_id


async def test_answers_appear_with_their_buttons_and_a_press_comes_back(site: Site) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        address = phone.rsplit("/", 1)[1]
        await channel(site, "telegram").send(
            address,
            Message(
                ("Is it <safe>?",),
                buttons=((Button("intake.safe=yes", "Ооба"), Button("intake.safe=no", "Жок")),),
            ),
        )
        page = await client.get(phone)
        assert "Is it &lt;safe&gt;?" in page.text
        assert page.text.count('name="data"') == 2
        await post(client, phone, f"{phone}/press", data="intake.safe=no")
    [(_, delivery)] = site.received
    assert isinstance(delivery, Inbound)
    assert (delivery.heard.kind, delivery.heard.button) == (Kind.BUTTON, "intake.safe=no")


async def test_bold_text_is_bold_and_nothing_else_becomes_markup(site: Site) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        text = (
            '<b>Hi &amp; bye</b> <a href="https://x.example/">here</a> <script>x</script>&lt;b&gt;'
        )
        await channel(site, "telegram").send(phone[11:], Message((text,), html=True))
        page = await client.get(phone)
    assert "<b>Hi &amp; bye</b> here &lt;script&gt;x&lt;/script&gt;&lt;b&gt;" in page.text


async def test_an_sms_is_counted_in_parts(site: Site) -> None:
    assert (sms_parts("a" * 160).parts, sms_parts("a" * 161).parts) == (1, 2)
    assert (sms_parts("ө" * 70).parts, sms_parts("ө" * 71).parts) == (1, 2)
    assert (sms_parts("a").alphabet, sms_parts("ө").alphabet) == ("GSM-7", "UCS-2")
    async with site.client() as client:
        phone = await new_phone(client, "sms")
        await post(client, phone, f"{phone}/write", text="ө" * 71)
        page = await client.get(f"{phone}?lang=en")
    assert "71 characters, 2 SMS, UCS-2" in page.text


async def test_place_photo_correction_and_blocking_reach_the_hotline(site: Site) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        await post(client, phone, f"{phone}/write", text="frist")
        for what in ("poster", "place", "photo", "block", "unblock"):
            done = await post(client, phone, f"{phone}/more", what=what)
            assert done.status_code == 303
        await post(client, phone, f"{phone}/more", what="edit", text="first")
        page = await client.get(phone)
    kinds = [d.heard.kind if isinstance(d, Inbound) else type(d) for _, d in site.received]
    assert kinds == [
        Kind.TEXT, Kind.START, Kind.LOCATION, Kind.PHOTO, Blocked, Blocked, Kind.EDIT,
    ]  # fmt: skip
    start = site.received[1][1]
    assert isinstance(start, Inbound)
    assert start.heard.source == "poster_osh_12"
    assert "first" in page.text


async def test_a_telephone_outlives_the_process(site: Site, tmp_path: Path) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "sms", "tg")
        await post(client, phone, f"{phone}/write", text="Салом")
        with (tmp_path / "phones" / f"{phone[11:]}.jsonl").open("a") as file:
            file.write('\n{"id": "half a li')  # killed while writing
    again = Phones(tmp_path / "phones", clock=lambda: datetime.now(UTC), wake=lambda: None)
    assert [b.text for b in again.bubbles(phone[11:])] == ["Салом"]
    again.show("+" + phone[11:], Message(("Ҷавоб",)), "p9")
    assert [b.text for b in again.bubbles(phone[11:])] == ["Салом", "Ҷавоб"]
    assert again.delete("+" + phone[11:], ("p9", "unknown")) == 1


async def test_a_line_that_did_not_arrive_says_so(site: Site) -> None:
    site.fail_receiving_with = DatabaseAway("gone")
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        answer = await post(client, phone, f"{phone}/write", text="are you there")
        assert answer.status_code == 503
        assert "are you there" in answer.text
        page = await client.get(f"{phone}?lang=en")
    assert "not delivered" in page.text


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\n\n"])
async def test_nothing_is_not_sent(site: Site, text: str) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        answer = await post(client, phone, f"{phone}/write", text=text)
    assert answer.status_code == 422
    assert site.received == []


async def test_long_texts_and_odd_letters_are_taken(site: Site) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        token = token_in((await client.get(phone)).text)
        for raw in ("a" * 10_000, "\u202eabc", "%ED%A0%80"):
            body = f"csrf={token}&text={raw}".encode()
            answer = await client.post(
                f"{phone}/write",
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code == 303
        assert (await client.get(phone)).status_code == 200
    assert len(site.received) == 3


@pytest.mark.parametrize("phone", ["1234567", "%2e%2e%2fusers", "a" * 300, "٣٣٣٣٣٣٣"])
async def test_a_telephone_that_does_not_exist(site: Site, phone: str) -> None:
    async with site.client() as client:
        assert (await client.get(f"/simulator/{phone}")).status_code == 404


async def test_a_telephone_that_was_put_away_rings_no_more(site: Site) -> None:
    async with site.client() as client:
        phone = await new_phone(client, "telegram")
        await post(client, phone, f"{phone}/forget")
        await channel(site, "telegram").send(phone[11:], Message(("late",)))
        assert (await client.get(phone)).status_code == 404
        overview = await client.get("/simulator")
    assert not re.search(r'href="/simulator/\d', overview.text)


async def test_a_channel_that_is_connected_for_real_is_out_of_reach(
    make_site: MakeSite, phones: Phones
) -> None:
    site = make_site(phones=phones, channels={})
    async with site.client() as client:
        answer = await post(client, "/simulator", "/simulator", mode="telegram", language="ru")
    assert answer.status_code == 404
