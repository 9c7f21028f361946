"""The other hand: claims due lines, asks the gate, renders, sends, and writes down how it went.

No database connection is held while a provider is asked. Each line is acknowledged by itself, so a
crash leaves in doubt only what was in flight; such a line is sent again and shown as uncertain.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from hotline.channels.base import Blocks, Channel, Message, SendError, Sent
from hotline.crypto import KeyRing, Place, jitter, unseal
from hotline.db.transaction import Store, Tx
from hotline.flow.events import Said
from hotline.logs import event, failure
from hotline.outbox import repository, rules
from hotline.outbox.repository import Due
from hotline.outbox.service import read_payload

_BATCH = 20


class Render(Protocol):
    """Words for a line: `(said or plain words, channel, language, latin) -> Message`."""

    def __call__(
        self, said: Said | str, *, channel: str, language: str | None, latin: bool
    ) -> Message: ...


Failed = Callable[[Tx, Due, str, datetime], None]
"""Told, in the same transaction, of a line that will never arrive (makes the operator's task)."""


FindSent = Callable[[str, str, datetime, Iterable[str]], Awaitable[str | None]]
"""`(address, words of a part, since, ids of other lines)`: the provider's id of a part that went
although we never heard so; None if it did not. Raises a `SendError`."""


@dataclass(frozen=True)
class Sender:
    """What sending needs. `reconcile` may find a doubtful line in the provider's own log."""

    store: Store
    keys: KeyRing
    channels: Mapping[str, Channel]
    render: Render
    clock: Callable[[], datetime]
    owner: str
    lease: timedelta
    zone: str
    on_failed: Failed
    on_blocked: Callable[[Tx, Due, datetime], None]
    reconcile: Mapping[str, FindSent] = field(default_factory=dict)  # by channel
    asks_safety: Callable[[str], bool] = field(default=lambda _: False)  # of a step, `flow.step`

    async def run_once(self) -> int:
        """Sends what is due now; the number of lines handled."""
        now = self.clock()
        due = await self.store.awrite(
            lambda tx: repository.claim(
                tx, owner=self.owner, now=now, lease=self.lease, limit=_BATCH
            )
        )
        if due:
            await asyncio.gather(*(self._one(line) for line in due))
        return len(due)

    async def _one(self, line: Due) -> None:
        if not await self._may_leave(line):
            return
        channel = self.channels.get(line.channel)
        if channel is None:
            await self._later(line, SendErrorSeen("no_channel", may_retry=True))
            return
        try:
            data_key = self.keys.unwrap(line.wrapped, line.key_id, line.reader)
            address = unseal(data_key, line.address, Place("contacts", "address", line.contact_id))
            message = self.render(
                read_payload(data_key, line.id, line.payload),
                channel=line.channel,
                language=line.language,
                latin=line.latin,
            )
        except Exception as error:  # noqa: BLE001 - one broken line must not stop the others
            failure("outbox.unreadable", error, outbox=line.id)
            await self._later(line, SendErrorSeen("unreadable", may_retry=False))
            return
        if not message.parts:
            # Every sentence named a number that may not be shown: nothing is left to say.
            await self._settle(line, {"state": "withdrawn", "error": "empty"})
            return
        await self._send(channel, address, message, line)

    async def _may_leave(self, line: Due) -> bool:
        """The gate, asked with what is true now and not when the line was claimed."""
        now = self.clock()
        fresh = await self.store.awrite(
            lambda tx: repository.renew(tx, line.id, owner=self.owner, now=now, lease=self.lease)
        )
        if fresh is None:
            return False  # withdrawn, or somebody else's by now
        verdict = rules.may_send(
            self._profile(fresh),
            kind=fresh.kind,
            neutral=fresh.neutral,
            now=now,
            created_at=fresh.created_at,
        )
        match verdict:
            case rules.Allow():
                return True
            case rules.WaitUntil(moment=moment):
                await self._settle(line, {"state": "new", "next_at": moment})
            case rules.Hold():
                await self._settle(line, {"state": "held"})
            case rules.Refuse(reason=reason):
                await self._settle(line, {"state": "withdrawn", "error": reason})
        return False

    async def _send(self, channel: Channel, address: str, message: Message, line: Due) -> None:
        """Part by part: between two of them she may ask for silence."""
        gone = await self._gone_already(line, address, message)
        parts = message.parts
        looked = line.uncertain and line.channel in self.reconcile
        for number in range(line.parts_sent + len(gone), len(parts)):
            if (gone or looked) and not await self._may_leave(line):
                await self._keep_parts(line, gone)
                return
            is_last = number == len(parts) - 1
            part = replace(
                message, parts=parts[: number + 1], buttons=message.buttons if is_last else ()
            )
            try:
                sent = await channel.send(address, part, skip=number)
            except SendError as error:
                await self._later(line, SendErrorSeen.of(error, after=gone))
                return
            except Exception as error:  # noqa: BLE001 - unknown trouble is tried again, in order
                failure("outbox.send_failed", error, outbox=line.id)
                seen = SendErrorSeen(
                    "unexpected", may_retry=True, uncertain=True, sent=len(gone),
                    provider_ids=tuple(gone),
                )  # fmt: skip
                await self._later(line, seen)
                return
            gone.extend(sent.provider_ids)
        await self._sent(line, Sent(tuple(gone)))

    async def _gone_already(self, line: Due, address: str, message: Message) -> list[str]:
        """Parts of a doubtful line that stand in the provider's own log, in order.

        What cannot be found out in half a lease counts as not gone: twice is better than never.
        """
        gone: list[str] = []
        find = self.reconcile.get(line.channel)
        if find is None or not line.uncertain:
            return gone
        others = set(
            await self.store.aread(lambda tx: repository.known_ids(tx, line.conversation_id))
        )
        try:
            async with asyncio.timeout(self.lease.total_seconds() / 2):
                for part in message.parts[line.parts_sent :]:
                    known = await find(address, part, line.created_at, others)
                    if known is None:
                        break
                    gone.append(known)
                    others.add(known)
        except (SendError, TimeoutError) as error:
            failure("outbox.not_reconciled", error, outbox=line.id)
        if gone:
            event("outbox.reconciled", outbox=line.id, parts=len(gone))
        return gone

    async def _keep_parts(self, line: Due, gone: Sequence[str]) -> None:
        """What left before the rest was refused, so that it can still be deleted after HIDE."""
        await self.store.awrite(
            lambda tx: repository.note_parts(
                tx, line.id, line.channel, owner=self.owner,
                parts=line.parts_sent + len(gone),
                provider_ids=[*(line.provider_ids or ()), *gone],
            )
        )  # fmt: skip

    async def _sent(self, line: Due, sent: Sent) -> None:
        now = self.clock()
        ids = [*(line.provider_ids or ()), *sent.provider_ids]

        def work(tx: Tx) -> None:
            values: dict[str, Any] = {
                "state": "sent",
                "sent_at": now,
                "provider_ids": ids,
                "error": None,
            }
            if repository.settle(tx, line.id, owner=self.owner, values=values):
                repository.remember_provider_ids(tx, line.channel, sent.provider_ids, line.id)

        await self.store.awrite(work)

    async def _later(self, line: Due, error: "SendErrorSeen") -> None:
        now = self.clock()
        final = not error.may_retry or line.attempts >= rules.MAX_ATTEMPTS
        wait = rules.backoff(line.attempts, jitter=jitter(), retry_after=error.retry_after)
        event(
            "outbox.not_sent",
            outbox=line.id,
            code=error.code,
            attempts=line.attempts,
            final=final,
        )

        def work(tx: Tx) -> None:
            values: dict[str, Any] = {
                "state": "failed" if final else "new",
                "next_at": now + wait,
                "error": error.code[:80],
                "parts_sent": line.parts_sent + error.sent,
                "provider_ids": [*(line.provider_ids or ()), *error.provider_ids],
            }
            if error.uncertain:
                values["uncertain"] = True
            kept = repository.settle(
                tx, line.id, owner=self.owner, values=values, only_sending=True
            )
            if not kept:
                # Withdrawn while it was under way: it is not tried again, but what left
                # is known, so that a quick exit can still delete it.
                repository.note_parts(
                    tx, line.id, line.channel, owner=self.owner, parts=values["parts_sent"],
                    provider_ids=values["provider_ids"],
                )  # fmt: skip
                if error.blocked:
                    self.on_blocked(tx, line, now)
                return
            repository.remember_provider_ids(tx, line.channel, error.provider_ids, line.id)
            if error.blocked:
                self.on_blocked(tx, line, now)
            elif final:
                self.on_failed(tx, line, error.code, now)

        await self.store.awrite(work)

    async def _settle(self, line: Due, values: dict[str, Any]) -> None:
        await self.store.awrite(
            lambda tx: repository.settle(
                tx, line.id, owner=self.owner, values=values, only_sending=True
            )
        )

    def _profile(self, line: Due) -> rules.SafeContact:
        return rules.SafeContact(
            state=line.state,
            quiet=line.quiet,
            unasked_off=line.unasked_off,
            neutral_only=line.neutral_only,
            last_heard_at=line.last_heard_at,
            window_until=line.window_until,
            weekly=rules.read_weekly(line.profile),
            zone=self.zone,
            is_asked=line.place is not None and self.asks_safety(line.place),
        )


@dataclass(frozen=True, slots=True)
class SendErrorSeen:
    """What matters of a failed send."""

    code: str
    may_retry: bool
    uncertain: bool = False
    retry_after: float | None = None
    sent: int = 0
    provider_ids: Sequence[str] = ()
    blocked: bool = False

    @classmethod
    def of(cls, error: SendError, *, after: Sequence[str] = ()) -> "SendErrorSeen":
        """`after`: provider ids of parts that left before the call that failed."""
        return cls(
            code=f"{type(error).__name__.lower()}:{error.code}"[:80],
            may_retry=error.may_retry,
            uncertain=error.uncertain,
            retry_after=error.retry_after,
            sent=len(after) + error.sent,
            provider_ids=(*after, *error.provider_ids),
            blocked=isinstance(error, Blocks),
        )
