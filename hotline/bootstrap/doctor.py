"""What is missing before real people may write, one sentence each.

Nothing here changes anything. Each check stands alone: what it cannot find out is a finding too,
and never keeps the others from being made.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hotline import config, library
from hotline.accounts import users as accounts
from hotline.accounts.values import User
from hotline.bootstrap import announce, app as apps
from hotline.bootstrap.content import ROOT
from hotline.cases.tasks import repository as tasks
from hotline.channels.base import SendError
from hotline.channels.telegram import TelegramChannel, TelegramSetup
from hotline.channels.twilio_sms import SmsState, TwilioSms
from hotline.config import Settings
from hotline.crypto import KeysUnusable
from hotline.db import migrate
from hotline.db.transaction import DatabaseAway, Store, Tx, make_engine
from hotline.flow.checks.finding import Severity
from hotline.flow.contacts import OUR_LINE
from hotline.i18n import project
from hotline.referrals import service as referrals

BEAT_LATE: Final = timedelta(minutes=2)
"""The processes that send and run timers write a heartbeat every quarter of a minute."""

MANY_WAITING: Final = 100
"""Updates that Telegram holds for us before it is worth saying."""

_NAMED: Final = re.compile(r"\{contact:([a-z0-9_]+)\}")
_ROLES_NEEDED: Final = ("OP", "SO", "AD")


class Level(StrEnum):
    """`MISSING` must be put right before going live; `ADVICE` should be looked at; `NOTE` says how
    things stand."""

    MISSING = "missing"
    ADVICE = "advice"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to do. `area` is a code: settings, keys, database, flows, channels, ..."""

    area: str
    level: Level
    sentence: str

    def to_mapping(self) -> dict[str, str]:
        return asdict(self)


def examine(settings: Settings, *, now: datetime) -> tuple[Found, ...]:
    """Every check; asks the providers that have settings, each within its time limit."""
    checks: tuple[tuple[str, Callable[[], Iterable[Found]]], ...] = (
        ("settings", lambda: about_settings(settings)),
        ("keys", lambda: about_keys(settings)),
        ("database", lambda: about_database(settings, now=now)),
        ("flows", lambda: about_flows(now=now)),
        ("content", lambda: about_content(Path(settings.flows_dir), today=now.date())),
        ("channels", lambda: asyncio.run(about_channels(settings))),
    )
    found: list[Found] = []
    for area, check in checks:
        try:
            found += check()
        except Exception as error:  # noqa: BLE001 - the other checks must still be made
            sentence = f"This could not be checked ({type(error).__name__})."
            found.append(Found(area, Level.MISSING, sentence))
    return tuple(found)


def _missing(area: str, sentence: str) -> Found:
    return Found(area, Level.MISSING, sentence)


def _advice(area: str, sentence: str) -> Found:
    return Found(area, Level.ADVICE, sentence)


def _note(area: str, sentence: str) -> Found:
    return Found(area, Level.NOTE, sentence)


# ------------------------------------------------------------------ settings and keys


def about_settings(settings: Settings) -> Iterator[Found]:
    for problem in config.problems_for_production(settings):
        yield _missing("settings", problem)
    if settings.demo:
        yield _missing("settings", "HOTLINE_DEMO is set: this is a demonstration.")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield _missing("settings", "HOTLINE_TIMEZONE is not the name of a time zone.")
    if settings.has_telegram and not settings.has_sms:
        yield _advice("settings", "There is no SMS: people without Telegram cannot write.")
    if settings.has_sms and not settings.has_telegram:
        yield _advice("settings", "There is no Telegram: people abroad will hardly write by SMS.")


def about_keys(settings: Settings) -> Iterator[Found]:
    if not settings.keys and not settings.key_file:
        return  # said with the settings; the keys of a demonstration need no check
    try:
        apps.load_keys(settings)
    except KeysUnusable as wrong:
        yield _missing("keys", str(wrong))
        return
    if settings.keys:
        yield _advice(
            "keys", "The keys come from HOTLINE_KEYS; a file with mode 600 is seen by fewer eyes."
        )


# ------------------------------------------------------------------ database


