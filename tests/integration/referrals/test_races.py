"""Two at the same moment. On SQLite one writer puts them in order; on PostgreSQL the row's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from hotline.core.errors import HotlineError
from hotline.referrals.repository import packets as packet_rows
from hotline.referrals.rules.states import LIVE, State
from hotline.referrals.service import partner
from tests.integration.referrals.world import KEYS, World


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Runs all together; results, or the errors that people would see."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except HotlineError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def step(world: World, referral_id: str, code: str, name: str) -> Callable[[], Any]:
    own = world.offer(referral_id, code)
    actor = world.partner(code)
    function = getattr(partner, name)
    return lambda: world.write(
        lambda tx: function(tx, KEYS, actor, own.id, version=own.version, now=world.now)
    )


@pytest.mark.parametrize("round_", range(4))
def test_of_three_who_accept_at_once_one_gets_it(world: World, round_: int) -> None:
    codes = ("bulut", "ak-kaiyn", "bulak")
    referral_id = world.agreed(*codes, priority="emergency")
    works = [step(world, referral_id, code, "accept") for code in codes]
    results = at_once(*works[round_ % 3 :], *works[: round_ % 3])
    assert sum(result is None for result in results) == 1
    states = sorted(world.offer(referral_id, code).state for code in codes)
    assert states == [State.DISCLOSED, State.EXPIRED, State.EXPIRED]


@pytest.mark.parametrize("name", ["accept", "receipt", "decline"])
def test_withdrawal_wins_whatever_a_partner_does_meanwhile(world: World, name: str) -> None:
    referral_id = world.agreed("bulut", "ak-kaiyn")
    if name != "accept":
        step(world, referral_id, "bulut", "accept")()
    if name == "decline":
        own, actor = world.offer(referral_id, "bulut"), world.partner("bulut")

        def work() -> Any:
            return world.write(
                lambda tx: partner.decline(
                    tx, KEYS, actor, own.id, reason="other", version=own.version, now=world.now
                )
            )
    else:
        work = step(world, referral_id, "bulut", name)
    at_once(work, world.withdraw)
    assert world.row(referral_id).state == State.CONSENT_WITHDRAWN
    offers = [world.offer(referral_id, code) for code in ("bulut", "ak-kaiyn")]
    assert not any(offer.state in LIVE for offer in offers)
    assert world.store.read(lambda tx: packet_rows.keys_of(tx, referral_id)) == ()
    assert not world.store.read(lambda tx: packet_rows.partners_with_wraps(tx, referral_id))


def test_a_press_that_is_sent_twice_counts_once(world: World) -> None:
    referral_id = world.agreed("bulut")
    work = step(world, referral_id, "bulut", "accept")
    results = at_once(work, work)
    assert sum(result is None for result in results) == 1
    assert world.offer(referral_id, "bulut").state == State.DISCLOSED


def test_two_drafts_at_once_give_a_partner_one_request(world: World) -> None:
    results = at_once(lambda: world.draft("bulut"), lambda: world.draft("bulut"))
    assert sum(isinstance(result, str) for result in results) == 1
