"""Settings become an application: store, keys, channels, words, mind, sender, clock, web."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from hotline import crypto
from hotline.accounts.passwords import LIGHT, STANDARD
from hotline.bootstrap import clock as clocks, content as contents
from hotline.bootstrap.content import Content
from hotline.bootstrap.stories import Told
from hotline.cases.tasks import repository as tasks
from hotline.channels.base import Button, Channel, Delivery, Message
from hotline.channels.telegram import TelegramChannel
from hotline.channels.twilio_sms import TwilioSms
from hotline.config import Settings
from hotline.conversation.mind import Mind
from hotline.conversation.repository import sessions
from hotline.conversation.service import intake, media, receive
from hotline.crypto import KeyRing
from hotline.db.transaction import Store, Tx, make_engine
from hotline.flow import render as rendering
from hotline.flow.events import Said
from hotline.jobs import catch_up, timers
from hotline.jobs.scheduler import Ticker
from hotline.outbox.deliver import Sender
from hotline.outbox.repository import Due
from hotline.screening.assess import assess
from hotline.screening.next_item import can_level_change
from hotline.screening.reasons import reasons
from hotline.web.context import WebContext
from hotline.web.events import Hub
from hotline.web.phones import Phones

_TIMERS_EVERY = 1.0
_SWEEP_EVERY = 5.0
_FILES_EVERY = 5.0
_LOG_EVERY = 3600.0
_BEAT_EVERY = 15.0
_RETAIN_EVERY = 6 * 3600.0


@dataclass
class App:
    """A running hotline, or a part of it. Made by `build`; `close` it."""

    settings: Settings
    store: Store
    keys: KeyRing
    clock: Callable[[], datetime]
    content: Content
    mind: Mind
    channels: dict[str, Channel]
    hub: Hub
    owner: str
    wakes: list[Callable[[], None]] = field(default_factory=list)
    phones: Phones | None = None  # the demonstration's telephones

    async def receive(self, channel: Channel, delivery: Delivery) -> None:
        """Makes a delivery safe and plays what it causes. Telegram repeats what we do not
        acknowledge, so there both steps share a commit; Twilio may not, so there they do not."""
        await receive.receive(
            self.store,
            self.mind,
            delivery,
            now=self.clock(),
            one_commit=channel.name == "telegram",
        )

    def wake_sender(self) -> None:
        for wake in self.wakes:
            wake()

    def sender(self) -> Sender:
        """The other hand."""
        return Sender(
            store=self.store,
            keys=self.keys,
            channels=self.channels,
            render=renderer(self.content),
            clock=self.clock,
            owner=self.owner,
            lease=timedelta(seconds=4 * self.settings.send_timeout),
            zone=self.settings.timezone,
            on_failed=self._undelivered,
            on_blocked=self._blocked,
            asks_safety=self._asks_safety,
            reconcile={
                name: channel.gone
                for name, channel in self.channels.items()
                if isinstance(channel, TwilioSms)
            },
        )

    def _asks_safety(self, place: str) -> bool:
        step = self.content.bundle.steps.get(place)
        return step is not None and step.item == "A1"

    def _undelivered(self, tx: Tx, line: Due, code: str, now: datetime) -> None:
        """An operator sees it: the task names the conversation and the provider's code."""
        tasks.add(
            tx,
            "undelivered",
            subject=("conversation", line.conversation_id),
            now=now,
            details={"code": code[:40], "outbox": line.id},
        )
        tx.after_commit(self.hub.wake)

    def _blocked(self, tx: Tx, line: Due, now: datetime) -> None:
        intake.mark_blocked(tx, self.mind, line.contact_id, now=now)

    def web(self) -> WebContext:
        return WebContext(
            store=self.store,
            keys=self.keys,
            settings=self.settings,
            clock=self.clock,
            words=self.content.words,
            receive=self.receive,
            channels=self.channels,
            bundle=self.content.bundle,
            told=Told(self.content),
            mind=self.mind,
            content=self.content.files,
            wake=self.wake_sender,
            hub=self.hub,
            phones=self.phones,
            cost=LIGHT if self.settings.demo else STANDARD,
            heartbeats=tasks.beats,
            expected_heartbeats=("jobs",),
        )

    # -------------------------------------------------------------------- running

    def start_jobs(self) -> Ticker:
        """Sender, timers, sweep, files and catching up, inside the running event loop."""
        ticker = Ticker()
        sender = self.sender()
        self.wakes.append(ticker.on_wake(self.settings.poll_seconds, "send", sender.run_once))
        run_timers = lambda: timers.run_due(self.store, self.mind, self.channels, self.clock)  # noqa: E731
        ticker.every(_TIMERS_EVERY, "timers", run_timers)
        ticker.every(_SWEEP_EVERY, "sweep", lambda: timers.sweep(self.store, self.mind, self.clock))
        ticker.every(
            _FILES_EVERY,
            "files",
            lambda: media.fetch_wanted(self.store, self.mind, self.channels, now=self.clock()),
        )
        ticker.every(_BEAT_EVERY, "beat", self._beat)
        ticker.every(_RETAIN_EVERY, "retention", lambda: timers.retain(self.store, self.clock))
        sms = self.channels.get("sms")
        if isinstance(sms, TwilioSms):
            ticker.every(
                _LOG_EVERY,
                "twilio_log",
                lambda: catch_up.read_log(self.store, sms, self.receive, now=self.clock()),
                first=self.clock(),  # what was missed while we were down
            )
        ticker.start()
        return ticker

    async def _beat(self) -> None:
        now = self.clock()
        await self.store.awrite(lambda tx: tasks.beat(tx, "jobs", now=now))

    async def close(self) -> None:
        for channel in self.channels.values():
            with suppress(Exception):
                await channel.close()
        await asyncio.get_running_loop().run_in_executor(None, self.store.close)


