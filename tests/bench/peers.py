"""The same dialogue as one would write it with the two usual bot libraries.

Both get a bot that sends nothing, so that no network is measured, and keep what our engine keeps:
language, place, answers, which turn it is, and when she last wrote. They write no transcript, no
outbox, no audit and encrypt nothing, which is in their favour. What each really keeps when the
machine stops is stated as `durability`.
"""

import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot as AiogramBot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, Message as AiogramMessage, Update as AiogramUpdate
from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    ExtBot,
    MessageHandler,
    PicklePersistence,
    filters,
)

LANGUAGES = {"Салам": "ky", "Здравствуйте": "ru", "Салом": "tg"}
ASKED = {
    "safe": {"ky": "Жазуу коопсузбу?", "ru": "Писать безопасно?", "tg": "Навиштан бехатар аст?"},
    "top": {"ky": "Эмне керек?", "ru": "Что нужно?", "tg": "Чӣ лозим аст?"},
    "A2": {"ky": "Азыр коркунуч барбы?", "ru": "Сейчас опасно?", "tg": "Ҳозир хатар ҳаст?"},
    "A3": {"ky": "Жашыңыз?", "ru": "Сколько вам лет?", "tg": "Синну солатон?"},
    "next": {"ky": "Ким сунуштады?", "ru": "Кто предложил?", "tg": "Кӣ пешниҳод кард?"},
}
NEXT = {"safe": "top", "top": "A2", "A2": "A3", "A3": "next"}
NAME = "offer"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# ---------------------------------------------------------------- python-telegram-bot


class SilentBot(ExtBot[None]):
    """Sends nothing."""

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    @property
    def username(self) -> str:
        return "bench"

    async def send_message(self, *_: Any, **__: Any) -> Any:
        return None

    async def answer_callback_query(self, *_: Any, **__: Any) -> bool:
        return True


async def _greeted(update: Update, context: ContextTypes.DEFAULT_TYPE) -> str:
    assert update.message is not None and context.user_data is not None  # noqa: PT018
    language = LANGUAGES[update.message.text or ""]
    context.user_data.update(language=language, answers={}, turn=1, heard_at=_now())
    await context.bot.send_message(update.message.chat_id, ASKED["safe"][language])
    return "safe"


async def _pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> str:
    query, kept = update.callback_query, context.user_data
    assert query is not None and query.data is not None and kept is not None  # noqa: PT018
    step, code = query.data.split("=")
    step = step.split(".")[1]
    kept["answers"][step] = code
    kept.update(turn=kept["turn"] + 1, heard_at=_now())
    await query.answer()
    await context.bot.send_message(query.from_user.id, ASKED[NEXT[step]][kept["language"]])
    return NEXT[step]


class Pickled:
    """ConversationHandler with PicklePersistence, written at each update; `stored` people before.

    Its default is to write once a minute, which loses up to a minute of everybody's answers.
    """

    durability = "file rewritten in place at each update, no fsync; a stop while writing loses all"

    def __init__(self, folder: Path, stored: int) -> None:
        self.name = f"python-telegram-bot, PicklePersistence, {stored:,} stored"
        self._file = folder / f"pickle-{stored}"
        self._stored = stored
        self._app: Any = None

    async def open(self) -> None:
        persistence = PicklePersistence(self._file)
        people = range(10_000_000, 10_000_000 + self._stored)
        persistence.user_data = {
            n: {
                "language": "ky",
                "answers": {"safe": "y", "top": "offer", "A2": "none"},
                "turn": 4,
                "heard_at": (_BEGAN + timedelta(seconds=n)).isoformat(),
            }
            for n in people
        }
        persistence.chat_data, persistence.bot_data = {}, {}  # type: ignore[assignment]
        persistence.conversations = {NAME: {(n, n): "A3" for n in people}}
        persistence._dump_singlefile()
        states = {
            step: [CallbackQueryHandler(_pressed, pattern=rf".*\.{step}=")] for step in NEXT
        } | {"next": []}
        bot: Any = SilentBot("1:bench")
        self._app = (
            Application.builder().bot(bot).persistence(PicklePersistence(self._file)).build()
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it reminds of per_message, which is meant as it is
            handler: Any = ConversationHandler(
                entry_points=[MessageHandler(filters.TEXT, _greeted)],
                states=states,  # type: ignore[arg-type]
                fallbacks=[],
                name=NAME,
                persistent=True,
            )
        self._app.add_handler(handler)
        await self._app.initialize()

    async def turn(self, body: bytes) -> None:
        update = Update.de_json(json.loads(body), self._app.bot)
        await self._app.process_update(update)
        await self._app.update_persistence()

    def verify(self, dialogues: int) -> None:
        kept = self._app.persistence.conversations[NAME].values()
        at_end = sum(1 for state in kept if state == "next")
        if at_end < dialogues:
            raise AssertionError(f"{self.name}: {dialogues} dialogues, {at_end} at the end")

    async def close(self) -> None:
        await self._app.shutdown()


# ---------------------------------------------------------------- aiogram


class SilentSession(BaseSession):
    """Sends nothing."""

    async def close(self) -> None:
        pass

    async def make_request(self, bot: Any, method: TelegramMethod[Any], timeout: Any = None) -> Any:  # noqa: ARG002, ASYNC109
        return True

    async def stream_content(self, *_: Any, **__: Any) -> Any:
        yield b""


class Steps(StatesGroup):
    safe = State()
    top = State()
    A2 = State()
    A3 = State()
    next = State()


class InMemory:
    """aiogram's finite state machine with the one storage that needs no further server."""

    durability = "none: kept in memory"
    name = "aiogram, MemoryStorage"

    def __init__(self) -> None:
        self._storage = MemoryStorage()

    async def open(self) -> None:
        self._bot = AiogramBot("1:bench", session=SilentSession())
        self._dispatcher = Dispatcher(storage=self._storage)
        router = Router()

        async def greeted(message: AiogramMessage, state: FSMContext) -> None:
            language = LANGUAGES[message.text or ""]
            await state.set_data(
                {"language": language, "answers": {}, "turn": 1, "heard_at": _now()}
            )
            await state.set_state(Steps.safe)
            await message.answer(ASKED["safe"][language])

        async def pressed(query: CallbackQuery, state: FSMContext) -> None:
            step, code = (query.data or "").split("=")
            step = step.split(".")[1]
            kept = await state.get_data()
            kept["answers"][step] = code
            kept.update(turn=kept["turn"] + 1, heard_at=_now())
            await state.set_data(kept)
            await state.set_state(getattr(Steps, NEXT[step]))
            await query.answer()
            await self._bot.send_message(query.from_user.id, ASKED[NEXT[step]][kept["language"]])

        router.message.register(greeted, F.text)
        for step in NEXT:
            router.callback_query.register(
                pressed, getattr(Steps, step), F.data.contains(f".{step}=")
            )
        self._dispatcher.include_router(router)

    async def turn(self, body: bytes) -> None:
        update = AiogramUpdate.model_validate_json(body, context={"bot": self._bot})
        await self._dispatcher.feed_update(self._bot, update)

    def verify(self, dialogues: int) -> None:
        at_end = sum(1 for r in self._storage.storage.values() if r.state == Steps.next.state)
        if at_end < dialogues:
            raise AssertionError(f"{self.name}: {dialogues} dialogues, {at_end} at the end")

    async def close(self) -> None:
        await self._bot.session.close()
