"""What the person is told of her referral. The words are a flow's; the gate decides when."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from hotline.core.errors import NotFound
from hotline.crypto import KeyRing
from hotline.db.transaction import Tx
from hotline.flow.events import Said
from hotline.outbox import service as outbox
from hotline.outbox.rules import Kind
from hotline.referrals.repository import referrals as rows
from hotline.referrals.repository.referrals import ReferralRow

NEUTRAL: Final = frozenset({"sent", "looking", "ask_again", "recalled"})
"""As the flow `news` marks its steps. The others name the partner, and so may not go to a phone
that somebody watches: the gate keeps them until it is safe."""


def tell(
    tx: Tx,
    keys: KeyRing | None,
    row: ReferralRow,
    step: str,
    *,
    now: datetime,
    partner: Mapping[str, str] | None = None,
) -> None:
    """Puts one line of the flow `news` into the outbox, in her language."""
    if keys is None:
        return
    args: dict[str, str] = {}
    if partner is not None:
        language = rows.language_of(tx, row.conversation_id)
        args["partner"] = in_language(partner, language)
    said = Said(key=f"news.{step}.tell", args=args, neutral=step in NEUTRAL)
    with suppress(NotFound):  # she had her data deleted: nobody is left to be told
        outbox.enqueue_said(tx, keys, row.conversation_id, said, kind=Kind.NEWS, now=now)


def in_language(name: Mapping[str, str], language: str | None) -> str:
    for code in (language, "ru", "en"):
        if code is not None and name.get(code):
            return name[code]
    return next(iter(name.values()), "")
