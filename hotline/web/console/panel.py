"""The screening panel: a level laid open for a counsellor, step by step, in her own words.

It only puts words to `screening.explain`; nothing is judged here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from markupsafe import Markup

from hotline.cases.service import AssessmentView, CasePanel
from hotline.flow.bundle import Bundle
from hotline.flow.definition import Step
from hotline.screening.explain import DimensionView, Explanation, Gap, SignView
from hotline.screening.htcds import Proposal
from hotline.web.console import base, labels
from hotline.web.routing import Call

_ACT: Final = {
    "IMMEDIATE": timedelta(minutes=5),
    "HIGH": timedelta(hours=1),
    "MEDIUM": timedelta(hours=24),
}
"""By when a person acts at the latest (screening.md 10.3); for other levels on request."""


@dataclass(frozen=True, slots=True)
class DimensionShown:
    name: str
    counts: str  # "2 strong, 1 medium"; empty when nothing fired
    is_positive: bool
    why: str  # the clause that holds, or what is missing


@dataclass(frozen=True, slots=True)
class SignShown:
    name: str
    dimension: str
    weight: str
    weight_code: str
    ilo: tuple[str, ...]
    is_extension: bool
    answers: tuple[tuple[str, str], ...]  # question, answer


@dataclass(frozen=True, slots=True)
class ProposalShown:
    field: str
    standard: str
    values: tuple[tuple[str, str], ...]  # words, the standard's own name
    because: tuple[tuple[str, str], ...]
    is_choice: bool


@dataclass(frozen=True, slots=True)
class ScreeningShown:
    """One screening. `dimensions` and below are empty when its rules are not today's."""

    id: str
    level: str
    level_name: Markup
    level_text: str
    colour: str
    at: str
    act_by: str  # empty: only when the person asks
    by_bot: bool
    is_final: bool
    stage: Markup | str
    rules: tuple[tuple[str, str], ...]
    dimensions: tuple[DimensionShown, ...]
    signs: tuple[SignShown, ...]
    gaps: tuple[tuple[str, Markup], ...]
    without: tuple[tuple[str, Markup], ...]
    ask_next: tuple[tuple[str, Markup], ...]
    share: int
    ilo: str
    palermo: Markup | None
    act: Markup
    age_unknown: bool
    proposals: tuple[ProposalShown, ...]
    is_explained: bool
    is_reproduced: bool


def screenings(call: Call, panel: CasePanel) -> list[ScreeningShown]:
    """Newest first."""
    return [_screening(call, view) for view in panel.screenings]


def facts(call: Call, panel: CasePanel) -> list[tuple[Markup, Markup | str]]:
    """What is known, so that nobody asks twice. Coded values only, in words."""
    t = call.t
    known = panel.facts
    unknown = t("console.fact.unknown", "not known")
    yes, no = t("console.yes", "yes"), t("console.no", "no")
    age = labels.ages(t).get(panel.age_band or "")
    rows: list[tuple[Markup, Markup | str]] = [
        (t("console.fact.age", "Age"), age or unknown),
        (t("console.fact.country", "Country"), base.country(call, panel.country) or unknown),
        (
            t("console.fact.stage", "Situation"),
            labels.stages(t).get(known.get("stage", "")) or unknown,
        ),
        (
            t("console.fact.recruiter", "Who found the work"),
            labels.recruiters(t).get(panel.recruiter or "") or unknown,
        ),
        (t("console.fact.third", "Writes about somebody else"), yes if panel.third_party else no),
    ]
    if known.get("returned") == "yes":
        rows.append((t("console.fact.returned", "Has returned"), yes))
    if "departs" in known:
        soon = known["departs"] in {"y", "yes", "soon", "h48"}
        rows.append((t("console.fact.departs", "Leaves within 48 hours"), yes if soon else no))
    return rows


def _screening(call: Call, view: AssessmentView) -> ScreeningShown:
    names, found = labels.levels(call.t), view.explanation
    return ScreeningShown(
        id=view.id,
        level=view.level,
        level_name=names.get(view.level) or call.t("console.level.UNCLEAR", "Unclear"),
        level_text=base.said(call, f"screening.level.{view.level}"),
        colour=labels.LEVEL_COLOUR.get(view.level, ""),
        at=base.moment(call, view.at),
        act_by=base.moment(call, view.at + _ACT[view.level]) if view.level in _ACT else "",
        by_bot=view.by == "bot",
        is_final=view.final,
        stage=labels.stages(call.t).get(view.stage or "") or "",
        rules=() if found is None else tuple(
            (rule, base.said(call, f"screening.rule.{rule}")) for rule in found.assessment.why
        ),
        dimensions=() if found is None else tuple(_dimension(call, d) for d in found.dimensions),
        signs=() if found is None else tuple(_sign(call, s) for s in found.signs),
        gaps=() if found is None else tuple(_gap(call, g) for g in found.gaps),
        without=() if found is None else tuple(_without(call, found, names)),
        ask_next=() if found is None else tuple(
            (question(call, q.item), names[q.level]) for q in found.ask_next
        ),
        share=0 if found is None else round(found.assessment.share * 100),
        ilo="" if found is None else base.said(call, f"screening.ilo.{found.assessment.ilo}"),
        palermo=None if found is None else _palermo(call, found),
        act=_act(call, found),
        age_unknown=found is not None and found.age_unknown,
        proposals=tuple(_proposal(call, p) for p in view.proposals),
        is_explained=found is not None,
        is_reproduced=view.reproduced,
    )  # fmt: skip


