"""Asking, answering and taking back: always one recipient at a time, always her word."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.accounts.doors import permit
from hotline.cases import service as cases
from hotline.core.actor import PERSON, Actor
from hotline.core.errors import Conflict, NotFound
from hotline.crypto import KeyRing, new_id
from hotline.db.transaction import Tx
from hotline.referrals.repository import consents, referrals as rows, timers
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules import clocks
from hotline.referrals.rules.packet import PREVIEW_GROUP, groups_of, tier_of
from hotline.referrals.rules.states import ENDED, LIVE, PLANNED, Event, Role, State
from hotline.referrals.service import motion, news, packets
from hotline.referrals.service.motion import Hand

_LEAST = 4  # letters of a partner's name that she must have written to mean it


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """What a person is asked before anything is passed on."""

    referral_id: str
    partner_name: Mapping[str, str]
    service: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who holds something about her, for WHO HAS MY DATA."""

    code: str
    name: Mapping[str, str]
    groups: tuple[str, ...]
    since: datetime


def conversation_of(tx: Tx, referral_id: str) -> str:
    """Raises `NotFound`."""
    row = rows.load(tx, referral_id)
    if row is None:
        raise NotFound("There is no such referral.")
    return row.conversation_id


def consent_question(
    tx: Tx, keys: KeyRing, actor: Actor, referral_id: str, *, now: datetime
) -> ConsentQuestion:
    """The question about the next named partner. DRAFT moves on; a later name moves nothing.

    Raises `Conflict` when the referral is over or everybody on the list has been asked.
    """
    row = motion.locked(tx, referral_id)
    holder = rows.lease_holder(tx, row.conversation_id)
    permit(actor, "referral.draft", lease_holder_id=holder)
    if State(row.state) in ENDED:
        raise Conflict("This referral has ended.", key="error.referral.ended")
    offer = next_to_ask(tx, row, now=now)
    if offer is None:
        raise Conflict("Everybody on the list was asked.", key="error.referral.all_asked")
    groups = groups_of(packets.names(tx, referral_id))
    if row.anonymity == "anonymous" and groups != (PREVIEW_GROUP,):
        raise Conflict(
            "She stays anonymous: only the preview may be passed on.",
            key="error.referral.anonymous",
        )
    _write_asked(tx, row, offer, groups, actor, now=now)
    if row.state == State.DRAFT:
        hand = Hand(tx, keys, actor, Role.STAFF, now)
        motion.take(hand, referral_id, Event.ASK)
    return ConsentQuestion(referral_id, offer.partner_name, row.service, groups)


def next_to_ask(tx: Tx, row: ReferralRow, *, now: datetime) -> OfferRow | None:
    """The first name on the list that she has neither agreed to nor refused."""
    if State(row.state) in ENDED or row.state in {*LIVE} - {State.OFFERED}:
        return None
    for offer in rows.offers(tx, row.id):
        if offer.state == PLANNED and not motion.is_agreed(tx, row, offer, now):
            return offer
    return None


def _write_asked(
    tx: Tx,
    row: ReferralRow,
    offer: OfferRow,
    groups: tuple[str, ...],
    actor: Actor,
    *,
    now: datetime,
) -> None:
    """One row for each group; a question that was open before is replaced."""
    consents.answer(tx, row.id, before="asked", values={"decision": "replaced"})
    for group in dict.fromkeys((PREVIEW_GROUP, *groups)):
        consents.add(
            tx,
            {
                "id": new_id(),
                "case_id": row.case_id,
                "referral_id": row.id,
                "partner_id": offer.partner_id,
                "field_group": group,
                "tier": tier_of(group),
                "purpose": row.service,
                "decision": "asked",
                "level": row.anonymity,
                "channel": "asked",
                "read_by": actor.id,
                "asked_at": now,
            },
        )


