"""The far ends of these tests are strict: each of them refuses what the real one refuses."""

from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Route

from hotline.channels.base import Message, Receipt, Request
from hotline.channels.telegram import TelegramChannel
from hotline.channels.twilio_sms import TwilioSms
from tests.standins import telegram_contract, twilio_contract
from tests.standins.server import Loopback
from tests.standins.telegram import SECRET, TelegramStandin
from tests.standins.telegram_phone import until
from tests.standins.twilio import ROOT, TwilioStandin

BUTTON = {"text": "Ооба", "callback_data": "a.b=c"}
BAD_REQUESTS = {
    "unknown field": {"nonsense": "1"},
    "no chat": {"chat_id": None},
    "no words": {"text": ""},
    "too long": {"text": "й" * 4097},
    "too long in units": {"text": "😀" * 2049},
    "unclosed tag": {"text": "<b>189", "parse_mode": "HTML"},
    "unknown tag": {"text": "<h1>189</h1>", "parse_mode": "HTML"},
    "unescaped": {"text": "1 < 2", "parse_mode": "HTML"},
    "other markup": {"parse_mode": "MarkdownV2"},
    "keyboard that is none": {"reply_markup": {"inline_keyboards": [[BUTTON]]}},
    "keyboard of words": {"reply_markup": {"inline_keyboard": [["Ооба"]]}},
    "flat keyboard": {"reply_markup": {"inline_keyboard": [BUTTON]}},
    "button too long": {
        "reply_markup": {"inline_keyboard": [[BUTTON | {"callback_data": "я" * 33}]]}
    },
    "button without data": {"reply_markup": {"inline_keyboard": [[{"text": "Ооба"}]]}},
    "button with unknown field": {
        "reply_markup": {"inline_keyboard": [[BUTTON | {"color": "red"}]]}
    },
}


@pytest.mark.parametrize("change", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_telegram_refuses(change: dict):
    good = {"chat_id": "1001", "text": "салам", "reply_markup": {"inline_keyboard": [[BUTTON]]}}
    assert telegram_contract.problems("sendMessage", good) == []
    bad = {name: value for name, value in {**good, **change}.items() if value is not None}
    assert telegram_contract.problems("sendMessage", bad)


def test_telegram_knows_no_other_methods():
    assert telegram_contract.problems("sendThoughts", {})


def test_the_published_description_of_telegram_is_used_where_it_is(shared_folder: Path):
    if not (shared_folder / "data" / "telegram_bot_api.json").is_file():
        pytest.skip("the description of the Bot API is not in the folder of shared data")
    assert telegram_contract.description() is not None
    only = list(telegram_contract._by_description("sendMessage", {"chat_id": [1], "txt": "x"}))
    assert len(only) == 3  # a wrong type, an unknown field, a missing one


def test_the_published_description_of_twilio_is_used_where_it_is(shared_folder: Path):
    if not (shared_folder / "data" / "twilio_api_v2010.json").is_file():
        pytest.skip("the description of Twilio is not in the folder of shared data")
    headers = {"authorization": "Basic eDp5", "content-type": "application/x-www-form-urlencoded"}
    path = f"{ROOT}/Messages.json"

    def problems(body: bytes, at: str = path) -> list[str]:
        return twilio_contract.problems("POST", at, {}, headers, body)

    good = b"To=%2B996700123456&From=%2B15005550006&Body=hi"
    assert problems(good) == []
    assert problems(b"Body=hi")  # no To
    assert problems(good + b"&MessagingServiceSid=XX1")
    assert problems(good, "/2010-04-01/Accounts/AC1/Messages.json")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "0700123456"}, 21211),
        ({"Body": " "}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": ""}, 21603),
        ({"From": "Hotline"}, 21212),
        ({"MessagingServiceSid": "MG" + "0" * 32}, 21603),
        ({"StatusCallback": "/hooks/twilio/status"}, 21609),
        ({"Surprise": "1"}, 20001),
    ],
)
async def test_twilio_refuses(change: dict, code: int):
    tw = TwilioStandin().start()
    form = {"To": "+996700123456", "From": tw.number, "Body": "hi"} | change
    async with httpx.AsyncClient(auth=(tw.account, tw.auth_token)) as client:
        answer = await client.post(f"{tw.base_url}{ROOT}/Messages.json", data=form)
        stranger = await client.post(
            f"{tw.base_url}{ROOT}/Messages.json", data=form, auth=("x", "y")
        )
    tw.stop()
    assert answer.status_code == 400
    if not any("RequestBody" in one or "Invalid" in one for one in tw.violations):
        assert answer.json()["code"] == code
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert stranger.status_code == 401
    assert stranger.json()["code"] == 20003