def build(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = clocks.now,
    channels: Mapping[str, Channel] | None = None,
    keys: KeyRing | None = None,
    content: Content | None = None,
    read: Callable[..., Any] | None = None,
    tell: Callable[[str], None] | None = None,
) -> App:
    """The application for these settings. The database must have the newest schema.

    `channels`, `keys`, `content` and `read` replace what the settings would give (tests, and the
    simulator of the demonstration).
    """
    ring = keys or load_keys(settings)
    loaded = content or contents.load(
        Path(settings.flows_dir),
        Path(settings.locales_dir),
        demonstration=settings.demo,
    )
    if read is None:
        cache = Path(settings.data_dir) / "understanding.npz"
        known = contents.understanding(loaded.files, cache=cache, tell=tell)
        read = contents.reader(known, lambda: clock().date())
    store = Store(make_engine(settings.database), threads=settings.workers)
    hub = Hub()
    app = App(
        settings=settings,
        store=store,
        keys=ring,
        clock=clock,
        content=loaded,
        mind=cast("Mind", None),
        channels=dict(channels if channels is not None else real_channels(settings)),
        hub=hub,
        owner=crypto.new_id(),
    )
    ruleset = loaded.ruleset
    app.mind = Mind(
        keys=ring,
        rulesets=loaded.rulesets,
        current=loaded.bundle,
        frozen=loaded.frozen,
        bundle_for=loaded.bundle_for,
        read=read,
        assess=lambda answers, stage, ctx: assess(
            ruleset, answers, stage=cast("Any", stage), ctx=ctx
        ),
        can_change=lambda answers, stage, ctx, **more: can_level_change(
            ruleset, answers, stage=stage, ctx=ctx, **more
        ),
        reasons=lambda answers, stage, ctx: (
            reasons(ruleset, answers, stage=stage, ctx=ctx, channel="telegram").answers
        ),
        is_demo=settings.demo,
        blind=settings.blind_judgement,
        zone=settings.timezone,
        media_limit=settings.media_limit,
        wake_sender=app.wake_sender,
        wake_console=hub.wake,
    )
    store.write(
        lambda tx: sessions.publish(tx, loaded.bundle.revision, app.mind.frozen, now=clock())
    )
    return app


def load_keys(settings: Settings) -> KeyRing:
    """Keys from the environment, the key file, or (demonstration only) a file made under var/."""
    if settings.keys:
        return crypto.parse_keys(settings.keys)
    path = Path(settings.key_file) if settings.key_file else Path(settings.data_dir) / "demo.keys"
    if not settings.key_file and not path.exists():
        crypto.new_key_file(path)
    return crypto.load_keys(path)


def real_channels(settings: Settings) -> dict[str, Channel]:
    """The providers that have settings."""
    found: dict[str, Channel] = {}
    if settings.has_telegram:
        found["telegram"] = TelegramChannel(
            settings.telegram_token,
            settings.telegram_secret,
            api_url=settings.telegram_api_url,
            timeout=settings.send_timeout,
        )
    if settings.has_sms:
        found["sms"] = TwilioSms(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            settings.twilio_from,
            status_url=f"{settings.public_url.rstrip('/')}/hooks/twilio/status",
            api_url=settings.twilio_api_url,
            timeout=settings.send_timeout,
        )
    return found


def renderer(content: Content) -> Callable[..., Message]:
    """Words for a line on a channel, in the person's language."""

    def render(said: Said | str, *, channel: str, language: str | None, latin: bool) -> Message:
        if isinstance(said, str):
            made = rendering.render_words(said, channel=channel, language=language, latin=latin)
        else:
            made = rendering.render(
                said,
                words=content.words,
                contacts=content.contacts,
                channel=channel,
                language=language,
                latin=latin,
            )
        return Message(
            parts=made.parts,
            buttons=tuple(
                tuple(Button(data, label) for data, label in row) for row in made.buttons
            ),
            remove_keyboard=made.remove_keyboard,
            html=made.html,
        )

    return render