def consent_answered(
    tx: Tx,
    keys: KeyRing,
    referral_id: str,
    *,
    given: bool,
    level: str,
    wording: str,
    revision: str,
    language: str | None,
    channel: str,
    now: datetime,
) -> None:
    """Her answer to the last question. A yes offers at once; a late or repeated answer to nothing
    that is open changes nothing and tells an operator."""
    row = rows.load(tx, referral_id, lock=True)
    if row is None:
        return
    asked = [c for c in consents.of_referral(tx, referral_id) if c.decision == "asked"]
    if State(row.state) in ENDED or not asked:
        if asked:
            consents.answer(tx, referral_id, before="asked", values={"decision": "lapsed"})
        motion.task(tx, row, "late_consent", now=now)
        return
    partner_id = asked[0].partner_id
    values = {
        "decision": "given" if given else "refused",
        "level": level,
        "wording": wording[:120],
        "revision": revision[:64],
        "language": language,
        "channel": channel,
        "answered_at": now,
        "expires_at": now + clocks.CONSENT_HOLDS if given else None,
    }
    consents.answer(tx, referral_id, before="asked", values=values)
    hand = motion.person(tx, keys, now)
    if row.state == State.DRAFT:
        motion.take(hand, referral_id, Event.ASK, reason="late_answer")  # a day had passed
        row = motion.locked(tx, referral_id)
    if given:
        _given(hand, row, asked_groups={c.field_group for c in asked})
    else:
        _refused(hand, row, partner_id)


def _given(hand: Hand, row: ReferralRow, *, asked_groups: set[str]) -> None:
    if row.anonymity == "line_only" and asked_groups - {PREVIEW_GROUP}:
        # Being asked by name and saying yes is the choice that operations.md 0.6 calls `share`.
        cases.set_anonymity(hand.tx, PERSON, row.case_id, "share", now=hand.now)
    if row.state == State.CONSENT_ASKED:
        motion.take(hand, row.id, Event.GIVE)
    else:
        motion.offer_next(hand.system(), row.id)


def _refused(hand: Hand, row: ReferralRow, partner_id: str) -> None:
    offers = rows.offers(hand.tx, row.id)
    others = [o for o in offers if o.partner_id != partner_id]
    refused = next((o for o in offers if o.partner_id == partner_id), None)
    if refused is not None and refused.state == PLANNED:
        rows.change_offer(hand.tx, refused.id, refused.version, {"state": State.REFUSED.value})
    if row.state != State.CONSENT_ASKED:
        motion.offer_next(hand.system(), row.id)
        return
    agreed = any(o.state == PLANNED and motion.is_agreed(hand.tx, row, o, hand.now) for o in others)
    left = any(o.state == PLANNED for o in others)
    event = Event.REFUSE_ONE if left or agreed else Event.REFUSE
    motion.take(hand, row.id, event)
    timers.drop(hand.tx, row.id, kinds=("consent",))


def withdraw_consent(
    tx: Tx, conversation_id: str, *, partner_words: str | None, by: str, now: datetime
) -> tuple[str, ...]:
    """Takes back what she agreed to, at once and without asking her again; names of the partners.

    `partner_words` may name one partner; words that fit nobody take back everything, which is the
    safe side. Whatever a partner does at the same moment, this is the final state (3.4, 2).
    """
    told: dict[str, str] = {}
    language = rows.language_of(tx, conversation_id)
    referral_ids = rows.of_conversation(tx, conversation_id)
    names = {o.partner_id: o.partner_name for rid in referral_ids for o in rows.offers(tx, rid)}
    meant = meant_partners(partner_words, names.items())
    for referral_id in referral_ids:
        motion.locked(tx, referral_id)
        # Names that nobody was told yet go first: the last live offer is what ends the referral.
        offers = sorted(rows.offers(tx, referral_id), key=lambda o: o.state != PLANNED)
        for offer in offers:
            if meant and offer.partner_id not in meant:
                continue
            row = motion.locked(tx, referral_id)
            if _take_back(tx, row, offer, by=by, now=now):
                told[offer.partner_id] = news.in_language(offer.partner_name, language)
        if not meant and State(motion.locked(tx, referral_id).state) not in ENDED:
            motion.take(motion.person(tx, None, now), referral_id, Event.WITHDRAW)
    return tuple(told.values())