def about_database(settings: Settings, *, now: datetime) -> Iterator[Found]:
    try:
        waiting = migrate.pending(settings.database)
    except Exception as error:  # noqa: BLE001 - a driver may raise anything; its text may hold a password
        name = type(getattr(error, "orig", None) or error).__name__
        yield _missing("database", f"The database cannot be reached ({name}).")
        return
    if waiting:
        yield _missing(
            "database",
            f"The database lacks {len(waiting)} migration(s): run `hotline db upgrade`.",
        )
        return
    store = Store(make_engine(settings.database))
    try:
        if store.is_sqlite:
            yield _advice("database", "SQLite serves one process on one machine; see docs.")
        yield from store.read(lambda tx: tuple(_rows(tx, settings, now=now)))
    except DatabaseAway as away:
        yield _missing("database", f"The database cannot be reached ({away}).")
    finally:
        store.close()


def _rows(tx: Tx, settings: Settings, *, now: datetime) -> Iterator[Found]:
    yield from _heartbeat(tasks.beats(tx), now=now)
    people = accounts.listed(tx)
    yield from about_accounts(people)
    demonstration = [user for user in people if user.is_demo]
    if demonstration and not settings.demo:
        yield _missing(
            "database",
            f"There are {len(demonstration)} demonstration account(s) with a known password in "
            "this database: start with a fresh one.",
        )
    if not accounts.sites(tx):
        yield _missing("database", "There is no site yet: hours and duty are unknown.")
    lines = referrals.listing(tx, now=now)
    if not lines:
        yield _missing(
            "directory", "There is no partner yet: `hotline directory import` brings them in."
        )
    old = sum(1 for line in lines if line.unverified)
    if old:
        yield _missing(
            "directory", f"{old} service(s) of partners were verified by nobody for 90 days."
        )


