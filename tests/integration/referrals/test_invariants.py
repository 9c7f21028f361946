"""The ten invariants of the specification, held through random histories of three people."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hotline.audit import service as audit
from hotline.core.errors import HotlineError
from hotline.db.models.partner import Service
from hotline.db.models.session import Timer
from hotline.db.models.task import Task
from hotline.db.transaction import Tx
from hotline.referrals import service as referrals
from hotline.referrals.repository import consents, packets as packet_rows, referrals as rows
from hotline.referrals.rules import codes
from hotline.referrals.rules.packet import FIELDS, template
from hotline.referrals.rules.states import LIVE, T1_SHOWN, T2_SHOWN, State
from hotline.referrals.service import motion, partner
from tests.integration.referrals.world import KEYS, NOW, World, build
from tests.support.databases import Databases

CODES = ("bulut", "ak-kaiyn", "bulak")
EDGE_TAGS = set(motion.TAGS.values())
NEEDS_REASON = {"decline", "return", "recall", "override"}


class Histories(RuleBasedStateMachine):
    """Anybody may try anything at any time; what the table refuses changes nothing."""

    fresh: Callable[[], str]
    drop: Callable[[str], None]

    def __init__(self) -> None:
        super().__init__()
        self.url = type(self).fresh()
        self.world: World = build(self.url, klass="P0")
        self.ids: list[str] = []
        self.withdrawn: set[str] = set()
        self.free_at_first = self._free()

    def teardown(self) -> None:
        assert self.world.store.read(audit.verify) is None
        self.world.store.close()
        type(self).drop(self.url)

    # -------------------------------------------------------------- what people do

    @initialize(
        priority=st.sampled_from(codes.PRIORITIES),
        names=st.permutations(CODES),
        count=st.integers(1, 3),
        fields=st.sampled_from([None, None, {}]),
    )
    def begin(self, priority: str, names: list[str], count: int, fields: Any) -> None:
        """Most histories worth looking at begin with somebody who agreed."""
        self.ids.append(self.world.agreed(*names[:count], priority=priority, fields=fields))

    @rule(
        priority=st.sampled_from(codes.PRIORITIES),
        names=st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
        fields=st.sampled_from([None, {}, {"safe_way": "canary-way"}]),
    )
    def draft(self, priority: str, names: list[str], fields: Any) -> None:
        if len(self.ids) < 3:
            self._try(
                lambda: self.ids.append(self.world.draft(*names, priority=priority, fields=fields))
            )

    @rule(n=st.integers(0, 2), given=st.booleans())
    def ask_and_answer(self, n: int, given: bool) -> None:
        for referral_id in self.ids[n : n + 1]:
            self._try(lambda r=referral_id: self.world.ask(r))
            self._try(lambda r=referral_id: self.world.answer(r, given=given))

    @rule(n=st.integers(0, 2), names=st.lists(st.sampled_from(CODES), min_size=1, max_size=3))
    def agree(self, n: int, names: list[str]) -> None:
        for referral_id in self.ids[n : n + 1]:
            for _ in names:
                self._try(lambda r=referral_id: self.world.ask(r))
                self._try(lambda r=referral_id: self.world.answer(r))

    @rule(
        n=st.integers(0, 2),
        code=st.sampled_from(CODES),
        steps=st.lists(
            st.sampled_from(["accept", "receipt", "attempt", "contact", "start"]),
            min_size=1,
            max_size=4,
        ),
    )
    def work(self, n: int, code: str, steps: list[str]) -> None:
        for name in steps:
            self._step(n, code, name)

    @rule(n=st.integers(0, 2), code=st.sampled_from(CODES))
    def work_in_order(self, n: int, code: str) -> None:
        for name in ("accept", "receipt", "contact"):
            self._step(n, code, name)

    @rule(n=st.integers(0, 2), code=st.sampled_from(CODES), reason=st.sampled_from(codes.DECLINE))
    def decline(self, n: int, code: str, reason: str) -> None:
        self._step(n, code, "decline", reason=reason)

    @rule(n=st.integers(0, 2), code=st.sampled_from(CODES), outcome=st.sampled_from(codes.OUTCOME))
    def complete(self, n: int, code: str, outcome: str) -> None:
        self._step(n, code, "complete", outcome=outcome)

    @rule(n=st.integers(0, 2), answer=st.sampled_from(codes.CONFIRM))
    def confirm(self, n: int, answer: str) -> None:
        world = self.world
        for referral_id in self.ids[n : n + 1]:
            world.write(lambda tx, r=referral_id: referrals.confirm(tx, r, answer, now=world.now))

    @rule(n=st.integers(0, 2), reason=st.sampled_from(codes.RECALL))
    def recall(self, n: int, reason: str) -> None:
        world = self.world
        for referral_id in self.ids[n : n + 1]:
            self._try(
                lambda r=referral_id: world.write(
                    lambda tx: referrals.recall(
                        tx, KEYS, world.operator, r, reason=reason, now=world.now
                    )
                )
            )

    @rule()
    def withdraw(self) -> None:
        still_open = [r for r in self.ids if self.world.row(r).ended_at is None]
        self.world.withdraw()
        self.withdrawn |= set(still_open)

    @rule(words=st.sampled_from(["Булут", "кайын", "Булак"]))
    def withdraw_one(self, words: str) -> None:
        self.world.withdraw(words)

    @rule(hours=st.sampled_from([0.25, 0.5, 1, 12, 24, 72, 24 * 14]))
    def time_passes(self, hours: float) -> None:
        self.world.later(hours=hours)
        while self.world.run_timers():
            pass

    # -------------------------------------------------------------- what always holds

    @invariant()
    def keys_are_with_those_who_accepted(self) -> None:  # 1, 7
        for referral_id in self.ids:
            wraps = self._read(lambda tx, r=referral_id: packet_rows.partners_with_wraps(tx, r))
            offers = self._offers(referral_id)
            for _, holder in wraps:
                own = next(o for o in offers if o.partner_id == holder)
                assert own.state in T1_SHOWN

    @invariant()
    def withdrawal_is_final(self) -> None:  # 2, 7
        for referral_id in self.withdrawn:
            assert self.world.row(referral_id).state == State.CONSENT_WITHDRAWN
            assert not any(o.state in LIVE for o in self._offers(referral_id))
            keys = self._read(lambda tx, r=referral_id: packet_rows.keys_of(tx, r))
            assert keys == ()

    @invariant()
    def one_live_offer_for_a_need_and_a_partner(self) -> None:  # 3
        live = [
            (self.world.row(r).service, o.partner_id)
            for r in self.ids
            for o in self._offers(r)
            if o.state in LIVE and self.world.row(r).ended_at is None
        ]
        assert len(live) == len(set(live))

    @invariant()
    def who_accepted_was_addressed(self) -> None:  # 4
        people = {a.partner_id: a.id for a in self.world.actors.values()}
        for referral_id in self.ids:
            for offer in self._offers(referral_id):
                if offer.accepted_by is not None:
                    assert people[offer.partner_id] == offer.accepted_by

    @invariant()
    def each_edge_has_its_step_and_its_audit_row(self) -> None:  # 5, 10
        for referral_id in self.ids:
            steps = self._read(lambda tx, r=referral_id: rows.steps(tx, r))
            links = self._read(lambda tx, r=referral_id: audit.latest(tx, limit=1000, object_id=r))
            edges = [
                x for x in links if x.link.tag in EDGE_TAGS and x.link.object_kind == "referral"
            ]
            assert len(edges) == len(steps)
            assert all(s.reason for s in steps if s.event in NEEDS_REASON)

    @invariant()
    def what_is_read_was_agreed_to(self) -> None:  # 6, 7
        for referral_id in self.ids:
            row = self.world.row(referral_id)
            given = {
                (c.partner_id, c.field_group)
                for c in self._read(lambda tx, r=referral_id: consents.of_referral(tx, r))
                if c.decision == "given" and c.expires_at and c.expires_at > self.world.now
            }
            allowed = {f.name for f in template(row.service)}
            for code in CODES:
                self._read_by(referral_id, code, given, allowed)

    def _read_by(
        self, referral_id: str, code: str, given: set[tuple[str, str]], allowed: set[str]
    ) -> None:
        world = self.world
        own = next(
            (o for o in self._offers(referral_id) if o.partner_id == world.partners[code]), None
        )
        if own is None or own.offered_at is None:
            return
        actor = world.partner(code)
        page = self._read(lambda tx: partner.page(tx, KEYS, actor, own.id, now=world.now))
        for line in page.fields:
            assert (own.partner_id, FIELDS[line.name].group) in given
            assert line.name in allowed
            assert own.state in (T1_SHOWN if line.tier == "T1" else T2_SHOWN)

    @invariant()
    def no_deadline_is_left_behind_and_grave_ones_ring(self) -> None:  # 8, 9
        query = sa.select(sa.func.count()).where(
            Timer.state == "set", Timer.due_at <= self.world.now, Timer.subject_kind == "referral"
        )
        assert self._read(lambda tx: tx.conn.execute(query).scalar_one()) == 0
        alarms = self._read(
            lambda tx: set(
                tx.conn.execute(
                    sa.select(Task.subject_id).where(
                        Task.kind == "escalated", Task.done_at.is_(None)
                    )
                ).scalars()
            )
        )
        for referral_id in self.ids:
            row = self.world.row(referral_id)
            resting = row.state in {State.DECLINED, State.EXPIRED}
            late = (
                row.contact_by is not None
                and row.contact_by <= self.world.now
                and row.ended_at is None
                and row.state not in {"CONTACT_MADE", "IN_SERVICE", "COMPLETED"}
            )
            if resting or late:
                assert referral_id in alarms

    @invariant()
    def places_are_neither_lost_nor_made(self) -> None:
        held = sum(o.held_place for r in self.ids for o in self._offers(r))
        free = self._free()
        assert min(free.values()) >= 0
        assert sum(free.values()) + held == sum(self.free_at_first.values())

    # -------------------------------------------------------------- inside

    def _try(self, work: Callable[[], Any]) -> None:
        with suppress(HotlineError):
            work()

    def _step(self, n: int, code: str, name: str, **more: Any) -> None:
        world = self.world
        for referral_id in self.ids[n : n + 1]:
            for own in self._offers(referral_id):
                if own.partner_id == world.partners[code]:
                    self._try(lambda own=own: self._call(code, own, name, more))

    def _call(self, code: str, own: rows.OfferRow, name: str, more: dict[str, Any]) -> None:
        function, world = getattr(partner, name), self.world
        actor = world.partner(code)
        world.write(
            lambda tx: function(tx, KEYS, actor, own.id, version=own.version, now=world.now, **more)
        )

    def _offers(self, referral_id: str) -> tuple[rows.OfferRow, ...]:
        return self._read(lambda tx: rows.offers(tx, referral_id))

    def _read(self, work: Callable[[Tx], Any]) -> Any:
        return self.world.store.read(work)

    def _free(self) -> dict[str, int]:
        query = sa.select(Service.id, Service.places_free).where(Service.places_free.is_not(None))
        return dict(self._read(lambda tx: tx.conn.execute(query).all()))


def test_random_histories_keep_the_invariants(databases: Databases) -> None:
    assert NOW.tzinfo is not None
    machine = type(
        "OnSqlite",
        (Histories,),
        {
            "fresh": staticmethod(lambda: databases.fresh("sqlite")),
            "drop": staticmethod(databases.drop),
        },
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
