"""What to ask next, and when to stop asking.

The level is monotone: no further answer lowers it (tests/properties). So the highest level still
in reach is the one reached when every question that may still come is answered with every sign it
has, and if that is the level of today, no answer can change it. This is exact as long as each
question has one answer that includes the signs of its others, which holds for every published
ruleset; otherwise it errs towards asking.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hotline.screening.answers import Answers, Context, Facts, codes_of, read
from hotline.screening.assess import judge
from hotline.screening.ruleset import AGE_ITEM, RANK, SAFE_ITEM, Item, Level, Ruleset
from hotline.screening.signals import signals_of

Stop = Literal["quiet", "immediate", "settled", "complete"]
Routing = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the flow does after an answer.

    `items` are the questions to ask, in order; conditions are looked at again after each answer,
    so ask only the first. Empty with `stop` = "quiet" (not safe to write), "immediate" (hand
    over), "settled" (no answer can change the level) or "complete" (nothing left to ask).
    `record` holds answers to store without asking. `offer_person`: the level is HIGH; ask, the
    first time only, whether to go on or to talk to a person now.
    """

    level: Level
    highest: Level
    items: tuple[str, ...]
    stop: Stop | None
    record: Mapping[str, str]
    offer_person: bool


def next_items(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    routing: Routing | None = None,
    channel: str | None = None,
    asked: Collection[str] = (),
) -> Plan:
    """Plan the rest of a screening.

    `asked` are items that were asked and left without a code: a skipped item without a code for
    it stands in no answer, and must not come twice. `routing` holds R0 to R3 by id. `channel`
    "sms" leaves out what must not stay on a phone; None leaves out nothing. Without a stage only
    safety, danger and age are asked. Raises `InvalidAnswers`.
    """
    routing = routing or {}
    record = recorded(ruleset, answers, stage=stage, routing=routing)
    known = {**answers, **record}
    facts = read(ruleset, known, stage=stage, ctx=ctx)
    left = _left(known, open_items(ruleset, stage, routing, channel), asked)
    result = judge(ruleset, facts)
    highest, can_change = reach(ruleset, facts, left)
    items = tuple(item.id for item in left if due(ruleset, item, facts))
    stop: Stop | None = None
    if facts.unsafe:
        stop = "quiet"
    elif result.level == "IMMEDIATE":
        stop = "immediate"
    elif not items:
        stop = "complete"
    elif not can_change:
        stop = "settled"
    return Plan(
        level=result.level,
        highest=highest,
        items=() if stop else items,
        stop=stop,
        record=record,
        offer_person=result.level == "HIGH",
    )


def recorded(
    ruleset: Ruleset, answers: Answers, *, stage: str | None, routing: Routing
) -> dict[str, str]:
    """Answers that a routing answer settles, for items that nobody answered."""
    return {
        item.id: item.recorded.code
        for item in ruleset.items.values()
        if item.recorded is not None
        and item.stage == stage
        and routing.get(item.recorded.routing) in item.recorded.among
        and not codes_of(answers, item.id)
    }


def can_level_change(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    routing: Routing | None = None,
    channel: str | None = None,
    asked: Collection[str] = (),
) -> bool:
    """Whether any answers to the questions still open would give another level."""
    routing = routing or {}
    known = {**answers, **recorded(ruleset, answers, stage=stage, routing=routing)}
    facts = read(ruleset, known, stage=stage, ctx=ctx)
    left = _left(known, open_items(ruleset, stage, routing, channel), asked)
    return reach(ruleset, facts, left)[1]


def _left(known: Answers, items: Iterator[Item], asked: Collection[str]) -> list[Item]:
    """The items that nobody answered and nobody was asked."""
    return [item for item in items if item.id not in asked and not codes_of(known, item.id)]


def open_items(
    ruleset: Ruleset, stage: str | None, routing: Routing, channel: str | None
) -> Iterator[Item]:
    """The items of stage A and of this stage that routing and channel allow at all."""
    for item in ruleset.items.values():
        if item.stage not in {"A", stage} or (channel == "sms" and not item.sms):
            continue
        ask_if = item.ask_if
        if ask_if and ask_if.routing and routing.get(ask_if.routing) not in ask_if.among:
            continue
        yield item


def due(ruleset: Ruleset, item: Item, facts: Facts) -> bool:
    """Whether an item may be asked now: its condition holds, and it is one for this age."""
    if facts.child and item.minor_codes == ():
        return False
    if item.ask_if is None or not item.ask_if.fired:
        return True
    return any(facts.bits & signals_of(ruleset).dimension(d) for d in item.ask_if.fired)


def reach(ruleset: Ruleset, facts: Facts, left: list[Item]) -> tuple[Level, bool]:
    """The highest level the open items can still give, and whether any other one can come."""
    now = judge(ruleset, facts).level
    ages = {facts.child} | ({True} if any(i.id == AGE_ITEM for i in left) else set())
    levels = {judge(ruleset, _worst(ruleset, replace(facts, child=c), left)).level for c in ages}
    highest = max(levels | {now}, key=lambda level: RANK[level])
    if any(item.id == SAFE_ITEM for item in left):
        levels.add(judge(ruleset, replace(facts, unsafe=True)).level)
    return highest, levels != {now}


def _worst(ruleset: Ruleset, facts: Facts, left: list[Item]) -> Facts:
    """The record in which every open item is answered with every sign it has."""
    while True:
        bits = facts.bits
        for item in left:
            if due(ruleset, item, facts):
                bits |= worst_bits(ruleset, item, child=facts.child)
        if bits == facts.bits:
            return facts
        facts = replace(facts, bits=bits)  # a sign may open a question that was closed before


def worst_bits(ruleset: Ruleset, item: Item, *, child: bool) -> int:
    """All that answers to one item can add; of a person under 18 only what is asked of them."""
    effects = signals_of(ruleset).effects[item.id]
    codes = item.minor_codes if child and item.minor_codes is not None else item.options
    bits = 0
    for code in codes:
        bits |= effects[code]
    return bits
