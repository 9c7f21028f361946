"""From draft to confirmation, as three people do it."""

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from hotline import library
from hotline.audit import service as audit
from hotline.cases import service as cases
from hotline.core.actor import Actor
from hotline.core.errors import Conflict, Invalid, NotFound, Refused
from hotline.db.models.contact import Contact
from hotline.db.models.key import KeyWrap
from hotline.db.models.message import OutboxRow
from hotline.db.models.partner import Partner
from hotline.db.models.session import Timer
from hotline.db.models.task import Task
from hotline.outbox import repository as outbox_rows
from hotline.outbox.service import read_payload
from hotline.referrals import service as referrals
from hotline.referrals.rules.states import Event, State
from hotline.referrals.service import motion, partner
from tests.integration.referrals.world import FIELDS, KEYS, SHELTER, World, build
from tests.support.databases import ROOT, Databases


def told(world: World) -> list[str]:
    """Keys of the lines that wait for the person, in order."""

    def work(tx: Any) -> list[str]:
        to = outbox_rows.destination(tx, world.conversation_id)
        assert to is not None
        key = KEYS.unwrap(to.wrapped, to.key_id, to.reader)
        query = sa.select(OutboxRow.id, OutboxRow.payload).order_by(OutboxRow.seq)
        found = [read_payload(key, i, p) for i, p in tx.conn.execute(query).all()]
        return [said.key for said in found if not isinstance(said, str)]

    return list(world.store.read(work))


def tasks_of(world: World) -> set[str]:
    return set(
        world.store.read(
            lambda tx: (
                tx.conn.execute(sa.select(Task.kind).where(Task.done_at.is_(None))).scalars().all()
            )
        )
    )


def page(world: World, referral_id: str, code: str) -> partner.OfferPage:
    own = world.offer(referral_id, code)
    return world.store.read(
        lambda tx: partner.page(tx, KEYS, world.partner(code), own.id, now=world.now)
    )


def act(world: World, referral_id: str, code: str, name: str, /, **more: Any) -> None:
    own = world.offer(referral_id, code)
    function = getattr(partner, name)
    world.write(
        lambda tx: function(
            tx, KEYS, world.partner(code), own.id, version=own.version, now=world.now, **more
        )
    )


def test_from_draft_to_confirmation(world: World) -> None:
    referral_id = world.draft("bulut", "ak-kaiyn")
    question = world.ask(referral_id)
    assert question.partner_name["ru"] == "«Булут» (пример)"
    assert question.groups == ("contact", "who", "safety", "medical")
    assert world.row(referral_id).state == State.CONSENT_ASKED
    world.answer(referral_id)
    assert world.row(referral_id).state == State.OFFERED
    shown = page(world, referral_id, "bulut")
    assert shown.preview is not None
    assert shown.fields == ()
    assert shown.card.seconds_left == 3 * 86_400

    act(world, referral_id, "bulut", "accept")
    shown = page(world, referral_id, "bulut")
    assert shown.card.state == State.DISCLOSED
    assert [f.text for f in shown.fields] == ["canary-name", "canary-way"]
    act(world, referral_id, "bulut", "receipt")
    shown = page(world, referral_id, "bulut")
    assert {f.text for f in shown.fields} == set(FIELDS.values())
    act(world, referral_id, "bulut", "attempt")
    act(world, referral_id, "bulut", "contact")
    act(world, referral_id, "bulut", "start")
    act(world, referral_id, "bulut", "complete", outcome="served_full")
    shown = page(world, referral_id, "bulut")
    assert shown.fields == ()
    assert shown.preview is None
    world.write(lambda tx: referrals.confirm(tx, referral_id, "yes", now=world.now))
    row = world.row(referral_id)
    assert (row.state, row.outcome, row.confirmation) == (State.CONFIRMED, "served_full", "yes")
    assert told(world) == [
        "news.sent.tell",
        "news.accepted.tell",
        "news.contacted.tell",
        "news.completed.tell",
    ]
    assert world.store.read(audit.verify) is None


