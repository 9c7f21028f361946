"""Twilio on loopback: REST messages, signed webhooks, delivery reports, and the message log.

    async with TwilioStandin() as tw:
        tw.deliver_to("http://127.0.0.1:8189", public="https://hotline.example")
        person = tw.person("+996700123456")
        await person.says("салам")
        [line] = await person.hears(1)

Every request is checked (`twilio_contract`); one that Twilio would refuse is refused as it does,
with a JSON body of code, message and status, and kept in `tw.violations`.
"""

import asyncio
import base64
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tests.standins import twilio_contract
from tests.standins.faults import Fault, Faults, play
from tests.standins.server import Loopback
from tests.standins.telegram_phone import until

ACCOUNT = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
NUMBER = "+15005550006"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
GIVES_UP = 15.0  # seconds that Twilio waits for a webhook


@dataclass
class Record:
    """One message in Twilio's log."""

    sid: str
    to: str
    sender: str
    body: str
    direction: str
    status: str
    created: datetime
    sent: datetime | None = None
    callback: str | None = None
    error_code: int | None = None
    media: list[tuple[str, str, bytes]] = field(default_factory=list)  # sid, type, content

    @property
    def text(self) -> str:
        return self.body

    def as_json(self) -> dict[str, Any]:
        uri = f"{ROOT}/Messages/{self.sid}"
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.sent or self.created),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": str(len(self.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


