"""Packets: sealed under keys of their own, opened by a partner only through its own wrap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.cases import service as cases
from hotline.crypto import KeyRing, Place, new_id, seal, unseal
from hotline.db.transaction import Tx
from hotline.referrals.repository import consents, packets as rows
from hotline.referrals.repository.packets import FieldRow, Wrap
from hotline.referrals.repository.referrals import OfferRow, ReferralRow
from hotline.referrals.rules.packet import FIELDS, readable

RETENTION = "R3"


@dataclass(frozen=True, slots=True)
class FieldLine:
    name: str
    tier: str
    group: str
    text: str


def fill(
    tx: Tx, keys: KeyRing, referral_id: str, texts: Mapping[str, str], *, now: datetime
) -> None:
    """Seals the fields of a new packet, each tier under a key of its own."""
    made: dict[str, tuple[str, bytes]] = {}
    for name, text in texts.items():
        spec = FIELDS[name]
        if spec.tier not in made:
            made[spec.tier] = cases.make_key(
                tx, keys, owner=("packet", referral_id), retention=RETENTION, now=now
            )
        key_id, data_key = made[spec.tier]
        field_id = new_id()
        rows.add_field(
            tx,
            {
                "id": field_id,
                "referral_id": referral_id,
                "key_id": key_id,
                "tier": spec.tier,
                "field_group": spec.group,
                "name": name,
                "value": seal(data_key, text, _place(field_id)),
                "written_at": now,
            },
        )


def has(tx: Tx, referral_id: str, tier: str) -> bool:
    return any(field.tier == tier for field in rows.fields_of(tx, referral_id))


def names(tx: Tx, referral_id: str) -> tuple[str, ...]:
    return tuple(field.name for field in rows.fields_of(tx, referral_id))


def grant(tx: Tx, keys: KeyRing | None, referral_id: str, partner_id: str, tier: str) -> None:
    """Wraps the key of one tier for a partner: from now on, and not before, it can be opened."""
    for key_id in {f.key_id for f in rows.fields_of(tx, referral_id) if f.tier == tier}:
        own = rows.server_wrap(tx, key_id)
        if own is None or keys is None or rows.partner_wrap(tx, key_id, partner_id) is not None:
            continue
        data_key = keys.unwrap(own.wrapped, key_id, own.reader)
        rows.add_partner_wrap(
            tx,
            key_id=key_id,
            partner_id=partner_id,
            reader=keys.current,
            wrapped=keys.wrap(data_key, key_id),
        )


def revoke(tx: Tx, referral_id: str, *, partner_id: str | None = None) -> None:
    """Takes the wraps of one partner, or of all of them."""
    for key_id, holder in rows.partners_with_wraps(tx, referral_id):
        if partner_id is None or holder == partner_id:
            rows.drop_partner_wrap(tx, key_id, holder)


def rotate(tx: Tx, keys: KeyRing | None, referral_id: str, *, now: datetime) -> None:
    """Seals everything anew; the keys that a partner could have opened are destroyed."""
    if keys is None:
        return
    texts = {field.name: _open_own(tx, keys, field) for field in rows.fields_of(tx, referral_id)}
    rows.destroy(tx, rows.keys_of(tx, referral_id), now=now)
    rows.drop_fields(tx, referral_id)
    fill(tx, keys, referral_id, texts, now=now)


def shred(tx: Tx, referral_id: str, *, now: datetime) -> None:
    """Destroys every key: nobody opens what was prepared, the hotline included."""
    rows.destroy(tx, rows.keys_of(tx, referral_id), now=now)


def for_hotline(tx: Tx, keys: KeyRing, referral_id: str) -> tuple[FieldLine, ...]:
    """What was prepared, for an operator. Empty once the keys are destroyed."""
    live = set(rows.keys_of(tx, referral_id))
    return tuple(
        FieldLine(f.name, f.tier, f.field_group, _open_own(tx, keys, f))
        for f in rows.fields_of(tx, referral_id)
        if f.key_id in live
    )


def for_partner(
    tx: Tx, keys: KeyRing, row: ReferralRow, offer: OfferRow, *, now: datetime
) -> tuple[FieldLine, ...]:
    """What this partner may read now: template, tier, state and live consent together, and only
    what its own wraps open."""
    agreed = consents.live(tx, row.id, offer.partner_id, now=now)
    fields = {field.name: field for field in rows.fields_of(tx, row.id)}
    allowed = readable(
        fields, service=row.service, state=offer.state, consented=agreed, anonymity=row.anonymity
    )
    found = []
    for field in (fields[name] for name in allowed):
        wrap = rows.partner_wrap(tx, field.key_id, offer.partner_id)
        if wrap is not None:
            text = _open(keys, wrap, field)
            found.append(FieldLine(field.name, field.tier, field.field_group, text))
    return in_order(found)


def in_order(lines: Iterable[FieldLine]) -> tuple[FieldLine, ...]:
    """As the template lists them."""
    places = {name: place for place, name in enumerate(FIELDS)}
    return tuple(sorted(lines, key=lambda line: places[line.name]))


def _open_own(tx: Tx, keys: KeyRing, field: FieldRow) -> str:
    wrap = rows.server_wrap(tx, field.key_id)
    return "" if wrap is None else _open(keys, wrap, field)


def _open(keys: KeyRing, wrap: Wrap, field: FieldRow) -> str:
    data_key = keys.unwrap(wrap.wrapped, wrap.key_id, wrap.reader)
    return unseal(data_key, field.value, _place(field.id))


def _place(field_id: str) -> Place:
    return Place("packet_fields", "value", field_id)
