"""`serve`, `worker`, `demo`: the processes."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from typing_extensions import override

from hotline import config, logs
from hotline.bootstrap import announce, app as apps, clock, demo as demos
from hotline.bootstrap.app import App
from hotline.bootstrap.content import Content
from hotline.channels.telegram import TelegramChannel
from hotline.cli import parts
from hotline.cli.console import line, progress
from hotline.config import Settings, WrongSetting
from hotline.db import migrate
from hotline.flow.check import for_people
from hotline.flow.checks.finding import Severity
from hotline.i18n import project
from hotline.jobs import catch_up
from hotline.web.app import create_app

_GRACE = 10
_MOST_SHOWN = 20


def add(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)
    app.command()(demo)


def serve(
    polling: Annotated[
        bool, typer.Option("--polling", help="Ask Telegram for updates; no public address needed.")
    ] = False,
    jobs: Annotated[
        bool,
        typer.Option("--jobs/--no-jobs", help="Also send lines and run timers in this process."),
    ] = True,
) -> None:
    """The web server: webhooks, console, partner portal. Refuses to start without real keys."""
    settings = parts.settings()
    problems = config.problems_for_production(settings)
    if polling:
        # Long polling needs no public address and no webhook secret.
        names = ("HOTLINE_PUBLIC_URL", "HOTLINE_TELEGRAM_SECRET")
        problems = [p for p in problems if not p.startswith(names)]
    if settings.demo:
        problems.append("HOTLINE_DEMO must not be set: `hotline demo` is the demonstration.")
    if problems:
        raise WrongSetting(problems)
    _ready(settings)
    content = parts.loaded(settings)
    _refuse_mistakes(settings)
    app = apps.build(settings, content=content, tell=progress)
    asyncio.run(_run(app, jobs=jobs, polling=polling, web=True))


def worker() -> None:
    """Sends lines, runs timers, catches up with providers: as many beside `serve` as you like."""
    settings = parts.settings()
    problems = config.problems_for_production(settings)
    if problems and not settings.demo:
        raise WrongSetting(problems)
    _ready(settings)
    app = apps.build(settings, content=parts.loaded(settings), tell=progress)
    asyncio.run(_run(app, jobs=True, polling=False, web=False))


def demo() -> None:
    """Everything with demonstration data on one machine, no keys, nothing sent anywhere."""
    settings = replace(parts.settings(), demo=True)
    if settings.has_telegram or settings.has_sms:
        raise WrongSetting(
            [
                (
                    "HOTLINE_TELEGRAM_TOKEN and HOTLINE_TWILIO_ACCOUNT_SID must not be set for "
                    "`hotline demo`: the demonstration never sends for real."
                )
            ]
        )
    logs.setup(settings.log_level)
    address = f"http://{settings.host}:{settings.port}"
    settings = replace(settings, public_url=settings.public_url or address)
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    progress("Bringing the database up to date ...")
    migrate.upgrade(settings.database)
    progress("Reading conversations, answers and translations ...")
    content = parts.loaded(settings)
    app = demos.build(settings, content, tell=progress)
    accounts = demos.seed(app)
    _welcome(content, accounts, address)
    asyncio.run(_run(app, jobs=True, polling=False, web=True))


def _welcome(content: Content, accounts: tuple[demos.DemoAccount, ...], address: str) -> None:
    line()
    line(f"  The hotline is at      {address}")
    line(f"  A phone to write from  {address}/simulator")
    line(f"  Operators' console     {address}/console")
    line(f"  Partners' portal       {address}/portal")
    line()
    line("  Demonstration accounts (password: " + accounts[0].password + ")")
    for account in accounts:
        line(f"    {account.login:<22} {account.role}  {account.alias}")
    line("  The current second-factor code:  .venv/bin/hotline users code LOGIN")
    line()
    line("  Try first: write to the phone in Kyrgyz, Russian or Tajik; take the job-offer check;")
    line("  sign in to the console, take the next case, answer it, and refer it to a partner.")
    line(f"  ({len(content.bundle.topics)} answers, {len(content.bundle.flows)} conversations)")
    line()


def _refuse_mistakes(settings: Settings) -> None:
    """Nobody real is led through flows that the linter refuses. Raises `WrongSetting`."""
    root = Path(settings.flows_dir).resolve().parent
    found = project.lint(root, now=clock.now())
    mistakes = [one for one in found if one.severity is Severity.ERROR]
    if not mistakes:
        return
    progress(for_people(mistakes[:_MOST_SHOWN]))
    raise WrongSetting(
        [
            (
                f"HOTLINE_FLOWS_DIR has {len(mistakes)} mistake(s) in it: "
                "`hotline flows lint` lists them all."
            )
        ]
    )


def _ready(settings: Settings) -> None:
    logs.setup(settings.log_level)
    waiting = migrate.pending(settings.database)
    if waiting:
        raise WrongSetting(
            [f"The database lacks {len(waiting)} migration(s): run `hotline db upgrade` first."]
        )


async def _run(app: App, *, jobs: bool, polling: bool, web: bool) -> None:
    """Runs until a signal asks to end; then what is in hand is finished."""
    # What was read at the start stays for ever: the collector need not walk through it again and
    # again, which stops every turn for a tenth of a second.
    gc.collect()
    gc.freeze()
    ticker = app.start_jobs() if jobs else None
    tasks: list[asyncio.Task[None]] = []
    telegram = app.channels.get("telegram")
    if web and isinstance(telegram, TelegramChannel):
        # In the background: a provider that is away must not keep the server from starting.
        told = announce.announce(app.settings, telegram, app.content.words, polling=polling)
        tasks.append(asyncio.create_task(told))
    if polling and isinstance(telegram, TelegramChannel):
        tasks.append(asyncio.create_task(_poll(app, telegram, tasks[-1])))
    try:
        if web:
            await _serve_web(app)
        else:
            await _until_signal()
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if ticker is not None:
            await ticker.stop()
        await app.close()


async def _poll(app: App, telegram: TelegramChannel, announced: asyncio.Task[None]) -> None:
    """Long polling begins when the webhook is gone: Telegram refuses both at once."""
    await asyncio.wait([announced])
    await catch_up.poll_forever(app.store, telegram, app.receive)


class _Server(uvicorn.Server):
    """Leaves signals alone. The library's own way raises a signal again once the server is down,
    which would end the process before lines in flight are written down."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_web(app: App) -> None:
    server = _Server(
        uvicorn.Config(
            create_app(app.web()),
            host=app.settings.host,
            port=app.settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Throttling is by address: behind a proxy all would share the proxy's own.
            proxy_headers=bool(app.settings.proxy),
            forwarded_allow_ips=app.settings.proxy or None,
            timeout_graceful_shutdown=_GRACE,
        )
    )
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, server.handle_exit, sign, None)
    await server.serve()


async def _until_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    handler: Callable[[], None] = stop.set
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, handler)
    await stop.wait()
