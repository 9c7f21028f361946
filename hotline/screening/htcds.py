"""Proposals in the words of the Human Trafficking Case Data Standard 2.0 (IOM, CC BY 4.0).

Every value is marked as proposed by the bot; a counsellor confirms or rejects each. Nothing here
says that somebody is or is not a victim: the one status ever proposed is the possible one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline.screening.answers import Answers, Context, codes_of, read
from hotline.screening.assess import Assessment, judge
from hotline.screening.ruleset import Ruleset

Given = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed value of one field.

    `value` is None where a counsellor chooses one or more of `choices`. `strict` is what a
    receiver gets who takes the 2.0 list only; it differs from `value` for an extension.
    `because` holds the (item or routing question, code) pairs behind it, empty when the level is.
    """

    field: str
    value: str | None
    choices: tuple[str, ...] = ()
    strict: str | None = None
    because: Given = ()


def propose(
    ruleset: Ruleset,
    answers: Answers,
    *,
    stage: str | None,
    ctx: Context | None = None,
    routing: Mapping[str, str] | None = None,
) -> tuple[Proposal, ...]:
    """What to propose for a case; call it only when a case exists. Raises `InvalidAnswers`."""
    result = judge(ruleset, read(ruleset, answers, stage=stage, ctx=ctx))
    found: list[Proposal] = []
    serious = result.level in {"IMMEDIATE", "HIGH"}
    if serious:
        found.append(Proposal("cas_Status", "Active", strict="Active"))
    if result.palermo is True:
        possible = "PossibleVictimOfTrafficking"
        found.append(Proposal("vic_TraffickingStatus", possible, strict=possible))
    if serious and stage == "C":
        found += _control(ruleset, answers)
        found += _exploitation(ruleset, answers, result)
    found += _recruitment(ruleset, routing or {})
    return tuple(found)


def _control(ruleset: Ruleset, answers: Answers) -> Iterator[Proposal]:
    """Only from stage C answers: before departure no control has happened yet."""
    because: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name, code in _given(ruleset, answers, "C"):
        for sign in ruleset.items[name].options[code]:
            if values := ruleset.indicators[sign].htcds:
                because.setdefault(values, []).append((name, code))
    for values, given in because.items():
        yield _proposal(ruleset, "vic_MethodsOfControl", values, tuple(given))


def _exploitation(ruleset: Ruleset, answers: Answers, result: Assessment) -> Iterator[Proposal]:
    field, how = "vic_TypeOfExploitation", ruleset.htcds
    because: dict[str, list[tuple[str, str]]] = {}
    for name, code in _given(ruleset, answers, "C"):
        if name == how.exploitation_item and code in how.exploitation:
            because.setdefault(how.exploitation[code], []).append((name, code))
    for value, given in because.items():
        yield _proposal(ruleset, field, (value,), tuple(given))
    if not because and "EXP" in result.positive:
        value = how.otherwise_child if result.child else how.otherwise_adult
        yield _proposal(ruleset, field, (value,), ())


def _recruitment(ruleset: Ruleset, routing: Mapping[str, str]) -> Iterator[Proposal]:
    question = ruleset.htcds.recruitment_routing
    answer = routing.get(question, "")
    if values := ruleset.htcds.recruitment.get(answer, ()):
        yield _proposal(ruleset, "vic_MethodOfRecruitment", values, ((question, answer),))


def _proposal(ruleset: Ruleset, field: str, values: tuple[str, ...], because: Given) -> Proposal:
    if len(values) > 1:
        return Proposal(field, None, choices=values, because=because)
    (value,) = values
    return Proposal(
        field, value, strict=ruleset.htcds.extensions.get(value, value), because=because
    )


def _given(ruleset: Ruleset, answers: Answers, stage: str) -> Iterator[tuple[str, str]]:
    """The answers of a stage in the order of the questions, each once."""
    for name, item in ruleset.items.items():
        if item.stage == stage:
            given = codes_of(answers, name)
            yield from ((name, code) for code in item.options if code in given)
