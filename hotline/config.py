"""One frozen `Settings`, read once; the only reader of the environment.

Every setting is `HOTLINE_<NAME>`. `deploy/settings.example.env` lists them all; a test holds the
two equal. A wrong or missing setting is one sentence that names it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from typing_extensions import override


class WrongSetting(Exception):
    """`problems`: one sentence for each setting that must be changed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What differs between installations. The comment beside each says why it exists."""

    database_url: str = ""  # SQLAlchemy address; empty: SQLite under `data_dir`
    public_url: str = ""  # https address people and providers see; signatures are made over it
    host: str = "127.0.0.1"  # where the web server listens
    port: int = 8189
    proxy: str = ""  # whose word on a caller's address is taken: addresses or networks, by commas
    data_dir: str = "var"  # SQLite file, demonstration keys, spool; nothing outside it is written
    key_file: str = ""  # root and index keys, mode 600; see docs/operations.md
    keys: str = ""  # the text of a key file instead, for containers with secrets in variables
    demo: bool = False  # demonstration: simulator, demonstration accounts, no provider
    telegram_token: str = ""  # from @BotFather
    telegram_secret: str = ""  # chosen by you; Telegram sends it back with every update
    telegram_api_url: str = "https://api.telegram.org"  # a self-hosted Bot API server or proxy
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""  # E.164 number, short code, or messaging service id (MG...)
    twilio_api_url: str = "https://api.twilio.com"
    timezone: str = "Asia/Bishkek"  # office hours and safe windows; no daylight saving
    flows_dir: str = "flows"  # conversations, answers, word lists
    locales_dir: str = "locales"
    body_limit: int = 262_144  # bytes of a request to a webhook or form; more is refused with 413
    media_limit: int = 10_485_760  # bytes of a photo or voice note kept for the operator
    log_level: str = "INFO"
    workers: int = 4  # threads that play turns on PostgreSQL; SQLite has one writer
    poll_seconds: float = 1.0  # how often the sender and the timers look for due rows
    send_timeout: float = 15.0  # seconds; a lease is always longer
    blind_judgement: bool = False  # counsellors judge before they see the level; for a pilot
    lease_seconds: float = 60.0  # how long an operator holds a conversation without a heartbeat

    @override
    def __repr__(self) -> str:
        """Without values: tokens and keys must not end in the text of an error."""
        return "Settings(...)"

    @property
    def database(self) -> str:
        """The address in use, with the default filled in."""
        return self.database_url or f"sqlite:///{Path(self.data_dir) / 'hotline.sqlite3'}"

    @property
    def has_telegram(self) -> bool:
        return bool(self.telegram_token)

    @property
    def has_sms(self) -> bool:
        return bool(self.twilio_account_sid)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"HOTLINE_{name.upper()}"


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises `WrongSetting` for values of the wrong kind."""
    source = os.environ if environ is None else environ
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in fields(Settings):
        name = variable(field.name)
        if name not in source:
            continue
        raw = source[name].strip()
        try:
            values[field.name] = _convert(raw, field.type)
        except ValueError:
            problems.append(f"{name} must be {_kind(field.type)}.")
    if problems:
        raise WrongSetting(problems)
    return Settings(**values)  # type: ignore[arg-type]


def _convert(raw: str, kind: object) -> object:
    if kind in (bool, "bool"):
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise ValueError(raw)
    if kind in (int, "int"):
        return int(raw)
    if kind in (float, "float"):
        return float(raw)
    return raw


def _kind(kind: object) -> str:
    names = {bool: "yes or no", int: "a whole number", float: "a number"}
    return names.get(kind, "a text")  # type: ignore[call-overload, no-any-return]


def problems_for_production(settings: Settings) -> list[str]:
    """One sentence for each thing that is missing before real people may write."""
    found: list[str] = []
    if not settings.public_url.startswith("https://"):
        found.append(
            "HOTLINE_PUBLIC_URL must be the https address under which people and providers "
            "reach this server."
        )
    if not settings.key_file and not settings.keys:
        found.append(
            "HOTLINE_KEY_FILE must name a file with the encryption keys "
            "(make one with `hotline keys new PATH`)."
        )
    if not settings.has_telegram and not settings.has_sms:
        found.append(
            "HOTLINE_TELEGRAM_TOKEN or HOTLINE_TWILIO_ACCOUNT_SID must be set: "
            "without a channel nobody can write."
        )
    if settings.has_telegram and not settings.telegram_secret:
        found.append(
            "HOTLINE_TELEGRAM_SECRET must be set: without it anybody could pretend to be Telegram."
        )
    if settings.has_sms and not settings.twilio_auth_token:
        found.append(
            "HOTLINE_TWILIO_AUTH_TOKEN must be set: without it anybody could pretend to be Twilio."
        )
    if settings.has_sms and not settings.twilio_from:
        found.append(
            "HOTLINE_TWILIO_FROM must be the number or messaging service that messages come from."
        )
    return found
