"""What may be said back to the person: a few of their own answers, and nothing about levels."""

from dataclasses import dataclass

from hotline.screening.answers import Answers, Context, codes_of, read
from hotline.screening.assess import weight_used
from hotline.screening.ruleset import PLACES, Ruleset
from hotline.screening.signals import signals_of

MOST = 3


@dataclass(frozen=True, slots=True)
class Reasons:
    """`answers` are (item, code) pairs to restate in the person's language, strongest first.

    `person_first`: the offer of a person opens the message, whatever the level.
    """

    answers: tuple[tuple[str, str], ...]
    person_first: bool


def reasons(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    channel: str,
) -> Reasons:
    """Up to three reasons; none by SMS, none while it is unsafe to write.

    Answers to private items (danger, threats, violence, what one is made to do) are never
    restated, because somebody else may read the screen. Raises `InvalidAnswers`.
    """
    facts = read(ruleset, answers, stage=stage, ctx=ctx)
    if facts.unsafe:
        return Reasons((), person_first=False)
    weights = {
        sign: weight_used(ruleset, facts, sign) for sign in signals_of(ruleset).names(facts.bits)
    }
    person_first = "S" in weights.values()
    if channel == "sms":
        return Reasons((), person_first)
    order = {weight: place for place, weight in enumerate((*PLACES, None))}
    found = [
        (min(order[weights[sign]] for sign in signs), name, code)
        for name, item in ruleset.items.items()
        if not item.private
        for code, signs in item.options.items()
        if signs and code in codes_of(answers, name)
    ]
    found.sort(key=lambda reason: reason[0])  # stable: then in the order of the questions
    return Reasons(tuple((name, code) for _, name, code in found[:MOST]), person_first)