def _dimension(call: Call, view: DimensionView) -> DimensionShown:
    counts = ((view.strong, "S"), (view.medium, "M"), (view.weak, "W"))
    if view.positive:
        why = "; ".join(base.said(call, f"screening.clause.{c}") for c in view.clauses)
    elif view.missing:
        either = str(call.t("console.or", "or"))
        one_of = f" {either} ".join(
            " + ".join(base.said(call, f"screening.weight.{w}") for w in more)
            for more in view.missing
        )
        why = str(
            call.t(
                "console.dimension.missing",
                "below the threshold; still missing: {signs}",
                signs=one_of,
            )
        )
    else:
        why = str(call.t("console.dimension.below", "below the threshold"))
    return DimensionShown(
        base.said(call, f"screening.dimension.{view.id}"),
        ", ".join(f"{n} × {base.said(call, f'screening.weight.{w}')}" for n, w in counts if n),
        view.positive,
        why,
    )


def _sign(call: Call, sign: SignView) -> SignShown:
    return SignShown(
        name=base.said(call, f"screening.indicator.{sign.id}"),
        dimension=base.said(call, f"screening.dimension.{sign.dimension}"),
        weight=(
            base.said(call, f"screening.weight.{sign.weight}")
            if sign.weight
            else str(call.t("console.sign.uncounted", "not counted"))
        ),
        weight_code=sign.weight or "",
        ilo=tuple(f"{n} {base.said(call, f'screening.ilo11.{n}')}" for n in sign.ilo11),
        is_extension=sign.extension,
        answers=tuple((question(call, i), answer(call, i, code)) for i, code in sign.answers),
    )


def _gap(call: Call, gap: Gap) -> tuple[str, Markup]:
    t = call.t
    states = {
        "not_answered": t("console.gap.not_answered", "not asked or not answered"),
        "not_sure": t("console.gap.not_sure", "not sure"),
        "skipped": t("console.gap.skipped", "skipped"),
    }
    return question(call, gap.item), states[gap.state]


def _without(
    call: Call, found: Explanation, names: Mapping[str, Markup]
) -> Iterable[tuple[str, Markup]]:
    """Only what would change the level is worth a line."""
    for one in found.without:
        if one.level == found.assessment.level:
            continue
        what = (
            str(call.t("console.without.danger", "the danger that was named"))
            if one.what == "A2"
            else base.said(call, f"screening.indicator.{one.what}")
        )
        yield what, names[one.level]


def _palermo(call: Call, found: Explanation) -> Markup:
    if found.assessment.palermo == "n/a":
        return call.t("console.palermo.na", "not judged before departure")
    if found.assessment.palermo:
        return call.t("console.palermo.yes", "the elements of the Palermo definition are indicated")
    return call.t("console.palermo.no", "the elements are not indicated by these answers")


def _act(call: Call, found: Explanation | None) -> Markup:
    if found is None or found.act is None:
        return call.t("console.act.unknown", "not known")
    if found.act:
        return call.t("console.act.yes", "somebody else found the work or arranged the journey")
    return call.t("console.act.no", "the person arranged it alone")


def _proposal(call: Call, made: Proposal) -> ProposalShown:
    fields, values = labels.htcds(call.t), labels.htcds_values(call.t)
    chosen = made.choices or ((made.value,) if made.value else ())
    return ProposalShown(
        str(fields.get(made.field) or made.field),
        made.field,
        tuple((str(values.get(v) or v), v) for v in chosen),
        tuple(
            (question(call, item), answer(call, item, code))
            for item, code in made.because
            if item[:1] in "ABC"
        ),
        is_choice=bool(made.choices),
    )


# ------------------------------------------------------------------ questions and answers


def question(call: Call, item: str) -> str:
    """The question of a screening item, as the bot asks it."""
    step = _step(call.ctx.bundle, item)
    return item if step is None else base.said(call, f"{step.flow}.{step.name}.ask")


def answer(call: Call, item: str, code: str) -> str:
    """The label of an answer."""
    step = _step(call.ctx.bundle, item)
    key = next((o.key for o in (step.options if step else ()) if o.code == code), None)
    if key is not None:
        return base.said(call, key)
    t = call.t
    usual = {
        "y": t("console.yes", "yes"),
        "n": t("console.no", "no"),
        "u": t("console.gap.not_sure", "not sure"),
        "s": t("console.gap.skipped", "skipped"),
    }
    return str(usual.get(code) or t("console.answer.other", "another answer"))


_PLACES = ("safety", "offer", "work", "start")


def _step(bundle: Bundle | None, item: str) -> Step | None:
    if bundle is None:
        return None
    for flow in _PLACES:
        found = bundle.steps.get(f"{flow}.{item}")
        if found is not None and found.item == item:
            return found
    return next((s for s in bundle.steps.values() if s.item == item), None)