class TwilioStandin:
    """`base_url` is what `HOTLINE_TWILIO_API_URL` is set to."""

    account = ACCOUNT
    auth_token = AUTH_TOKEN
    number = NUMBER

    def __init__(self) -> None:
        self.faults = Faults()
        self.log: list[Record] = []  # oldest first
        self.violations: list[str] = []
        self.people: dict[str, Caller] = {}
        self.stopped: set[str] = set()  # answered STOP
        self.responses: list[int] = []
        self.outcomes: dict[str, tuple[str, int | None]] = {}  # number -> last status, error code
        self.page_size: int | None = None  # smaller than asked for, to see paging
        self.account_type = "Full"
        self.fallback_url = ""
        self.reports = True
        self.delivered: list[str] = []  # reports as "sid:status"
        self._public = ""
        self._actual = ""
        self._numbers = itertools.count(1)
        self._validator = RequestValidator(AUTH_TOKEN)
        self._reports: list[tuple[Record, str, int | None]] = []
        routes = [
            Route(ROOT + ".json", self._account, methods=["GET"]),
            Route(ROOT + "/IncomingPhoneNumbers.json", self._phone_numbers, methods=["GET"]),
            Route(ROOT + "/Messages.json", self._messages, methods=["GET", "POST"]),
            Route(ROOT + "/Messages/{sid}.json", self._message, methods=["GET"]),
            Route(ROOT + "/Messages/{sid}/Media.json", self._media_list, methods=["GET"]),
            Route(ROOT + "/Messages/{sid}/Media/{media}", self._media, methods=["GET"]),
        ]
        self._server = Loopback(Starlette(routes=routes))

    @property
    def base_url(self) -> str:
        return self._server.url

    # -- life

    def start(self) -> Self:
        twilio_contract.warm_up()  # loading takes longer than a caller in a test waits
        self._server.start()
        self._server.background(self._report())
        return self

    def stop(self) -> None:
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
            assert not self.violations, f"Twilio would refuse: {self.violations}"

    # -- what tests say

    def deliver_to(self, actual: str, *, public: str = "") -> None:
        """Where the hotline really is, and the public address that signatures are made over."""
        self._actual = actual.rstrip("/")
        self._public = (public or actual).rstrip("/")

    def person(self, number: str = "+996700123456") -> "Caller":
        return self.people.setdefault(number, Caller(self, number))

    def fail(self, where: str = "create", **how: Any) -> Fault:
        """Plans a fault: `where` is create, list, fetch, account or media."""
        return self.faults.plan(where, **how)

    def to_number(self, number: str) -> list[Record]:
        """What was sent to a number, oldest first."""
        return [one for one in self.log if one.to == number and one.direction != "inbound"]

    def new_sid(self, prefix: str = "SM") -> str:
        return f"{prefix}{next(self._numbers):032x}"

    def signature(self, url: str, form: dict[str, str]) -> str:
        return str(self._validator.compute_signature(url, form))

    def receive(
        self, number: str, body: str, media: list[tuple[str, bytes]] | None = None
    ) -> Record:
        """An SMS reaches Twilio; whether we hear of it is another matter."""
        now = datetime.now(UTC)
        kept = [(self.new_sid("ME"), kind, content) for kind, content in media or ()]
        record = Record(
            self.new_sid("MM" if kept else "SM"), NUMBER, number, body, "inbound", "received",
            now, sent=now, media=kept,
        )  # fmt: skip
        self.log.append(record)
        return record

    def inbound_form(self, record: Record, **extra: str) -> dict[str, str]:
        form = {
            "ToCountry": "US",
            "SmsMessageSid": record.sid,
            "NumMedia": str(len(record.media)),
            "SmsSid": record.sid,
            "SmsStatus": "received",
            "Body": record.body,
            "To": NUMBER,
            "NumSegments": "1",
            "MessageSid": record.sid,
            "AccountSid": ACCOUNT,
            "From": record.sender,
            "ApiVersion": "2010-04-01",
        }
        for number, (sid, kind, _) in enumerate(record.media):
            form[f"MediaContentType{number}"] = kind
            form[f"MediaUrl{number}"] = (
                f"https://api.twilio.com{ROOT}/Messages/{record.sid}/Media/{sid}"
            )
        return form | extra

    async def post(self, path: str, form: dict[str, str], *, signature: str | None = None) -> int:
        """One signed call of a webhook; the status of the answer, 0 when there was none."""
        return await self._server.run(self._post(path, form, signature))

    async def _post(self, path: str, form: dict[str, str], signature: str | None = None) -> int:
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": signature or self.signature(self._public + path, form),
        }
        async with httpx.AsyncClient(timeout=GIVES_UP, trust_env=False) as client:
            try:
                answer = await client.post(
                    self._actual + path, content=urlencode(form), headers=headers
                )
            except httpx.HTTPError:
                return 0
        self.responses.append(answer.status_code)
        return answer.status_code

    # -- delivery reports

    async def _report(self) -> None:
        while True:
            if not self._reports or not self._actual:
                await asyncio.sleep(0.01)
                continue
            record, status, code = self._reports.pop(0)
            record.status, record.error_code = status, code
            if record.callback is None or not record.callback.startswith(self._public):
                continue
            form = {
                "SmsSid": record.sid,
                "SmsStatus": status,
                "MessageStatus": status,
                "To": record.to,
                "MessageSid": record.sid,
                "AccountSid": ACCOUNT,
                "From": record.sender,
                "ApiVersion": "2010-04-01",
            }
            if code is not None:
                form["ErrorCode"] = str(code)
            await self._post(record.callback.removeprefix(self._public), form)
            self.delivered.append(f"{record.sid}:{status}")

    # -- answering

    async def _checked(
        self, request: Request, where: str, address: str | None, work: Any
    ) -> Response:
        given = request.headers.get("authorization", "")
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        if given != expected:
            return _error(401, 20003, "Authenticate")
        body = await request.body()
        if "/Media/" not in request.url.path:
            found = twilio_contract.problems(
                request.method, request.url.path, request.query_params, request.headers, body
            )
            if found:
                self.violations.append(f"{request.method} {where}: {'; '.join(found)}")
                return _error(400, 20001, found[0])
        return await play(self.faults.take(where, address), work, _as_ordered)

    async def _messages(self, request: Request) -> Response:
        if request.method == "GET":

            async def listing() -> Response:
                return self._list(request)

            return await self._checked(request, "list", None, listing)
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))

        async def work() -> Response:
            return self._create(form)

        return await self._checked(request, "create", form.get("To"), work)

    def _create(self, form: dict[str, str]) -> Response:
        for code, words in twilio_contract.create_problems(form):
            self.violations.append(f"create: {code} {words}")
            return _error(400, code, words)
        if form["To"] in self.stopped:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
        service = form.get("MessagingServiceSid")
        record = Record(
            self.new_sid(), form["To"], form.get("From", NUMBER), form["Body"], "outbound-api",
            "accepted" if service else "queued", datetime.now(UTC), callback=form.get("StatusCallback"),
        )  # fmt: skip
        self.log.append(record)
        if self.reports:
            status, code_ = self.outcomes.get(record.to, ("delivered", None))
            self._reports += [(record, "sent", None), (record, status, code_)]
        record.sent = record.created
        answer = record.as_json() | {"date_sent": None}
        if service:
            answer |= {"messaging_service_sid": service, "from": None}
        return JSONResponse(answer, status_code=201)

    def _list(self, request: Request) -> Response:
        query = request.query_params
        found = list(reversed(self.log))
        if "To" in query:
            found = [one for one in found if one.to == query["To"]]
        if "From" in query:
            found = [one for one in found if one.sender == query["From"]]
        if "DateSent>" in query:
            since = datetime.fromisoformat(query["DateSent>"])
            since = since if since.tzinfo else since.replace(tzinfo=UTC)
            found = [one for one in found if one.sent and one.sent >= since.replace(microsecond=0)]
        size = min(int(query.get("PageSize", 50)), self.page_size or 1000)
        page = int(query.get("Page", 0))
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        path = f"{ROOT}/Messages.json"
        following = {**query, "PageSize": str(size), "Page": str(page + 1), "PageToken": "PA0"}
        return JSONResponse(
            {
                "messages": [one.as_json() for one in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + len(shown) - 1,
                "uri": f"{path}?PageSize={size}",
                "first_page_uri": f"{path}?PageSize={size}&Page=0",
                "previous_page_uri": None,
                "next_page_uri": f"{path}?{urlencode(following)}" if more else None,
            }
        )

    async def _message(self, request: Request) -> Response:
        async def work() -> Response:
            for one in self.log:
                if one.sid == request.path_params["sid"]:
                    return JSONResponse(one.as_json())
            return _error(404, 20404, "The requested resource was not found")

        return await self._checked(request, "fetch", None, work)

    async def _media_list(self, request: Request) -> Response:
        async def work() -> Response:
            sid = request.path_params["sid"]
            record = next(one for one in self.log if one.sid == sid)
            base = f"{ROOT}/Messages/{sid}/Media"
            listed = [
                {
                    "account_sid": ACCOUNT,
                    "content_type": kind,
                    "date_created": format_datetime(record.created),
                    "date_updated": format_datetime(record.created),
                    "parent_sid": sid,
                    "sid": media,
                    "uri": f"{base}/{media}.json",
                }
                for media, kind, _ in record.media
            ]
            return JSONResponse(
                {"media_list": listed, "page": 0, "page_size": 50, "next_page_uri": None}
            )

        return await self._checked(request, "media", None, work)

    async def _media(self, request: Request) -> Response:
        async def work() -> Response:
            for record in self.log:
                for sid, kind, content in record.media:
                    if sid == request.path_params["media"]:
                        return Response(content, media_type=kind)
            return _error(404, 20404, "The requested resource was not found")

        return await self._checked(request, "media", None, work)

    async def _account(self, request: Request) -> Response:
        async def work() -> Response:
            now = format_datetime(datetime.now(UTC))
            account = {
                "sid": ACCOUNT,
                "friendly_name": "stand-in",
                "status": "active",
                "type": self.account_type,
                "date_created": now,
                "date_updated": now,
                "owner_account_sid": ACCOUNT,
                "uri": ROOT + ".json",
            }
            return JSONResponse(account)

        return await self._checked(request, "account", None, work)

    async def _phone_numbers(self, request: Request) -> Response:
        async def work() -> Response:
            asked = request.query_params.get("PhoneNumber", NUMBER)
            ours = {
                "account_sid": ACCOUNT,
                "sid": "PN" + "0" * 32,
                "phone_number": NUMBER,
                "sms_url": f"{self._public}/hooks/twilio",
                "sms_fallback_url": self.fallback_url,
            }
            found = [ours] if asked == NUMBER else []
            return JSONResponse(
                {"incoming_phone_numbers": found, "page": 0, "page_size": 50, "next_page_uri": None}
            )

        return await self._checked(request, "account", None, work)


def _error(status: int, code: int, message: str) -> Response:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return JSONResponse(body, status_code=status)


def _as_ordered(fault: Fault) -> Response:
    status = fault.status or 500
    code = fault.code or {429: 20429, 401: 20003, 503: 20503}.get(status, 20500)
    answer = _error(status, code, fault.description or "as ordered")
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


@dataclass
class Caller:
    """Somebody with a mobile phone."""

    standin: TwilioStandin
    number: str
    _read: int = 0

    async def says(self, body: str, *, retry: bool = True, **extra: str) -> Record:
        """Sends an SMS. With `retry` the webhook is called until it is taken (a test's patience,
        not Twilio's, which may give up: then use `standin.receive` and the log)."""
        record = self.standin.receive(self.number, body)
        await self._deliver(record, retry=retry, **extra)
        return record

    async def sends(self, media_type: str, content: bytes, body: str = "") -> Record:
        record = self.standin.receive(self.number, body, [(media_type, content)])
        await self._deliver(record, retry=True)
        return record

    async def _deliver(self, record: Record, *, retry: bool, **extra: str) -> None:
        form = self.standin.inbound_form(record, **extra)
        for _ in range(200 if retry else 1):
            if 200 <= await self.standin.post("/hooks/twilio", form) < 300:
                return
            if retry:
                await asyncio.sleep(0.1)
        if retry:
            raise AssertionError("the webhook did not take the message")

    async def stops(self) -> Record:
        """STOP at the provider: Twilio answers by itself and refuses further sends."""
        self.standin.stopped.add(self.number)
        return await self.says("STOP", OptOutType="STOP")

    async def starts_again(self) -> Record:
        self.standin.stopped.discard(self.number)
        return await self.says("START", OptOutType="START")

    async def hears(self, count: int = 1, *, within: float = 15.0) -> list[Record]:
        """The next `count` messages that were not heard yet."""

        def mine() -> list[Record]:
            return self.standin.to_number(self.number)[self._read :]

        message = f"waited for {count} messages to one number"
        await until(lambda: len(mine()) >= count, within, message)
        heard = mine()[:count]
        self._read += count
        return heard

    async def hears_nothing(self, seconds: float = 0.5) -> None:
        """No further message comes within `seconds`."""
        await asyncio.sleep(seconds)
        rest = self.standin.to_number(self.number)[self._read :]
        assert not rest, f"{len(rest)} messages came"
