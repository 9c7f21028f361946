"""What the composition root hands to the web layer, and nothing else is global."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.accounts.passwords import STANDARD, Cost
from hotline.channels.base import Channel, Delivery
from hotline.config import Settings
from hotline.conversation.mind import Mind
from hotline.crypto import KeyRing
from hotline.db.transaction import Store, Tx
from hotline.i18n.words import Words
from hotline.web.events import Hub
from hotline.web.phones import Phones

Receive = Callable[[Channel, Delivery], Awaitable[None]]
"""Makes a delivery safe and plays what it causes; returns after the commit."""

Heartbeats = Callable[[Tx], Mapping[str, datetime]]


def _nothing() -> None:
    pass


def _no_stories() -> None:
    return None


@dataclass(frozen=True, slots=True)
class WebContext:
    """`clock` gives the moment, aware and in UTC. `bundle` is the published flow bundle."""

    store: Store
    keys: KeyRing
    settings: Settings
    clock: Callable[[], datetime]
    words: Words
    receive: Receive
    channels: Mapping[str, Channel] = field(default_factory=dict)
    bundle: Any = None
    mind: Mind | None = None  # what operators' actions think with; None where there is no console
    told: Callable[[], frozenset[str] | None] = _no_stories  # steps and answers stories visit
    content: Any = None  # the files under flows/, for prepared replies and the directory
    wake: Callable[[], None] = _nothing  # a hint to the sender and to timers after a change
    hub: Hub = field(default_factory=Hub)
    phones: Phones | None = None  # the demonstration's telephones
    cost: Cost = STANDARD  # of new password hashes
    heartbeats: Heartbeats | None = None  # when each process last worked, for /ready
    expected_heartbeats: tuple[str, ...] = ()  # processes that must be at work

    @property
    def is_https(self) -> bool:
        return self.settings.public_url.startswith("https://")
