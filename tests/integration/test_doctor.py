"""What the doctor finds, and what it does not when everything is there."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from hotline import crypto
from hotline.accounts import passwords, users
from hotline.bootstrap import announce, doctor
from hotline.bootstrap.content import ROOT
from hotline.bootstrap.doctor import Level
from hotline.cases.tasks import repository as tasks
from hotline.channels.telegram import TelegramChannel
from hotline.cli import app
from hotline.config import Settings
from hotline.db.transaction import Store, make_engine
from hotline.referrals import service as referrals
from tests.standins.telegram import SECRET, TOKEN, TelegramStandin
from tests.standins.twilio import TwilioStandin
from tests.support.world import content

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PUBLIC = "https://hotline.example"


def said(found, area: str | None = None, level: Level = Level.MISSING) -> list[str]:
    return [f.sentence for f in found if f.level is level and area in {None, f.area}]


# ------------------------------------------------------------------ settings and keys


def test_a_bare_installation_is_told_each_missing_thing() -> None:
    found = list(doctor.about_settings(Settings()))
    assert [s.split()[0] for s in said(found)] == [
        "HOTLINE_PUBLIC_URL", "HOTLINE_KEY_FILE", "HOTLINE_TELEGRAM_TOKEN",
    ]  # fmt: skip


def test_a_demonstration_and_an_unknown_zone_are_named() -> None:
    found = said(doctor.about_settings(Settings(demo=True, timezone="Asia/Nowhere")))
    assert any("HOTLINE_DEMO" in s for s in found)
    assert any("HOTLINE_TIMEZONE" in s for s in found)


def test_a_key_file_open_to_others_is_found(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    crypto.new_key_file(path)
    assert list(doctor.about_keys(Settings(key_file=str(path)))) == []
    path.chmod(0o644)
    assert "600" in said(doctor.about_keys(Settings(key_file=str(path))))[0]


# ------------------------------------------------------------------ database


@pytest.fixture
def store(database_url: str):
    opened = Store(make_engine(database_url))
    yield opened
    opened.close()


def add_user(tx, login: str, role: str, *, is_demo: bool = False) -> str:
    return users.add_user(
        tx, login=login, alias=login, role=role, now=NOW, is_demo=is_demo,
        password_hash=passwords.hash_password("a long pass phrase", passwords.LIGHT),
    )  # fmt: skip


def test_an_empty_database_lacks_sites_partners_people_and_a_worker(database_url: str) -> None:
    found = tuple(doctor.about_database(Settings(database_url=database_url), now=NOW))
    areas = {f.area for f in found if f.level is Level.MISSING}
    assert areas == {"processes", "accounts", "database", "directory"}
    assert len(said(found, "accounts")) == 3


def test_what_is_there_is_not_asked_for(database_url: str, store: Store) -> None:
    def work(tx) -> None:
        tasks.beat(tx, "jobs", now=NOW - timedelta(seconds=20))
        users.add_site(tx, code="osh", name={"ru": "Ош"}, hours={}, now=NOW)
        for role in ("OP", "SO", "AD"):
            add_user(tx, f"someone-{role.lower()}", role)
        service = {
            "kind": "shelter", "oblast": "osh", "languages": ["ru"], "verified": "2026-11-01",
        }  # fmt: skip
        listing = yaml.safe_load((ROOT / "flows/demo/directory.yaml").read_text("utf-8"))
        partner = dict(listing["partners"][0])
        partner["services"] = [{**partner["services"][0], **service}]
        referrals.import_directory(tx, {"partners": [partner]}, now=NOW)

    store.write(work)
    found = tuple(doctor.about_database(Settings(database_url=database_url), now=NOW))
    assert said(found) == []
    # They exist, but none of them has proved a second factor.
    assert len(said(found, "accounts", Level.ADVICE)) == 3
    later = tuple(
        doctor.about_database(Settings(database_url=database_url), now=NOW + timedelta(days=100))
    )
    assert any("100" in s or "minutes" in s for s in said(later, "processes"))
    assert any("90 days" in s for s in said(later, "directory"))


def test_demonstration_accounts_in_earnest_are_found(database_url: str, store: Store) -> None:
    store.write(lambda tx: add_user(tx, "demo.op", "OP", is_demo=True))
    settings = Settings(database_url=database_url)
    assert any("demonstration account" in s for s in said(doctor.about_database(settings, now=NOW)))
    demo = replace(settings, demo=True)
    assert not any("demonstration account" in s for s in said(doctor.about_database(demo, now=NOW)))


def test_missing_migrations_are_counted(empty_database_url: str) -> None:
    found = tuple(doctor.about_database(Settings(database_url=empty_database_url), now=NOW))
    assert len(found) == 1
    assert "hotline db upgrade" in found[0].sentence


def test_a_database_that_is_away_is_one_sentence_without_its_password() -> None:
    url = "postgresql://somebody:canary-word@127.0.0.1:1/none?connect_timeout=1"
    found = tuple(doctor.about_database(Settings(database_url=url), now=NOW))
    assert len(found) == 1
    assert "cannot be reached" in found[0].sentence
    assert "canary" not in found[0].sentence


# ------------------------------------------------------------------ what people are shown


def test_every_unconfirmed_number_and_unsigned_fact_is_named() -> None:
    found = tuple(doctor.about_content(ROOT / "flows", today=date(2026, 11, 21)))
    files = content().files
    unsigned = {
        intent
        for intent, body in files.answers.items()
        if any(f.get("said") and not f.get("signed_off") for f in body["facts"])
    }
    assert len(said(found, "facts")) == len(unsigned)
    assert any("kg_stop_traffic_189" in s for s in said(found, "contacts"))
    assert said(found, "answers") == []
    late = tuple(doctor.about_content(ROOT / "flows", today=date(2028, 1, 1)))
    assert len(said(late, "answers")) == len(files.answers)
    assert all("expired" in s for s in said(late, "replies"))


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    copy = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", copy)
    return copy


def test_signing_off_and_calling_takes_the_sentence_away(flows: Path) -> None:
    register = yaml.safe_load((flows / "contacts.yaml").read_text("utf-8"))
    for row in register["contacts"]:
        row |= {"number": row["number"] or "1", "status": "verified", "tested_on": "2026-11-20"}
    (flows / "contacts.yaml").write_text(yaml.safe_dump(register, allow_unicode=True), "utf-8")
    for path in (flows / "answers").glob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("signed_off: null", "signed_off: expert"))
    replies = (flows / "replies.yaml").read_text("utf-8")
    (flows / "replies.yaml").write_text(replies.replace("approver: demonstration", "approver: a.b"))
    assert said(doctor.about_content(flows, today=date(2026, 11, 21))) == []


def test_a_number_known_to_be_old_is_found_where_a_text_names_it(flows: Path) -> None:
    register = yaml.safe_load((flows / "contacts.yaml").read_text("utf-8"))
    for row in register["contacts"]:
        if row["id"] == "kg_child_111":
            row["status"] = "old"
    (flows / "contacts.yaml").write_text(yaml.safe_dump(register, allow_unicode=True), "utf-8")
    found = said(doctor.about_content(flows, today=date(2026, 11, 21)), "contacts")
    assert any("kg_child_111" in s and "out of date" in s for s in found)


# ------------------------------------------------------------------ providers


@pytest.fixture
async def tg() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as standin:
        yield standin


@pytest.fixture
async def tw() -> AsyncIterator[TwilioStandin]:
    async with TwilioStandin() as standin:
        yield standin


def telegram_settings(tg: TelegramStandin) -> Settings:
    return Settings(
        public_url=PUBLIC, telegram_token=TOKEN, telegram_secret=SECRET,
        telegram_api_url=tg.base_url, send_timeout=10,
    )  # fmt: skip


async def test_the_start_tells_telegram_and_the_doctor_is_content(tg: TelegramStandin) -> None:
    settings = telegram_settings(tg)
    before = said(await doctor.about_channels(settings))
    assert any("nowhere" in s for s in before)
    channel = TelegramChannel(TOKEN, SECRET, api_url=tg.base_url)
    await announce.announce(settings, channel, content().words, polling=False)
    assert tg.webhook is not None
    assert (tg.webhook.url, tg.webhook.secret) == (f"{PUBLIC}/hooks/telegram", SECRET)
    assert set(tg.commands) == {"", "ky", "ru", "tg"}
    assert [c["command"] for c in tg.commands["ky"]] == list(announce.COMMANDS)
    assert tg.commands[""] == tg.commands["ru"]
    after = await doctor.about_channels(settings)
    assert said(after) == []
    assert any("@StandInHotlineBot" in s for s in said(after, level=Level.NOTE))
    await announce.announce(settings, channel, content().words, polling=True)
    assert tg.webhook is None
    await channel.close()


async def test_a_token_that_is_refused_is_a_warning_at_the_start(tg: TelegramStandin) -> None:
    wrong = replace(telegram_settings(tg), telegram_token="1:wrong")
    channel = TelegramChannel("1:wrong", SECRET, api_url=tg.base_url)
    await announce.announce(wrong, channel, content().words, polling=False)
    await channel.close()
    found = said(await doctor.about_channels(wrong), "channels")
    assert len(found) == 1
    assert "telegram" in found[0]
    assert "wrong" not in found[0]


async def test_how_the_number_stands_at_twilio(tw: TwilioStandin) -> None:
    settings = Settings(
        public_url=PUBLIC, twilio_account_sid=tw.account, twilio_auth_token=tw.auth_token,
        twilio_from=tw.number, twilio_api_url=tw.base_url, send_timeout=10,
    )  # fmt: skip
    tw.deliver_to("http://127.0.0.1:9", public=PUBLIC)
    tw.account_type = "Trial"
    found = await doctor.about_channels(settings)
    assert [s for s in said(found) if "trial" in s]
    assert len(said(found)) == 1
    assert any("fallback" in s for s in said(found, level=Level.ADVICE))
    assert any("retry" in s for s in said(found, level=Level.ADVICE))
    foreign = await doctor.about_channels(replace(settings, twilio_from="+15005550001"))
    assert any("HOTLINE_TWILIO_FROM" in s for s in said(foreign))


# ------------------------------------------------------------------ the command


def test_the_command_ends_with_one_while_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["missing"] == sum(f["level"] == "missing" for f in found["found"]) > 3
    areas = {f["area"] for f in found["found"]}
    assert {"settings", "database", "contacts", "facts"} <= areas


async def test_the_bots_menu_is_understood_as_typed_text() -> None:
    """What the menu offers must do something: each command is more than an unknown word."""
    from hotline.core.reading import Expects, Heard, Kind
    from tests.support.world import understanding

    for name in announce.COMMANDS[1:]:
        read = understanding().read(
            Heard(Kind.TEXT, f"/{name}"), Expects(), today=date(2026, 11, 21)
        )
        assert read.command is not None, name
