"""Packet fields, the keys of their tiers, and who may open them.

A tier's key has one wrap for the server and, from disclosure on, one for the partner
(`partner:<id>/<reader>`). The partner's pages open a packet by the partner's wrap only, so taking
that row away ends the access whatever else happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hotline.db.models.key import DataKey, KeyWrap
from hotline.db.models.referral import PacketField
from hotline.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class FieldRow:
    id: str
    key_id: str
    tier: str
    field_group: str
    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Wrap:
    key_id: str
    reader: str  # as the key ring names it: `server:<root>`
    wrapped: bytes


def reader_of(partner_id: str, reader: str) -> str:
    return f"partner:{partner_id}/{reader}"


def add_field(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.conn.execute(sa.insert(PacketField), dict(values))


def fields_of(tx: Tx, referral_id: str) -> tuple[FieldRow, ...]:
    query = (
        sa.select(
            PacketField.id,
            PacketField.key_id,
            PacketField.tier,
            PacketField.field_group,
            PacketField.name,
            PacketField.value,
        )
        .where(PacketField.referral_id == referral_id)
        .order_by(PacketField.tier, PacketField.written_at, PacketField.id)
    )
    return tuple(FieldRow(**row) for row in tx.conn.execute(query).mappings())


def server_wrap(tx: Tx, key_id: str) -> Wrap | None:
    row = tx.conn.execute(
        sa.select(KeyWrap.reader, KeyWrap.wrapped).where(
            KeyWrap.key_id == key_id, KeyWrap.reader.like("server:%")
        )
    ).first()
    return None if row is None else Wrap(key_id, row[0], row[1])


def partner_wrap(tx: Tx, key_id: str, partner_id: str) -> Wrap | None:
    row = tx.conn.execute(
        sa.select(KeyWrap.reader, KeyWrap.wrapped).where(
            KeyWrap.key_id == key_id, KeyWrap.reader.like(f"partner:{partner_id}/%")
        )
    ).first()
    return None if row is None else Wrap(key_id, row[0].partition("/")[2], row[1])


def add_partner_wrap(tx: Tx, *, key_id: str, partner_id: str, reader: str, wrapped: bytes) -> None:
    tx.conn.execute(
        sa.insert(KeyWrap),
        {"key_id": key_id, "reader": reader_of(partner_id, reader), "wrapped": wrapped},
    )


def partners_with_wraps(tx: Tx, referral_id: str) -> frozenset[tuple[str, str]]:
    """`(key id, partner id)` of everybody outside who could open something."""
    query = (
        sa.select(KeyWrap.key_id, KeyWrap.reader)
        .join(DataKey, DataKey.id == KeyWrap.key_id)
        .where(
            DataKey.owner_kind == "packet",
            DataKey.owner_id == referral_id,
            KeyWrap.reader.like("partner:%"),
        )
    )
    return frozenset(
        (key_id, reader.removeprefix("partner:").partition("/")[0])
        for key_id, reader in tx.conn.execute(query).all()
    )


def keys_of(tx: Tx, referral_id: str) -> tuple[str, ...]:
    """Packet keys that can still be opened by anybody."""
    query = sa.select(DataKey.id).where(
        DataKey.owner_kind == "packet",
        DataKey.owner_id == referral_id,
        DataKey.destroyed_at.is_(None),
    )
    return tuple(tx.conn.execute(query).scalars())


def destroy(tx: Tx, key_ids: tuple[str, ...], *, now: datetime) -> None:
    """Deletes every wrap: what the keys sealed cannot be opened by anybody any more."""
    if not key_ids:
        return
    tx.conn.execute(sa.delete(KeyWrap).where(KeyWrap.key_id.in_(key_ids)))
    tx.conn.execute(sa.update(DataKey).where(DataKey.id.in_(key_ids)).values(destroyed_at=now))


def drop_fields(tx: Tx, referral_id: str) -> None:
    tx.conn.execute(sa.delete(PacketField).where(PacketField.referral_id == referral_id))


def drop_partner_wrap(tx: Tx, key_id: str, partner_id: str) -> None:
    tx.conn.execute(
        sa.delete(KeyWrap).where(
            KeyWrap.key_id == key_id, KeyWrap.reader.like(f"partner:{partner_id}/%")
        )
    )