def _take_back(tx: Tx, row: ReferralRow, offer: OfferRow, *, by: str, now: datetime) -> bool:
    """Consent to one partner; True when there was any, given or asked."""
    changes = {"decision": "withdrawn", "withdrawn_at": now, "withdrawn_by": by[:12]}
    count = consents.answer(tx, row.id, before="given", values=changes, partner_id=offer.partner_id)
    consents.answer(
        tx, row.id, before="asked", values={"decision": "refused", "answered_at": now},
        partner_id=offer.partner_id,
    )  # fmt: skip
    hand = motion.person(tx, None, now)
    if State(row.state) in ENDED:
        if count and offer.held_at is not None:
            packets.shred(tx, row.id, now=now)
            asked = {"deletion_asked_at": offer.deletion_asked_at or now}
            rows.change_offer(tx, offer.id, offer.version, asked)
            motion.task(tx, row, "deletion_statement", now=now)
    elif offer.state in LIVE or (offer.state == PLANNED and count):
        motion.take(hand, row.id, Event.WITHDRAW, offer_id=offer.id)
    return count > 0


def meant_partners(
    words: str | None, names: Iterable[tuple[str, Mapping[str, str]]]
) -> frozenset[str]:
    """Ids of the partners whose names share a word with hers; empty when none does."""
    hers = {w for w in re.findall(r"\w+", (words or "").casefold()) if len(w) >= _LEAST}
    found = set()
    for partner_id, name in names:
        own = {w for text in name.values() for w in re.findall(r"\w+", text.casefold())}
        own = {w for w in own if len(w) >= _LEAST}
        if any(a.startswith(b) or b.startswith(a) for a in hers for b in own):
            found.add(partner_id)
    return frozenset(found)


def recipients(tx: Tx, conversation_id: str, *, now: datetime) -> tuple[Recipient, ...]:
    """Who has received what since when. Only what really left: a name on a list has nothing."""
    given: dict[tuple[str, str], list[str]] = {}
    about: dict[tuple[str, str], consents.HeldRow] = {}
    for consent in consents.given(tx, conversation_id):
        key = (consent.referral_id, consent.partner_id)
        given.setdefault(key, []).append(consent.field_group)
        about[key] = consent
    found = []
    for (referral_id, partner_id), groups in given.items():
        offers = rows.offers(tx, referral_id)
        offer = next((o for o in offers if o.partner_id == partner_id), None)
        if offer is None or offer.offered_at is None or offer.offered_at > now:
            continue
        held = about[referral_id, partner_id]
        found.append(Recipient(held.code, held.name, _received(offer, groups), offer.offered_at))
    return tuple(found)


def _received(offer: OfferRow, groups: list[str]) -> tuple[str, ...]:
    tiers = {"T0"}
    if offer.acknowledge_by is not None:
        tiers.add("T1")
    if offer.opened_at is not None:
        tiers.add("T2")
    got = tuple(group for group in groups if tier_of(group) in tiers)
    named = tuple(group for group in got if group != PREVIEW_GROUP)
    return named or got


def confirm(tx: Tx, referral_id: str, answer: str, *, now: datetime) -> None:
    """Her answer to "did you get help?". `unsafe` at any time bypasses the partner from now on."""
    row = rows.load(tx, referral_id, lock=True)
    if row is None or answer not in {"yes", "partly", "no", "unsafe"}:
        return
    hand = motion.person(tx, None, now)
    values: dict[str, object] = {"confirmation": answer}
    if answer == "unsafe":
        values["safeguarding"] = True
        motion.task(tx, row, "safeguarding", now=now, role="CO", why="unsafe")
    rows.change(tx, row.id, row.version, values)
    if row.state == State.COMPLETED:
        own = next(o for o in rows.offers(tx, row.id) if o.state == State.COMPLETED)
        motion.take(hand, row.id, Event.CONFIRM, offer_id=own.id, reason=answer)
