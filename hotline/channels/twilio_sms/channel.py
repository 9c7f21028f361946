"""The SMS channel: signed webhooks in, one REST request a part out, the log as a second look."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from hotline.channels.base import (
    BadNumber,
    ChannelName,
    Delivery,
    Inbound,
    Malformed,
    MediaRef,
    Message,
    Rejected,
    Request,
    SendError,
    Sent,
    TimedOut,
)
from hotline.channels.media import sniff
from hotline.channels.quiet import quiet_libraries
from hotline.channels.twilio_sms import log
from hotline.channels.twilio_sms.codes import error_for
from hotline.channels.twilio_sms.numbers import e164
from hotline.channels.twilio_sms.parse import form_in, parse_body
from hotline.channels.twilio_sms.state import SmsState, read_state
from hotline.channels.twilio_sms.transport import Transport

_T = TypeVar("_T")
_SIGNATURE = "x-twilio-signature"
_GRACE = 5.0  # seconds past the client's own limits before a thread is given up
_LOG_TIMEOUT = 120.0  # seconds for reading the log, page after page


class TwilioSms:
    """`sender` is a number in E.164 form, a short code or a messaging service id (`MG...`).

    `status_url` is the public address of `POST /hooks/twilio/status`; empty means no delivery
    reports. `api_url` may be a proxy. `timeout` bounds one request, in seconds.
    """

    name: str = ChannelName.SMS.value
    carries_buttons = False

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        *,
        status_url: str = "",
        api_url: str = "https://api.twilio.com",
        timeout: float = 15.0,
    ) -> None:
        quiet_libraries()
        self._account_sid = account_sid
        self._auth = (account_sid, auth_token)
        self._sender = sender
        # Twilio refuses the whole message for an address that is not whole (21609).
        self._status_url = status_url if status_url.startswith(("https://", "http://")) else ""
        self._timeout = timeout
        self._validator = (
            RequestValidator(auth_token)  # type: ignore[no-untyped-call]
            if auth_token
            else None
        )
        self._transport = Transport(api_url, timeout=timeout)
        self._client = Client(  # type: ignore[no-untyped-call]
            account_sid,
            auth_token,
            http_client=self._transport,
            # The library would read a region from the environment and rename the host.
            environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
        )

    def verify(self, request: Request) -> bool:
        """The signature covers the public address and every field, sorted."""
        if self._validator is None:
            return False
        try:
            form = form_in(request.body)
            given = request.headers.get(_SIGNATURE, "")
            valid = self._validator.validate(request.url, form, given)  # type: ignore[no-untyped-call]
            return bool(valid)
        except (Malformed, ValueError):
            return False

    def parse(self, request: Request) -> tuple[Delivery, ...]:
        return parse_body(request.body)

    async def send(self, address: str, message: Message, *, skip: int = 0) -> Sent:
        to = e164(address)
        if to is None:
            raise BadNumber("21211")
        gone: list[str] = []
        for part in message.parts[skip:]:
            try:
                gone.append(await self._call(lambda: self._create(to, part)))  # noqa: B023
            except SendError as error:
                error.sent = len(gone)
                error.provider_ids = tuple(gone)
                raise
        return Sent(tuple(gone))

    def _create(self, to: str, body: str) -> str:
        fields: dict[str, str] = {"to": to, "body": body}
        service = self._sender.startswith("MG")
        fields["messaging_service_sid" if service else "from_"] = self._sender
        if self._status_url:
            fields["status_callback"] = self._status_url
        return str(self._client.messages.create(**fields).sid)

    async def acknowledge(self, callback_ref: str) -> None:
        """SMS has no buttons."""

    async def delete(self, address: str, provider_ids: tuple[str, ...]) -> int:  # noqa: ARG002
        """A delivered SMS cannot be taken back."""
        return 0

    async def fetch(self, media: MediaRef, *, limit: int) -> bytes:
        if media.size is not None and media.size > limit:
            raise Rejected("too_big")
        content = await self._call(
            lambda: self._transport.download(media.ref, self._auth, limit=limit)
        )
        if sniff(content) is None:
            raise Rejected("refused")
        return content

    async def list_inbound(self, since: datetime) -> tuple[Inbound, ...]:
        """Messages from people in Twilio's own log after `since` (aware), oldest first.

        Their `external_id` is that of the webhook, so feeding them to the inbox again is harmless.
        Raises a `SendError`.
        """
        return await self._call(lambda: log.inbound_since(self._client, since), within=_LOG_TIMEOUT)

    async def find_sent(
        self, to: str, body_hash: str, since: datetime, *, known: Iterable[str] = ()
    ) -> str | None:
        """Whether an uncertain part went: its provider id in the log, None if it is not there.

        `body_hash` is `hotline.channels.twilio_sms.body_hash` of the part; `known` are the provider
        ids of other lines, which may have the same words. Raises a `SendError`.
        """
        return await self._call(
            lambda: log.sent_since(self._client, to, body_hash, since, known), within=_LOG_TIMEOUT
        )

    async def gone(
        self, address: str, part: str, since: datetime, known: Iterable[str]
    ) -> str | None:
        """`find_sent` for the words of a part. Raises a `SendError`."""
        to = e164(address)
        if to is None:
            raise BadNumber("21211")
        return await self.find_sent(to, log.body_hash(part), since, known=known)

    async def state(self) -> SmsState:
        """How the account stands. Raises a `SendError`."""
        return await self._call(lambda: read_state(self._client, self._account_sid, self._sender))

    async def close(self) -> None:
        await asyncio.to_thread(self._transport.close)

    async def _call(self, work: Callable[[], _T], *, within: float | None = None) -> _T:
        """Runs blocking `work` in a thread. Raises a `SendError` without a cause: Twilio's errors
        quote the number."""
        try:
            async with asyncio.timeout(within or self._timeout + _GRACE):
                return await asyncio.to_thread(work)
        except SendError:
            raise
        except (TwilioRestException, TwilioServiceException) as error:
            raise error_for(error.status, error.code) from None
        except Exception:  # noqa: BLE001  the closed list is the only way out
            # No answer, or one that is not Twilio's: whether the message went is not known.
            raise TimedOut("unreadable_answer") from None