class Hotline:
    """A server that takes down what it is sent, and refuses the first `falls` calls."""

    def __init__(self, falls: int = 0) -> None:
        self.falls = falls
        self.calls: list[Request] = []
        paths = ("/hooks/telegram", "/hooks/twilio", "/hooks/twilio/status")
        routes = [Route(path, self.take, methods=["POST"]) for path in paths]
        self.server = Loopback(Starlette(routes=routes))

    async def take(self, request: WebRequest) -> Response:
        if self.falls > 0:
            self.falls -= 1
            return Response(status_code=503)
        url = f"https://hotline.example{request.url.path}"
        self.calls.append(Request(dict(request.headers), await request.body(), url))
        return Response()


async def test_telegram_tries_again_until_an_update_is_taken_and_keeps_the_order():
    hotline = Hotline(falls=3)
    hotline.server.start()
    async with TelegramStandin() as tg:
        tg.route("https://hotline.example", hotline.server.url)
        tg.deliver_to("https://hotline.example/hooks/telegram")
        person = tg.person()
        await person.says("бир", wait=False)
        await person.says("эки")
        tg.duplicates = 2
        await person.says("үч")
        channel = TelegramChannel(tg.token, SECRET, api_url=tg.base_url)
        assert all(channel.verify(call) for call in hotline.calls)
        read = [channel.parse(call)[0] for call in hotline.calls]
        assert [one.heard.text for one in read] == ["бир", "эки", "үч", "үч"]  # type: ignore[union-attr]
        assert read[2].external_id == read[3].external_id
        assert tg.responses[:3] == [503, 503, 503]
        await channel.close()
    hotline.server.stop()


async def test_twilio_signs_what_it_sends_and_reports_what_became_of_a_message():
    hotline = Hotline(falls=1)
    hotline.server.start()
    async with TwilioStandin() as tw:
        tw.deliver_to(hotline.server.url, public="https://hotline.example")
        sms = TwilioSms(
            tw.account, tw.auth_token, tw.number, api_url=tw.base_url,
            status_url="https://hotline.example/hooks/twilio/status",
        )  # fmt: skip
        person = tw.person()
        await person.says("салам")
        tw.outcomes[person.number] = ("undelivered", 30003)
        [sid] = (await sms.send(person.number, Message(("жооп",)))).provider_ids
        assert [one.body for one in await person.hears(1)] == ["жооп"]
        await until(lambda: len(hotline.calls) >= 3, 5, "no reports came")
        assert all(sms.verify(call) for call in hotline.calls)
        receipts = [sms.parse(call)[0] for call in hotline.calls[1:]]
        assert receipts == [
            Receipt("sms", f"{sid}:sent", sid, "sent"),
            Receipt("sms", f"{sid}:undelivered", sid, "failed", "30003"),
        ]
        form = dict(parse_qsl(hotline.calls[0].body.decode(), keep_blank_values=True))
        assert form["Body"] == "салам"
        await sms.close()
    hotline.server.stop()


async def test_a_broken_contract_fails_the_test_at_the_end():
    async def careless() -> None:
        async with TelegramStandin() as tg, httpx.AsyncClient() as client:
            tg.person().has_written = True
            url = f"{tg.base_url}/bot{tg.token}/sendMessage"
            answer = await client.post(url, data={"chat_id": "1001", "txt": "x"})
            assert answer.status_code == 400

    with pytest.raises(AssertionError, match="would refuse"):
        await careless()
