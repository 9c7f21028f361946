"""A conversation held by an operator, a case, and partners: what every referral starts from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hotline import library
from hotline.cases import service as cases
from hotline.core.actor import Actor
from hotline.crypto import KeyRing, Place, new_id, seal
from hotline.db.models.contact import Contact, Conversation
from hotline.db.models.session import Timer
from hotline.db.transaction import Store, Tx, make_engine
from hotline.referrals import service as referrals
from hotline.referrals.repository import referrals as rows
from hotline.referrals.rules.matching import Needs
from tests.support.databases import ROOT

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday noon in Bishkek
KEYS = KeyRing({"k1": b"r" * 32}, b"i" * 32)
FIELDS = {
    "name_to_use": "canary-name",
    "safe_way": "canary-way",
    "who_comes": "canary-who",
    "safety_needs": "canary-safety",
    "health_needs": "canary-health",
}
SHELTER = Needs("shelter", sex="female", age_band="25_plus", languages=("ky",), oblast="batken")


@dataclass
class World:
    store: Store
    now: datetime = NOW
    operator: Actor = field(
        default_factory=lambda: Actor("user", new_id(), "OP", site_id=None, alias="Op")
    )
    partners: dict[str, str] = field(default_factory=dict)
    case_id: str = ""
    conversation_id: str = ""
    actors: dict[str, Actor] = field(default_factory=dict)

    def partner(self, code: str) -> Actor:
        """The one user of a partner."""
        if code not in self.actors:
            self.actors[code] = Actor("user", new_id(), "NG", partner_id=self.partners[code])
        return self.actors[code]

    def write(self, work: Any) -> Any:
        return self.store.write(work)

    def later(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def draft(
        self,
        *codes: str,
        needs: Needs = SHELTER,
        fields: Mapping[str, str] | None = None,
        priority: str = "normal",
    ) -> str:
        wanted = replace(needs, priority=priority)
        texts = FIELDS if fields is None else fields
        return str(
            self.write(
                lambda tx: referrals.draft(
                    tx,
                    KEYS,
                    self.operator,
                    self.case_id,
                    needs=wanted,
                    partners=[self.partners[code] for code in codes],
                    fields=texts,
                    now=self.now,
                )
            )
        )

    def ask(self, referral_id: str) -> Any:
        return self.write(
            lambda tx: referrals.consent_question(
                tx, KEYS, self.operator, referral_id, now=self.now
            )
        )

    def answer(self, referral_id: str, *, given: bool = True) -> None:
        self.write(
            lambda tx: referrals.consent_answered(
                tx,
                KEYS,
                referral_id,
                given=given,
                level="share",
                wording="consent.question",
                revision="r",
                language="ru",
                channel="telegram",
                now=self.now,
            )
        )

    def agreed(self, *codes: str, **more: Any) -> str:
        """Drafted, asked and answered with yes for each of the named partners."""
        referral_id = self.draft(*codes, **more)
        for _ in codes:
            self.ask(referral_id)
            self.answer(referral_id)
        return referral_id

    def row(self, referral_id: str) -> rows.ReferralRow:
        found = self.store.read(lambda tx: rows.load(tx, referral_id))
        assert found is not None
        return found

    def offer(self, referral_id: str, code: str) -> rows.OfferRow:
        offers = self.store.read(lambda tx: rows.offers(tx, referral_id))
        return next(o for o in offers if o.partner_id == self.partners[code])

    def withdraw(self, words: str | None = None) -> Any:
        return self.write(
            lambda tx: referrals.withdraw_consent(
                tx, self.conversation_id, partner_words=words, by="person", now=self.now
            )
        )

    def run_timers(self) -> int:
        """Runs what is due, as the worker does; how many there were."""

        def due(tx: Tx) -> list[Any]:
            query = sa.select(Timer.id, Timer.subject_id, Timer.kind, Timer.data).where(
                Timer.state == "set", Timer.due_at <= self.now, Timer.subject_kind == "referral"
            )
            return list(tx.conn.execute(query.order_by(Timer.due_at, Timer.id)).all())

        found = self.store.read(due)
        for timer_id, referral_id, kind, data in found:

            def fire(
                tx: Tx,
                timer_id: str = timer_id,
                referral_id: str = referral_id,
                kind: str = kind,
                data: Any = data,
            ) -> None:
                done = tx.conn.execute(
                    sa.update(Timer)
                    .where(Timer.id == timer_id, Timer.state == "set")
                    .values(state="fired")
                )
                if done.rowcount:
                    referrals.lapse(
                        tx, KEYS, referral_id=referral_id, kind=kind, data=data or {}, now=self.now
                    )

            self.write(fire)
        return len(found)


def people(world: World) -> None:
    """A person with a case, held by the world's operator."""
    world.write(lambda tx: _people(tx, world, "P1", {}))


def build(url: str, *, klass: str = "P1", facts: Mapping[str, str] | None = None) -> World:
    world = World(Store(make_engine(url)))
    world.write(lambda tx: _people(tx, world, klass, facts or {}))
    return world


def _people(tx: Tx, world: World, klass: str, facts: Mapping[str, str]) -> None:
    if not world.partners:
        directory = library.read_file(ROOT / "flows/demo/directory.yaml", root=ROOT / "flows")
        world.partners = referrals.seed_demo_partners(tx, directory, now=world.now)
    contact_id, world.conversation_id = new_id(), new_id()
    key_id, key = cases.make_key(
        tx, KEYS, owner=("contact", contact_id), retention="R2", now=world.now
    )
    tx.conn.execute(
        sa.insert(Contact).values(
            id=contact_id,
            channel="telegram",
            address_index=new_id(),
            key_id=key_id,
            address=seal(key, "1", Place("contacts", "address", contact_id)),
            language="ru",
            created_at=world.now,
        )
    )
    tx.conn.execute(
        sa.insert(Conversation).values(
            id=world.conversation_id,
            contact_id=contact_id,
            alias=new_id(),
            state="HUMAN",
            operator_id=world.operator.id,
            updated_at=world.now,
        )
    )
    opened = cases.open_or_raise(
        tx, KEYS, world.conversation_id, klass=klass, reason="asked", facts=facts, now=world.now
    )
    world.case_id = opened.case_id


def closing(world: World) -> Iterator[World]:
    yield world
    world.store.close()
