"""Telegram on loopback: stateful, strict, and able to fail in every way the real one does.

    async with TelegramStandin() as tg:
        tg.deliver_to("http://127.0.0.1:8189/hooks/telegram", secret)   # or let the bot poll
        person = tg.person(chat_id=1001, language_code="ky")
        await person.says("салам")
        [line] = await person.hears(1)
        await person.presses(line.buttons[0].label)

Every request of the bot is checked (`telegram_contract`); one that the Bot API would refuse is
refused, kept in `tg.violations`, and fails the test at the end unless it was expected.
"""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins import telegram_contract
from tests.standins.faults import Fault, Faults, play
from tests.standins.server import Loopback
from tests.standins.telegram_phone import Person, SeenButton, SeenMessage, until

__all__ = ["BOT", "SECRET", "TOKEN", "Person", "SeenButton", "SeenMessage", "TelegramStandin"]

TOKEN = (
    "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"  # the example of the published documentation
)
SECRET = "stand-in-secret"
BOT = {
    "id": 110201543,
    "is_bot": True,
    "first_name": "Stop Traffic 189",
    "username": "StandInHotlineBot",
    "can_join_groups": False,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
DELETABLE = 48 * 3600  # seconds


@dataclass
class _Waiting:
    update: dict[str, Any]
    delivered: bool = False


@dataclass
class Webhook:
    url: str
    secret: str
    allowed: tuple[str, ...] = ()
    last_error: str | None = None


class TelegramStandin:
    """`base_url` is what `HOTLINE_TELEGRAM_API_URL` is set to."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.bot = BOT
        self.faults = Faults()
        self.messages: list[SeenMessage] = []
        self.violations: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answered: set[str] = set()
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.people: dict[int, Person] = {}
        self.webhook: Webhook | None = None
        self.routes: dict[str, str] = {}
        self.responses: list[int] = []
        self.duplicates = 1  # how often each update is delivered
        self.stated_sizes: dict[str, int] = {}  # of files, where they are to be wrong
        self.ahead = 0.0  # seconds that the stand-in's clock is ahead
        self._is_closing = False
        self._updates: list[_Waiting] = []
        self._update_ids = itertools.count(870_000_001)
        self._message_ids = itertools.count(1)  # one row of numbers for all private chats of a bot
        self._query_ids = itertools.count(4_382_000_000_000_000_001)
        self._files: dict[str, bytes] = {}
        routes = [
            Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file),
        ]
        self._server = Loopback(Starlette(routes=routes))

    @property
    def base_url(self) -> str:
        return self._server.url

    # -- life

    def start(self) -> Self:
        telegram_contract.description()
        self._server.start()
        self._server.background(self._deliver())
        return self

    def stop(self) -> None:
        self._is_closing = True
        time.sleep(0.03)  # a long poll that waits is answered, not torn off
        self._server.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
        if kind is None:
            assert not self.violations, f"the Bot API would refuse: {self.violations}"

    # -- what tests say

    def person(self, chat_id: int = 1001, language_code: str = "ru", name: str = "A.") -> Person:
        person = self.people.get(chat_id) or Person(self, chat_id, language_code, name)
        self.people[chat_id] = person
        return person

    def deliver_to(self, url: str, secret: str = SECRET) -> None:
        """As if `setWebhook` had been called with these."""
        self.webhook = Webhook(url, secret)

    def route(self, public: str, actual: str) -> None:
        """Where a public address really is: `https://hotline.example` -> `http://127.0.0.1:...`."""
        self.routes[public] = actual

    def fail(self, method: str, **how: Any) -> Fault:
        """Plans a fault, see `faults.Fault`: `tg.fail("sendMessage", status=429, retry_after=1)`."""
        return self.faults.plan(method, **how)

    @property
    def waiting(self) -> int:
        """Updates that the bot has not taken yet."""
        return sum(not one.delivered for one in self._updates)

    def in_chat(self, chat_id: int) -> list[SeenMessage]:
        return [one for one in self.messages if one.chat_id == chat_id]

    async def push(self, kind: str, content: dict[str, Any], *, wait: bool = True) -> int:
        """Queues an update of any kind and, with a webhook, waits until the bot has taken it."""
        number = next(self._update_ids)
        entry = _Waiting({"update_id": number, kind: content})
        self._updates.append(entry)
        if wait and self.webhook is not None:
            await until(lambda: entry.delivered, 20.0, "the webhook did not take the update")
        return number

    def repeat(self, update_number: int) -> None:
        """Delivers an old update once more, as Telegram does after a lost answer."""
        again = next(one for one in self._updates if one.update["update_id"] == update_number)
        self._updates.append(_Waiting(again.update))

    def now(self) -> float:
        return time.time() + self.ahead

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def next_query_id(self) -> str:
        return str(next(self._query_ids))

    def keep_file(self, name: str, content: bytes) -> str:
        self._files[name] = content
        return name

    # -- delivering

    async def _deliver(self) -> None:
        async with httpx.AsyncClient(timeout=20.0, trust_env=False) as client:
            delay = 0.05
            while True:
                entry = next((one for one in self._updates if not one.delivered), None)
                if entry is None or self.webhook is None:
                    await asyncio.sleep(0.01)
                    continue
                if await self._post(client, self.webhook, entry):
                    entry.delivered, delay = True, 0.05
                else:
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 1.0)

    async def _post(self, client: httpx.AsyncClient, hook: Webhook, entry: _Waiting) -> bool:
        kind = next(key for key in entry.update if key != "update_id")
        if hook.allowed and kind not in hook.allowed:
            return True
        url = hook.url
        for public, actual in self.routes.items():
            url = url.replace(public, actual, 1) if url.startswith(public) else url
        headers = {"content-type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        taken = False
        for _ in range(self.duplicates):
            try:
                answer = await client.post(url, content=json.dumps(entry.update), headers=headers)
            except httpx.HTTPError as error:
                hook.last_error = type(error).__name__
                return taken
            self.responses.append(answer.status_code)
            taken = taken or answer.is_success
            if not answer.is_success:
                hook.last_error = f"Wrong response from the webhook: {answer.status_code}"
        return taken

    # -- answering

    async def _file(self, request: Request) -> Response:
        content = self._files.get(request.path_params["path"])
        if request.path_params["token"] != self.token or content is None:
            return _refusal(404, "Not Found")
        fault = self.faults.take("file", None)

        async def work() -> Response:
            return Response(content, media_type="application/octet-stream")

        return await play(fault, work, _as_ordered)

    async def _method(self, request: Request) -> Response:
        method = request.path_params["method"]
        if request.path_params["token"] != self.token:
            return _refusal(401, "Unauthorized")
        if request.headers.get("content-type", "").startswith("application/json"):
            values = await request.json()
        else:
            async with request.form() as form:
                fields = {name: value for name, value in form.items() if isinstance(value, str)}
            values = telegram_contract.decode({**dict(request.query_params), **fields})
        self.calls.append((method, values))
        found = telegram_contract.problems(method, values)
        if found:
            self.violations.append(f"{method}: {'; '.join(found)}")
            return _refusal(400, f"Bad Request: {found[0]}")
        fault = self.faults.take(method, str(values.get("chat_id", "")) or None)

        async def work() -> Response:
            action: Callable[[dict[str, Any]], Any] | None = getattr(
                self, f"_do_{_snake(method)}", None
            )
            if action is None:
                return _refusal(404, "Not Found: method not found")
            result = action(values)
            if asyncio.iscoroutine(result):
                result = await result
            if isinstance(result, Response):
                return result
            return JSONResponse({"ok": True, "result": result})

        return await play(fault, work, _as_ordered)

    def _do_get_me(self, _: dict[str, Any]) -> Any:
        return BOT

    def _do_send_message(self, values: dict[str, Any]) -> Any:
        person = self.people.get(int(values["chat_id"]))
        if person is None or not person.has_written:
            return _refusal(400, "Bad Request: chat not found")
        if person.has_blocked:
            return _refusal(403, "Forbidden: bot was blocked by the user")
        if person.is_gone:
            return _refusal(403, "Forbidden: user is deactivated")
        markup = values.get("reply_markup") or {}
        rows = markup.get("inline_keyboard", [])
        buttons = tuple(
            SeenButton(one["text"], one["callback_data"]) for row in rows for one in row
        )
        seen = SeenMessage(
            person.chat_id, self.next_message_id(), values["text"], buttons, values, self.now()
        )
        self.messages.append(seen)
        return self.as_message(seen)

    def as_message(self, seen: SeenMessage) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": seen.message_id,
            "from": BOT,
            "chat": self.people[seen.chat_id].chat,
            "date": int(seen.at),
            "text": seen.text,
        }
        if seen.buttons:
            message["reply_markup"] = {
                "inline_keyboard": seen.fields["reply_markup"]["inline_keyboard"]
            }
        if seen.fields.get("protect_content") == "true":
            message["has_protected_content"] = True
        return message

    def _do_answer_callback_query(self, values: dict[str, Any]) -> Any:
        if values["callback_query_id"] not in {q for p in self.people.values() for q in p.queries}:
            return _refusal(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        self.answered.add(values["callback_query_id"])
        return True

    def _find(self, chat: object, number: object) -> SeenMessage | None:
        for one in self.messages:
            if (one.chat_id, one.message_id) == (int(str(chat)), int(str(number))):
                return one
        return None

    def _do_delete_message(self, values: dict[str, Any]) -> Any:
        seen = self._find(values["chat_id"], values["message_id"])
        if seen is None or seen.deleted:
            return _refusal(400, "Bad Request: message to delete not found")
        if self.now() - seen.at > DELETABLE:
            return _refusal(400, "Bad Request: message can't be deleted for everyone")
        seen.deleted = True
        return True

    def _do_delete_messages(self, values: dict[str, Any]) -> Any:
        seen = [self._find(values["chat_id"], number) for number in values["message_ids"]]
        if any(one is not None and self.now() - one.at > DELETABLE for one in seen):
            return _refusal(400, "Bad Request: message can't be deleted for everyone")
        for one in seen:
            if one is not None:
                one.deleted = True
        return True

    def _do_get_file(self, values: dict[str, Any]) -> Any:
        name = values["file_id"]
        if name not in self._files:
            return _refusal(400, "Bad Request: invalid file_id")
        size = self.stated_sizes.get(name, len(self._files[name]))
        return {"file_id": name, "file_unique_id": name[:16], "file_size": size, "file_path": name}

    def _do_set_webhook(self, values: dict[str, Any]) -> Any:
        if not values["url"].startswith("https://") and "127.0.0.1" not in values["url"]:
            return _refusal(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        allowed = tuple(values.get("allowed_updates") or ())
        self.webhook = Webhook(values["url"], values.get("secret_token", ""), allowed)
        return True

    def _do_delete_webhook(self, _: dict[str, Any]) -> Any:
        self.webhook = None
        return True

    def _do_get_webhook_info(self, _: dict[str, Any]) -> Any:
        hook = self.webhook
        info: dict[str, Any] = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": self.waiting,
        }
        if hook is not None and hook.allowed:
            info["allowed_updates"] = list(hook.allowed)
        if hook is not None and hook.last_error:
            info |= {"last_error_date": int(self.now()), "last_error_message": hook.last_error}
        return info

    def _do_set_my_commands(self, values: dict[str, Any]) -> Any:
        self.commands[values.get("language_code", "")] = values["commands"]
        return True

    async def _do_get_updates(self, values: dict[str, Any]) -> Any:
        if self.webhook is not None:
            return _refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(values.get("offset", 0) or 0)
        for one in self._updates:
            one.delivered = one.delivered or one.update["update_id"] < offset
        until_ = time.monotonic() + int(values.get("timeout", 0) or 0)
        allowed = values.get("allowed_updates") or ()
        while True:
            found = [
                one.update
                for one in self._updates
                if not one.delivered
                and (not allowed or any(kind in allowed for kind in one.update))
            ]
            if found or self._is_closing or time.monotonic() >= until_:
                return found[: int(values.get("limit", 100) or 100)]
            await asyncio.sleep(0.01)


def _snake(method: str) -> str:
    return re.sub("([A-Z])", r"_\1", method).lower()


def _refusal(status: int, description: str, **parameters: int) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return JSONResponse(body, status_code=status)


def _as_ordered(fault: Fault) -> Response:
    status = fault.status or 500
    words = {
        429: f"Too Many Requests: retry after {fault.retry_after}",
        403: "Forbidden: bot was blocked by the user",
        500: "Internal Server Error",
    }
    said = fault.description or words.get(status, "Error")
    if fault.retry_after is not None:
        return _refusal(status, said, retry_after=fault.retry_after)
    return _refusal(status, said)
