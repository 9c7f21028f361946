"""Which open question could change the level most, for the counsellor who goes on asking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hotline.screening.answers import Answers, Context, codes_of, read
from hotline.screening.assess import judge
from hotline.screening.next_item import due, open_items, reach, recorded, worst_bits
from hotline.screening.ruleset import AGE_ITEM, PLACES, RANK, SAFE_ITEM, Item, Level, Ruleset
from hotline.screening.signals import signals_of

MOST = 3


@dataclass(frozen=True, slots=True)
class Question:
    """An open question, and the highest level that its answer alone could give."""

    item: str
    level: Level


def ask_next(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    routing: Mapping[str, str],
) -> tuple[Question, ...]:
    """Up to three open questions, the one that could change the level most first.

    Open are questions without a clear answer, also those answered "not sure" or skipped; a
    counsellor may ask what an SMS may not. Between equals the stronger sign comes first, then
    the order of the questions. Empty when no answer can change the level, and while it is unsafe
    to write.
    """
    known = {**answers, **recorded(ruleset, answers, stage=stage, routing=routing)}
    facts = read(ruleset, known, stage=stage, ctx=ctx)
    left = [
        item
        for item in open_items(ruleset, stage, routing, None)
        if item.id != SAFE_ITEM and not _clear(ruleset, known, item)
    ]
    if facts.unsafe or not reach(ruleset, facts, left)[1]:
        return ()
    ranked = []
    for place, item in enumerate(left):
        if due(ruleset, item, facts):
            child = facts.child or item.id == AGE_ITEM
            bits = worst_bits(ruleset, item, child=child)
            level = judge(ruleset, replace(facts, bits=facts.bits | bits, child=child)).level
            ranked.append((-RANK[level], _strongest(ruleset, item, child=child), place, level))
    return tuple(Question(left[place].id, level) for _, _, place, level in sorted(ranked)[:MOST])


def _clear(ruleset: Ruleset, answers: Answers, item: Item) -> bool:
    codes = codes_of(answers, item.id)
    return bool(set(codes) - ruleset.undetermined or ruleset.fires(item.id, codes))


def _strongest(ruleset: Ruleset, item: Item, *, child: bool) -> int:
    """The place of the heaviest sign an item can fire; danger before all."""
    if item.danger:
        return -1
    order = {weight: place for place, weight in enumerate((*PLACES, None))}
    signs = signals_of(ruleset).names(worst_bits(ruleset, item, child=child))
    return min(
        (order[ruleset.indicators[sign].weight(child=child)] for sign in signs),
        default=len(order),
    )