def _heartbeat(beats: Mapping[str, datetime], *, now: datetime) -> Iterator[Found]:
    last = beats.get("jobs")
    if last is None:
        yield _missing(
            "processes", "Nothing sends lines or runs timers yet: start `hotline worker`."
        )
    elif now - last > BEAT_LATE:
        minutes = int((now - last).total_seconds() // 60)
        yield _missing("processes", f"Nothing has sent lines or run timers for {minutes} minutes.")


def about_accounts(people: Iterable[User]) -> Iterator[Found]:
    """Who may sign in, and how well that is guarded."""
    active = [user for user in people if user.disabled_at is None]
    for role in _ROLES_NEEDED:
        if not any(user.role == role for user in active):
            yield _missing("accounts", f"Nobody has the role {role} yet: `hotline users add`.")
    for user in active:
        if not user.is_enrolled:
            yield _advice("accounts", f"{user.login} has not set up a second factor yet.")


# ------------------------------------------------------------------ what people are shown


def about_flows(*, now: datetime) -> Iterator[Found]:
    """The linter's errors, counted by kind of file; catalogues included."""
    errors = [f for f in project.lint(ROOT, now=now) if f.severity is Severity.ERROR]
    if errors:
        yield _missing(
            "flows", f"The flows have {len(errors)} mistake(s): `hotline flows lint` lists them."
        )
    wrong = [f for f in project.check_locales(ROOT) if f.severity is Severity.ERROR]
    if wrong:
        yield _missing(
            "words",
            f"The translations have {len(wrong)} mistake(s): `hotline locales check` lists them.",
        )


def about_content(flows_dir: Path, *, today: date) -> Iterator[Found]:
    """Every number and every fact that people are shown, and the replies that are ready."""
    files = library.load(flows_dir)
    yield from _contacts(files)
    yield from _answers(files, today=today)
    yield from _replies(files, today=today)


def _contacts(files: library.Files) -> Iterator[Found]:
    shown = frozenset(_NAMED.findall("\n".join(_texts(files.flows))))
    used = shown | {str(c) for body in files.answers.values() for c in body.get("contacts") or ()}
    for row in files.contacts:
        name = str(row["id"])
        if name not in used and name != OUR_LINE:
            continue
        about = f"{name} ({row.get('name', '')})"
        status = str(row.get("status", "to_be_confirmed"))
        if status == "old":
            yield _missing("contacts", f"{about} is named in a text but known to be out of date.")
        elif not row.get("number"):
            yield _missing("contacts", f"{about} has no number yet; the texts leave it out.")
        elif status != "verified":
            yield _missing("contacts", f"{about} is not confirmed.")
        if row.get("number") and not row.get("tested_on") and status != "old":
            rest = "" if name == OUR_LINE else "; people are not shown it before"
            yield _missing("contacts", f"{about} has not been test-called{rest}.")


def _answers(files: library.Files, *, today: date) -> Iterator[Found]:
    for intent, body in sorted(files.answers.items()):
        said = [fact for fact in body.get("facts") or () if fact.get("said")]
        unsigned = [str(fact["id"]) for fact in said if not fact.get("signed_off")]
        if unsigned:
            yield _missing(
                "facts", f"{intent}: nobody has signed off what it says ({', '.join(unsigned)})."
            )
        review_by = _day(body.get("review_by"))
        if review_by is None:
            yield _missing("answers", f"{intent} has no day by which it is to be reviewed.")
        elif review_by < today:
            yield _missing("answers", f"{intent} was to be reviewed by {review_by}.")


def _replies(files: library.Files, *, today: date) -> Iterator[Found]:
    replies = (files.others.get("replies") or {}).get("replies") or ()
    for reply in replies:
        name = f"Prepared reply {reply['id']}"
        expires = _day(reply.get("expires_on"))
        if reply.get("approved_version") != reply.get("version"):
            yield _missing("replies", f"{name} is not approved as it stands.")
        elif expires is None or expires < today:
            yield _missing("replies", f"{name} has expired; it cannot be sent.")
        elif str(reply.get("approver", "")) in {"", "demonstration"}:
            yield _missing("replies", f"{name} was approved by nobody but the demonstration.")


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a flow file holds
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


# ------------------------------------------------------------------ channels


async def about_channels(settings: Settings) -> tuple[Found, ...]:
    """Asks the providers. Nothing is sent to anybody."""
    found: list[Found] = []
    for channel in apps.real_channels(settings).values():
        try:
            if isinstance(channel, TelegramChannel):
                found += await _telegram(channel, settings)
            elif isinstance(channel, TwilioSms):
                found += _sms(await channel.state(), settings)
        except SendError as error:
            name = channel.name
            found.append(
                _missing(
                    "channels", f"The provider of {name} refuses us or is away ({error.code})."
                )
            )
        finally:
            await channel.close()
    return tuple(found)


async def _telegram(channel: TelegramChannel, settings: Settings) -> list[Found]:
    state = await TelegramSetup(channel.connection).state()
    found = [
        _note(
            "channels", f"The bot is @{state.username}; Telegram holds {state.waiting} update(s)."
        )
    ]
    wanted = announce.webhook_address(settings, "telegram")
    if state.webhook_url != wanted:
        told = "nowhere" if not state.webhook_url else "to another address"
        found.append(
            _missing("channels", f"Telegram delivers {told}; `hotline serve` sets it to {wanted}.")
        )
    if state.webhook_error is not None:
        found.append(_advice("channels", f"Telegram's last delivery failed: {state.webhook_error}"))
    if state.waiting > MANY_WAITING:
        found.append(_advice("channels", "Many updates wait: the server is down or too slow."))
    if state.may_join_groups:
        found.append(
            _advice("channels", "The bot may be added to groups: switch that off at @BotFather.")
        )
    return found


def _sms(state: SmsState, settings: Settings) -> list[Found]:
    found = [_note("channels", f"The Twilio account is {state.account_status}.")]
    if state.account_status != "active":
        found.append(_missing("channels", "The Twilio account must be active to send."))
    if state.is_trial:
        found.append(
            _missing(
                "channels", "The Twilio account is a trial: it sends to verified numbers only."
            )
        )
    if state.number_found is False:
        found.append(_missing("channels", "HOTLINE_TWILIO_FROM is no number of this account."))
    wanted = announce.webhook_address(settings, "twilio")
    if state.number_found and (state.webhook_url or "").split("#")[0] != wanted:
        found.append(_missing("channels", f"The number does not deliver to {wanted}."))
    if state.number_found and "#" not in (state.webhook_url or ""):
        found.append(
            _advice(
                "channels",
                "The number's address has no retry policy (`#rc=3&rp=all`): what fails once is "
                "found again only in Twilio's log.",
            )
        )
    if state.number_found:
        found.append(_note("channels", f"The number delivers to {state.webhook_url or 'nowhere'}."))
    if state.number_found and not state.fallback_url:
        found.append(_advice("channels", "The number has no fallback address."))
    if state.number_found is None:
        found.append(
            _advice("channels", f"Look at the messaging service: it must deliver to {wanted}.")
        )
    return found
