"""Each channel with its far end, so that one suite can ask the same of all of them."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from hotline.channels.base import Channel, ChannelName, Message, Request
from hotline.channels.simulator import Simulator, block_event, text_event
from hotline.channels.telegram import TelegramChannel
from hotline.channels.twilio_sms import TwilioSms
from tests.standins.telegram import SECRET, TelegramStandin
from tests.standins.twilio import TwilioStandin

PUBLIC = "https://hotline.example"


class Rig(Protocol):
    channel: Channel
    address: str

    def arriving(self, text: str) -> Request: ...
    def forged(self, request: Request) -> Request: ...
    def unsigned(self, request: Request) -> Request: ...
    def block(self) -> None: ...
    def seen(self) -> list[str]: ...


@dataclass
class TelegramRig:
    far: TelegramStandin
    channel: TelegramChannel
    address: str = "1001"

    def arriving(self, text: str) -> Request:
        update = {"update_id": 870_000_500, "message": self.far.person().message(text=text)}
        headers = {"x-telegram-bot-api-secret-token": SECRET}
        return Request(headers=headers, body=json.dumps(update).encode())

    def forged(self, request: Request) -> Request:
        return Request(headers={"x-telegram-bot-api-secret-token": SECRET + "x"}, body=request.body)

    def unsigned(self, request: Request) -> Request:
        return Request(headers={}, body=request.body)

    def block(self) -> None:
        self.far.person().has_blocked = True

    def seen(self) -> list[str]:
        return [one.text for one in self.far.messages if not one.deleted]


@dataclass
class SmsRig:
    far: TwilioStandin
    channel: TwilioSms
    address: str = "+996700123456"

    def arriving(self, text: str) -> Request:
        form = self.far.inbound_form(self.far.receive(self.address, text))
        url = f"{PUBLIC}/hooks/twilio"
        headers = {"x-twilio-signature": self.far.signature(url, form)}
        return Request(headers=headers, body=urlencode(form).encode(), url=url)

    def forged(self, request: Request) -> Request:
        return Request(request.headers, request.body + b"&Extra=1", request.url)

    def unsigned(self, request: Request) -> Request:
        return Request({}, request.body, request.url)

    def block(self) -> None:
        self.far.stopped.add(self.address)

    def seen(self) -> list[str]:
        return [one.body for one in self.far.to_number(self.address)]


@dataclass
class SimulatorRig:
    channel: Simulator
    lines: list[tuple[str, str, str]]
    address: str = "sim-1"

    def arriving(self, text: str) -> Request:
        return self.channel.request(text_event("e1", self.address, text))

    def forged(self, request: Request) -> Request:
        return Request({"x-simulator-secret": "guess"}, request.body)

    def unsigned(self, request: Request) -> Request:
        return Request({}, request.body)

    def block(self) -> None:
        self.channel.block(self.address, blocked=True)
        assert block_event("e2", self.address, blocked=True)["kind"] == "blocked"

    def seen(self) -> list[str]:
        return [text for _, text, _ in self.lines]


def _simulator(mode: ChannelName) -> SimulatorRig:
    lines: list[tuple[str, str, str]] = []
    numbers = itertools.count(1)

    def keep(address: str, message: Message, provider_id: str) -> None:
        lines.append((address, message.parts[0], provider_id))

    def forget(address: str, provider_ids: tuple[str, ...]) -> int:
        before = len(lines)
        lines[:] = [one for one in lines if one[0] != address or one[2] not in provider_ids]
        return before - len(lines)

    simulator = Simulator(
        mode, secret="page", on_send=keep, on_delete=forget, new_id=lambda: f"sim{next(numbers)}"
    )
    return SimulatorRig(simulator, lines)


@asynccontextmanager
async def rig_of(name: str) -> AsyncIterator[Rig]:
    match name:
        case "telegram":
            async with TelegramStandin() as far:
                far.person().has_written = True
                channel = TelegramChannel(far.token, SECRET, api_url=far.base_url, timeout=5)
                yield TelegramRig(far, channel)
                await channel.close()
        case "sms":
            async with TwilioStandin() as tw:
                sms = TwilioSms(
                    tw.account, tw.auth_token, tw.number,
                    status_url=f"{PUBLIC}/hooks/twilio/status", api_url=tw.base_url, timeout=5,
                )  # fmt: skip
                yield SmsRig(tw, sms)
                await sms.close()
        case "simulated telegram":
            yield _simulator(ChannelName.TELEGRAM)
        case "simulated sms":
            yield _simulator(ChannelName.SMS)
        case _:
            raise ValueError(name)
