"""The partner's side. Every row is reached through the actor's own partner id: what was addressed
to somebody else does not exist here."""

from hotline.referrals.service.partner.cards import Board, OfferCard, OfferPage
from hotline.referrals.service.partner.places import MOST_PLACES, capacity, set_places
from hotline.referrals.service.partner.reading import board, history, opened, page
from hotline.referrals.service.partner.steps import (
    accept,
    arrived,
    attempt,
    complete,
    contact,
    decline,
    receipt,
    start,
    state_deletion,
)

__all__ = [
    "MOST_PLACES",
    "Board",
    "OfferCard",
    "OfferPage",
    "accept",
    "arrived",
    "attempt",
    "board",
    "capacity",
    "complete",
    "contact",
    "decline",
    "history",
    "opened",
    "page",
    "receipt",
    "set_places",
    "start",
    "state_deletion",
]