def test_every_edge_leaves_one_step_and_one_audit_row(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn")
    act(world, referral_id, "bulut", "decline", reason="no_place")
    act(world, referral_id, "ak-kaiyn", "accept")
    world.withdraw()
    steps = world.store.read(
        lambda tx: referrals.detail(tx, KEYS, world.operator, referral_id, now=world.now)
    ).steps
    links = world.store.read(lambda tx: audit.latest(tx, limit=500, object_id=referral_id))
    of_edges = set(motion.TAGS.values())
    edges = [
        row for row in links if row.link.tag in of_edges and row.link.object_kind == "referral"
    ]
    assert [s.event for s in steps] == [
        "ask",
        "give",
        "offer",
        "decline",
        "offer",
        "hold",
        "disclose",
        "withdraw",
    ]
    assert len(edges) == len(steps)


def test_a_decline_asks_the_next_who_was_agreed_to(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn")
    act(world, referral_id, "bulut", "decline", reason="no_place")
    assert world.offer(referral_id, "ak-kaiyn").state == State.OFFERED
    assert world.row(referral_id).state == State.OFFERED
    assert told(world) == ["news.sent.tell", "news.looking.tell"]
    with pytest.raises(Conflict):
        act(world, referral_id, "bulut", "accept")


def test_without_a_next_name_a_coordinator_is_called(world: World) -> None:
    referral_id = world.draft("bulut", "ak-kaiyn")
    world.ask(referral_id)
    world.answer(referral_id)  # the second was never asked
    act(world, referral_id, "bulut", "decline", reason="closed")
    row = world.row(referral_id)
    assert row.state == State.DECLINED
    assert row.escalated
    assert "escalated" in tasks_of(world)
    assert world.offer(referral_id, "ak-kaiyn").state == "PLANNED"
    question = world.ask(referral_id)
    assert question.partner_name["en"] == "Ak Kaiyn (example)"
    world.answer(referral_id)
    assert world.row(referral_id).state == State.OFFERED


def test_a_deadline_goes_to_the_next_and_the_clock_of_contact_runs_on(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn", priority="urgent")
    contact_by = world.row(referral_id).contact_by
    world.later(hours=12)
    assert world.run_timers() >= 1
    assert world.offer(referral_id, "bulut").state == State.EXPIRED
    assert world.offer(referral_id, "ak-kaiyn").state == State.OFFERED
    assert world.row(referral_id).contact_by == contact_by
    world.later(hours=12)
    world.run_timers()
    row = world.row(referral_id)
    assert row.state == State.EXPIRED
    assert row.escalated


def test_an_answer_after_the_deadline_is_refused(world: World) -> None:
    referral_id = world.agreed("bulut")
    world.later(days=3, seconds=1)
    with pytest.raises(Conflict):
        act(world, referral_id, "bulut", "accept")


def test_an_emergency_goes_to_three_and_the_first_one_wins(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn", "bulak", priority="emergency")
    states = [world.offer(referral_id, code).state for code in ("bulut", "ak-kaiyn", "bulak")]
    assert states == [State.OFFERED] * 3
    act(world, referral_id, "ak-kaiyn", "accept")
    assert world.row(referral_id).state == State.DISCLOSED
    for code in ("bulut", "bulak"):
        offer = world.offer(referral_id, code)
        assert (offer.state, offer.reason) == (State.EXPIRED, "already_placed")
        with pytest.raises(Conflict):
            act(world, referral_id, code, "accept")
        assert page(world, referral_id, code).preview is None
    assert told(world) == ["news.sent.tell", "news.accepted.tell"]


def test_a_place_is_held_and_given_back(world: World) -> None:
    def free() -> int | None:
        actor = world.partner("bulut")
        services = world.store.read(lambda tx: partner.capacity(tx, actor))
        return next(s.places_free for s in services if s.kind == "shelter")

    assert free() == 1
    referral_id = world.agreed("bulut", "ak-kaiyn")
    act(world, referral_id, "bulut", "accept")
    assert free() == 0
    act(world, referral_id, "bulut", "decline", reason="closed")
    assert free() == 1
    assert world.offer(referral_id, "ak-kaiyn").state == State.OFFERED


def test_who_can_serve_no_longer_loses_the_keys(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn")
    act(world, referral_id, "bulut", "accept")
    before = wraps(world)
    act(world, referral_id, "bulut", "decline", reason="closed")
    assert not any(reader.startswith("partner:") for _, reader in wraps(world))
    assert not {key for key, _ in wraps(world)} & {
        key for key, reader in before if reader.startswith("partner:")
    }
    act(world, referral_id, "ak-kaiyn", "accept")
    assert [f.text for f in page(world, referral_id, "ak-kaiyn").fields] == [
        "canary-name",
        "canary-way",
    ]
    assert page(world, referral_id, "bulut").fields == ()


def wraps(world: World) -> set[tuple[str, str]]:
    return {
        (row[0], row[1])
        for row in world.store.read(
            lambda tx: tx.conn.execute(sa.select(KeyWrap.key_id, KeyWrap.reader)).all()
        )
    }


def test_no_key_is_wrapped_for_a_partner_before_it_accepts(world: World) -> None:
    referral_id = world.agreed("bulut")
    assert not any(reader.startswith("partner:") for _, reader in wraps(world))
    act(world, referral_id, "bulut", "accept")
    assert sum(reader.startswith("partner:") for _, reader in wraps(world)) == 1  # T1 alone
    act(world, referral_id, "bulut", "receipt")
    assert sum(reader.startswith("partner:") for _, reader in wraps(world)) == 2


def test_withdrawal_ends_everything_at_once(world: World) -> None:
    referral_id = world.agreed("bulut")
    act(world, referral_id, "bulut", "accept")
    act(world, referral_id, "bulut", "receipt")
    assert world.withdraw() == ("«Булут» (пример)",)
    row = world.row(referral_id)
    assert row.state == State.CONSENT_WITHDRAWN
    shown = page(world, referral_id, "bulut")
    assert (shown.fields, shown.preview, shown.deletion_due) == ((), None, True)
    assert shown.reason is None
    assert not any(reader.startswith("partner:") for _, reader in wraps(world))
    detail = world.store.read(
        lambda tx: referrals.detail(tx, KEYS, world.operator, referral_id, now=world.now)
    )
    assert detail.fields == ()  # nobody opens it any more
    assert "deletion_statement" in tasks_of(world)
    with pytest.raises(Conflict):
        act(world, referral_id, "bulut", "contact")
    offer = world.offer(referral_id, "bulut")
    world.write(
        lambda tx: partner.state_deletion(tx, world.partner("bulut"), offer.id, now=world.now)
    )
    assert "deletion_statement" not in tasks_of(world)


def test_withdrawal_after_the_end_asks_for_deletion(world: World) -> None:
    referral_id = world.agreed("bulut")
    for step in ("accept", "receipt", "contact"):
        act(world, referral_id, "bulut", step)
    act(world, referral_id, "bulut", "complete", outcome="served_partly")
    world.later(days=14)
    world.run_timers()
    assert world.row(referral_id).state == State.UNCONFIRMED
    assert world.withdraw() == ("«Булут» (пример)",)
    assert page(world, referral_id, "bulut").deletion_due


def test_one_partner_can_be_left_and_the_others_kept(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn", priority="emergency")
    assert world.withdraw("Булут") == ("«Булут» (пример)",)
    assert world.row(referral_id).state == State.OFFERED
    assert world.offer(referral_id, "bulut").state == State.CONSENT_WITHDRAWN
    assert world.offer(referral_id, "ak-kaiyn").state == State.OFFERED
    assert [r.code for r in recipients(world)] == ["ak-kaiyn"]


def recipients(world: World) -> tuple[referrals.Recipient, ...]:
    return tuple(
        world.store.read(lambda tx: referrals.recipients(tx, world.conversation_id, now=world.now))
    )


def test_she_is_told_who_has_what(world: World) -> None:
    referral_id = world.draft("bulut")
    assert recipients(world) == ()
    world.ask(referral_id)
    assert recipients(world) == ()
    world.answer(referral_id)
    assert [(r.code, r.groups) for r in recipients(world)] == [("bulut", ("preview",))]
    act(world, referral_id, "bulut", "accept")
    assert recipients(world)[0].groups == ("contact",)
    act(world, referral_id, "bulut", "receipt")
    assert set(recipients(world)[0].groups) == {"contact", "who", "safety", "medical"}


def test_a_refusal_ends_it_and_bars_the_partner(world: World) -> None:
    referral_id = world.draft("bulut")
    world.ask(referral_id)
    world.answer(referral_id, given=False)
    assert world.row(referral_id).state == State.REFUSED
    with pytest.raises(Invalid):
        world.draft("bulut")
    with pytest.raises(Conflict):
        world.ask(referral_id)


def test_a_refusal_of_one_name_leaves_the_next(world: World) -> None:
    referral_id = world.draft("bulut", "ak-kaiyn")
    world.ask(referral_id)
    world.answer(referral_id, given=False)
    assert world.row(referral_id).state == State.DRAFT
    assert world.ask(referral_id).partner_name["en"] == "Ak Kaiyn (example)"
    world.answer(referral_id)
    assert world.offer(referral_id, "bulut").state == State.REFUSED
    assert world.offer(referral_id, "ak-kaiyn").state == State.OFFERED


def test_silence_is_no_consent_and_a_late_yes_still_counts(world: World) -> None:
    referral_id = world.draft("bulut")
    world.ask(referral_id)
    world.later(hours=24)
    world.run_timers()
    assert world.row(referral_id).state == State.DRAFT
    assert "consent_unanswered" in tasks_of(world)
    world.answer(referral_id)
    assert world.row(referral_id).state == State.OFFERED


def test_an_answer_to_nothing_changes_nothing(world: World) -> None:
    referral_id = world.draft("bulut")
    world.answer(referral_id)
    assert world.row(referral_id).state == State.DRAFT
    assert world.offer(referral_id, "bulut").state == "PLANNED"
    world.answer("a" * 20)


def test_a_recalled_referral_tells_the_partner_nothing(world: World) -> None:
    referral_id = world.agreed("bulut")
    act(world, referral_id, "bulut", "accept")
    version = world.row(referral_id).version
    with pytest.raises(Invalid):
        world.write(
            lambda tx: referrals.recall(
                tx, KEYS, world.operator, referral_id, reason="because", now=world.now
            )
        )
    with pytest.raises(Conflict):
        world.write(
            lambda tx: referrals.recall(
                tx,
                KEYS,
                world.operator,
                referral_id,
                reason="safety",
                expected=version - 1,
                now=world.now,
            )
        )
    world.write(
        lambda tx: referrals.recall(
            tx, KEYS, world.operator, referral_id, reason="safety", expected=version, now=world.now
        )
    )
    shown = page(world, referral_id, "bulut")
    assert shown.card.state == State.RECALLED
    assert (shown.preview, shown.fields, shown.reason) == (None, (), None)
    assert told(world)[-1] == "news.recalled.tell"


def test_without_t1_she_goes_there_with_a_code(world: World) -> None:
    referral_id = world.agreed("bulut", fields={})
    act(world, referral_id, "bulut", "accept")
    offer = world.offer(referral_id, "bulut")
    assert offer.state == State.HELD
    assert offer.arrival_code is not None
    assert "tell_place" in tasks_of(world)
    with pytest.raises(Invalid):
        act(world, referral_id, "bulut", "arrived", code="nonsense")
    act(world, referral_id, "bulut", "arrived", code=offer.arrival_code)
    assert world.offer(referral_id, "bulut").state == State.CONTACT_MADE


def test_whoever_stays_anonymous_gives_a_preview_at_most(world: World) -> None:
    referral_id = world.agreed("bulut")
    world.write(
        lambda tx: cases.set_anonymity(
            tx, world.operator, world.case_id, "anonymous", now=world.now
        )
    )
    act(world, referral_id, "bulut", "accept")
    assert page(world, referral_id, "bulut").fields == ()
    with pytest.raises(Invalid):
        world.draft("ak-kaiyn")
    assert (
        world.store.read(
            lambda tx: referrals.draft_form(
                tx, KEYS, world.operator, world.case_id, service="shelter", now=world.now
            )
        ).fields
        == ()
    )


def test_unsafe_bars_the_partner_and_calls_a_coordinator(world: World) -> None:
    referral_id = world.agreed("bulut")
    for step in ("accept", "receipt", "contact"):
        act(world, referral_id, "bulut", step)
    world.write(lambda tx: referrals.confirm(tx, referral_id, "unsafe", now=world.now))
    assert world.row(referral_id).safeguarding
    assert "safeguarding" in tasks_of(world)
    matches = world.store.read(
        lambda tx: referrals.candidates(
            tx, KEYS, world.operator, world.case_id, SHELTER, now=world.now
        )
    )
    assert world.partners["bulut"] not in {m.partner_id for m in matches.offers}


def test_the_same_request_goes_to_a_partner_once(world: World) -> None:
    world.draft("bulut")
    with pytest.raises(Conflict):
        world.draft("bulut")


def test_nobody_reaches_what_was_addressed_to_another(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn")
    own = world.offer(referral_id, "bulut")
    planned = world.offer(referral_id, "ak-kaiyn")
    stranger = world.partner("bulak")
    for actor, offer in ((stranger, own), (world.partner("ak-kaiyn"), planned)):
        for name, more in (
            ("accept", {}), ("receipt", {}), ("attempt", {}), ("contact", {}), ("start", {}),
            ("decline", {"reason": "other"}), ("complete", {"outcome": "moved"}),
            ("arrived", {"code": "1"}),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                world.write(
                    lambda tx, name=name, more=more, actor=actor, offer=offer: getattr(
                        partner, name
                    )(tx, KEYS, actor, offer.id, version=offer.version, now=world.now, **more)
                )
        with pytest.raises(NotFound):
            world.store.read(
                lambda tx, actor=actor, offer=offer: partner.page(
                    tx, KEYS, actor, offer.id, now=world.now
                )
            )
    with pytest.raises(Refused):
        world.store.read(lambda tx: partner.page(tx, KEYS, world.operator, own.id, now=world.now))


def test_a_page_that_was_read_long_ago_changes_nothing(world: World) -> None:
    referral_id = world.agreed("bulut")
    own = world.offer(referral_id, "bulut")
    act(world, referral_id, "bulut", "accept")
    with pytest.raises(Conflict):
        world.write(
            lambda tx: partner.receipt(
                tx, KEYS, world.partner("bulut"), own.id, version=own.version, now=world.now
            )
        )


def test_a_preview_in_the_database_holds_coded_values_only(world: World) -> None:
    referral_id = world.agreed("bulut")
    stored = json.dumps(world.row(referral_id).preview)
    assert "canary" not in stored


def test_all_tags_of_edges_are_known() -> None:
    assert set(motion.TAGS) == set(Event)


def test_acceptance_in_time_ends_the_alarm(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn", priority="emergency")
    world.later(minutes=29)
    world.run_timers()
    assert "escalated" not in tasks_of(world)
    world.later(minutes=1)
    world.run_timers()
    assert "escalated" in tasks_of(world)
    other = world.agreed("bulak", priority="emergency")
    act(world, other, "bulak", "accept")
    assert world.row(referral_id).escalated
    assert not world.row(other).escalated


def test_a_second_name_after_the_alarm_ends_it(world: World) -> None:
    referral_id = world.draft("bulut", "ak-kaiyn")
    world.ask(referral_id)
    world.answer(referral_id)
    act(world, referral_id, "bulut", "decline", reason="closed")
    assert "escalated" in tasks_of(world)
    world.ask(referral_id)
    world.answer(referral_id)
    act(world, referral_id, "ak-kaiyn", "accept")
    assert not world.row(referral_id).escalated
    assert "escalated" not in tasks_of(world)


def questions(world: World) -> int:
    query = sa.select(sa.func.count()).where(
        Timer.subject_kind == "conversation", Timer.kind == "outcome", Timer.state == "set"
    )
    return int(world.store.read(lambda tx: tx.conn.execute(query).scalar_one()))


def test_nobody_is_asked_about_what_was_taken_back(world: World) -> None:
    referral_id = world.agreed("bulut")
    for step in ("accept", "receipt", "contact"):
        act(world, referral_id, "bulut", step)
    assert questions(world) == 2  # after 3 and 14 days
    world.withdraw()
    assert questions(world) == 0


def test_at_the_end_she_is_asked_once_more(world: World) -> None:
    referral_id = world.agreed("bulut")
    for step in ("accept", "receipt", "contact"):
        act(world, referral_id, "bulut", step)
    act(world, referral_id, "bulut", "complete", outcome="served_full")
    assert questions(world) == 1


@pytest.mark.parametrize(
    ("priority", "hours", "why"),
    [("emergency", 0.5, "not_opened"), ("urgent", 4, "not_opened"), ("normal", 24, "not_opened")],
)
def test_a_packet_that_nobody_opens_calls_a_coordinator(
    world: World, priority: str, hours: float, why: str
) -> None:
    referral_id = world.agreed("bulut", priority=priority)
    act(world, referral_id, "bulut", "accept")
    world.later(hours=hours, seconds=-1)
    world.run_timers()
    assert not world.row(referral_id).escalated
    world.later(seconds=1)
    world.run_timers()
    assert world.row(referral_id).escalated
    links = world.store.read(lambda tx: audit.latest(tx, limit=50, object_id=referral_id))
    assert why in {link.link.reason for link in links}


def test_a_missed_contact_calls_a_coordinator_who_may_take_it_back(world: World) -> None:
    referral_id = world.agreed("bulut", priority="urgent")
    act(world, referral_id, "bulut", "accept")
    act(world, referral_id, "bulut", "receipt")
    world.later(hours=72)
    world.run_timers()
    assert world.row(referral_id).escalated
    coordinator = Actor("user", "c" * 20, "CO")
    world.write(
        lambda tx: referrals.recall(
            tx, KEYS, coordinator, referral_id, reason="deadline_missed", now=world.now
        )
    )
    assert world.row(referral_id).state == State.RECALLED


def test_outcome_is_asked_for_weekly(world: World) -> None:
    referral_id = world.agreed("bulut")
    for step in ("accept", "receipt", "contact"):
        act(world, referral_id, "bulut", step)
    for _ in range(2):
        world.later(days=7)
        assert world.run_timers() == 1
        assert "outcome_due" in tasks_of(world)


def test_consent_that_is_too_old_opens_nothing(world: World) -> None:
    referral_id = world.agreed("bulut")
    act(world, referral_id, "bulut", "accept")
    world.later(days=30)
    assert page(world, referral_id, "bulut").fields == ()


def test_operators_see_their_own_and_read_a_packet_only_with_a_reason(world: World) -> None:
    referral_id = world.agreed("bulut")
    own = world.store.read(lambda tx: referrals.listed(tx, world.operator, now=world.now))
    assert [line.id for line in own] == [referral_id]
    stranger = Actor("user", "s" * 20, "OP", site_id="x" * 20)
    assert world.store.read(lambda tx: referrals.listed(tx, stranger, now=world.now)) == ()
    with pytest.raises(NotFound):
        world.store.read(
            lambda tx: referrals.detail(tx, KEYS, stranger, referral_id, now=world.now)
        )
    coordinator = Actor("user", "c" * 20, "CO")

    def fields(reason: str | None) -> int:
        found = world.store.read(
            lambda tx: referrals.detail(
                tx, KEYS, coordinator, referral_id, now=world.now, reason=reason
            )
        )
        return len(found.fields)

    assert (fields(None), fields("review")) == (0, len(FIELDS))
    for role in ("NG", "CE", "AU", "AD"):
        outsider = Actor("user", "n" * 20, role, partner_id="p" * 20)
        with pytest.raises(Refused):
            world.store.read(
                lambda tx, outsider=outsider: referrals.detail(
                    tx, KEYS, outsider, referral_id, now=world.now
                )
            )


def test_only_who_talks_with_her_drafts_and_asks(world: World) -> None:
    referral_id = world.draft("bulut")
    stranger = Actor("user", "s" * 20, "OP")
    with pytest.raises(Refused):
        world.write(
            lambda tx: referrals.draft(
                tx, KEYS, stranger, world.case_id, needs=SHELTER,
                partners=[world.partners["ak-kaiyn"]], fields={}, now=world.now,
            )
        )  # fmt: skip
    with pytest.raises(Refused):
        world.write(
            lambda tx: referrals.consent_question(tx, KEYS, stranger, referral_id, now=world.now)
        )


@pytest.mark.parametrize(
    ("needs", "names", "fields"),
    [
        ({"service": "magic"}, ["bulut"], {}),
        ({"oblast": "mars"}, ["bulut"], {}),
        ({}, [], {}),
        ({}, ["tirek"], {}),
        ({}, ["bulut"], {"employer": "not for a shelter"}),
        ({}, ["bulut"], {"phone": "no such field"}),
        ({}, ["bulut"], {"safe_way": "x" * 601}),
    ],
)
def test_a_draft_with_a_mistake_is_refused_whole(
    world: World, needs: dict[str, str], names: list[str], fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        world.draft(*names, needs=replace(SHELTER, **needs), fields=fields)
    assert (
        world.store.read(
            lambda tx: referrals.of_case(tx, world.operator, world.case_id, now=world.now)
        )
        == ()
    )


def test_no_command_discloses_without_consent() -> None:
    """The edge for saving a life needs two people; nothing in the program acts as two."""
    users = [
        path.name
        for path in (ROOT / "hotline").rglob("*.py")
        if "Role.TWO" in path.read_text(encoding="utf-8")
        or "Event.OVERRIDE)" in path.read_text(encoding="utf-8")
    ]
    assert users == []


# ---------------------------------------------------------------- the directory


def test_a_directory_comes_in_twice_and_keeps_what_partners_counted(world: World) -> None:
    content = library.read_file(ROOT / "flows/demo/directory.yaml", root=ROOT / "flows")
    before = len(world.store.read(lambda tx: referrals.listing(tx, now=world.now)))
    actor = world.partner("bulut")
    shelter = next(
        s for s in world.store.read(lambda tx: partner.capacity(tx, actor)) if s.kind == "shelter"
    )
    world.write(lambda tx: partner.set_places(tx, actor, shelter.id, 4, now=world.now))
    done = world.write(lambda tx: referrals.import_directory(tx, content, now=world.now))
    assert (done.partners_added, done.services_added) == (0, 0)
    again = world.store.read(lambda tx: referrals.listing(tx, now=world.now))
    assert len(again) == before
    assert next(s.places_free for s in again if s.service_id == shelter.id) == 4
    seeded = world.write(lambda tx: referrals.seed_demo_partners(tx, content, now=world.now))
    assert seeded == world.partners


def test_a_mistake_brings_nothing_in(world: World) -> None:
    good = {"code": "new-one", "name": {"ky": "а", "ru": "б", "tg": "в"},
            "services": [{"kind": "legal", "oblast": "osh"}]}  # fmt: skip
    with pytest.raises(Invalid):
        world.write(
            lambda tx: referrals.import_directory(
                tx, {"partners": [good, {**good, "code": "Not"}]}, now=world.now
            )
        )
    lines = world.store.read(lambda tx: referrals.listing(tx, now=world.now))
    assert "б" not in {line.name["ru"] for line in lines}


def test_a_real_directory_is_no_demonstration(world: World) -> None:
    with pytest.raises(Invalid):
        world.write(lambda tx: referrals.seed_demo_partners(tx, {"partners": []}, now=world.now))


def test_what_nobody_verified_for_ninety_days_is_a_task(world: World) -> None:
    assert world.write(lambda tx: referrals.verify(tx, now=world.now)) == ()
    world.later(days=91)
    old = world.write(lambda tx: referrals.verify(tx, now=world.now))
    assert len(old) >= 8
    assert "verify" in tasks_of(world)
    coordinator = Actor("user", "c" * 20, "CO")
    for line in old:
        world.write(
            lambda tx, line=line: referrals.verify_service(
                tx, coordinator, line.service_id, now=world.now
            )
        )
    assert "verify" not in tasks_of(world)
    with pytest.raises(Refused):
        world.write(
            lambda tx: referrals.verify_service(
                tx, world.operator, old[0].service_id, now=world.now
            )
        )


def test_a_partner_who_left_is_passed_over(world: World) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn", "bulak")
    world.write(
        lambda tx: tx.conn.execute(
            sa.update(Partner)
            .where(Partner.id == world.partners["ak-kaiyn"])
            .values(disabled_at=world.now)
        )
    )
    act(world, referral_id, "bulut", "decline", reason="no_place")
    assert world.offer(referral_id, "ak-kaiyn").state == "PLANNED"
    assert world.offer(referral_id, "bulak").state == State.OFFERED


def test_a_childs_partner_is_not_barred_for_having_helped(databases: Databases) -> None:
    world = build(databases.fresh("sqlite"), klass="P0", facts={"age_band": "minor"})
    child = replace(SHELTER, age_band="child")
    referral_id = world.agreed("bulut", needs=child)
    assert world.row(referral_id).safeguarding
    act(world, referral_id, "bulut", "accept")
    matches = world.store.read(
        lambda tx: referrals.candidates(
            tx, KEYS, world.operator, world.case_id, child, now=world.now
        )
    )
    assert world.partners["bulut"] in {m.partner_id for m in matches.offers}
    with pytest.raises(Invalid):
        world.draft("ak-kaiyn")  # as if of age
    world.store.close()


def test_a_partner_goes_on_when_she_had_her_words_deleted(world: World) -> None:
    referral_id = world.agreed("bulut")
    before = told(world)
    query = sa.select(Contact.key_id)

    def shred(tx: Any) -> None:
        key_id = tx.conn.execute(query).scalar_one()
        tx.conn.execute(sa.delete(KeyWrap).where(KeyWrap.key_id == key_id))

    assert before
    world.write(shred)
    act(world, referral_id, "bulut", "accept")
    assert world.offer(referral_id, "bulut").state == State.DISCLOSED
