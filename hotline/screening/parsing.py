"""From a mapping, as read from YAML, to a `Ruleset`; what is wrong is named with its place."""

from collections.abc import Mapping

from hotline.screening.fields import Fields
from hotline.screening.rules import EDITION, RULES, SIGNS_NEEDED
from hotline.screening.ruleset import (
    ADULT,
    AGE_ITEM,
    DANGER_ITEM,
    DIMENSIONS,
    ILO_CLASSES,
    MINOR,
    PLACES,
    RANK,
    SAFE_ITEM,
    UNSAFE,
    AskIf,
    Clause,
    HtcdsMapping,
    Indicator,
    Item,
    Recorded,
    Ruleset,
    RulesetError,
    Weight,
    WeightOverride,
)

WEIGHTS: Mapping[str, Weight] = {weight: weight for weight in PLACES}
NEEDED_CODES = {SAFE_ITEM: (UNSAFE,), DANGER_ITEM: (), AGE_ITEM: (MINOR, ADULT)}


def parse(mapping: object) -> Ruleset:
    """Read a ruleset from plain data (mappings, lists, strings, numbers).

    Raises `RulesetError` naming the place of the first mistake, among them a `logic` edition
    that this code does not have: an old record is then not computed by the wrong rules.
    """
    top = Fields(mapping, "screening")
    if top.number("logic") != EDITION:
        raise RulesetError(f"screening: logic must be {EDITION}, the edition of these rules")
    texts = _texts(top)
    indicators = _indicators(top.fields("indicators"), texts)
    items = _items(top, indicators)
    shares = top.fields("share_percent")
    ruleset = Ruleset(
        version=top.text("version"),
        undetermined=frozenset(top.texts("undetermined")),
        none_percent=shares.number("none", at_most=100),
        low_percent=shares.number("low", at_most=100),
        clauses=_clauses(top.fields("clauses"), texts),
        overrides=tuple(_override(f, indicators, items) for f in top.rows("weight_overrides")),
        indicators=indicators,
        items=items,
        htcds=_htcds(top.fields("htcds"), items),
        texts=texts,
    )
    shares.nothing_else()
    top.nothing_else()
    _needs(ruleset)
    return ruleset


def _texts(top: Fields) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, key, wanted in (
        ("weights", "weight", tuple(WEIGHTS)),
        ("levels", "level", tuple(RANK)),
        ("dimensions", "dimension", DIMENSIONS),
        ("ilo", "ilo", ILO_CLASSES),
        ("ilo11", "ilo11", tuple(str(n) for n in range(1, 12))),
    ):
        part = top.fields(name)
        if set(part.names()) != set(wanted):
            raise RulesetError(f"{part.place}: needs exactly {', '.join(wanted)}")
        texts |= {f"screening.{key}.{k}": part.text(k) for k in part.names()}
    rules = top.fields("rules")
    for level in RANK:
        group = rules.fields(level)
        texts |= {f"screening.rule.{rule}": group.text(rule) for rule in group.names()}
    rules.nothing_else()
    return texts


def _indicators(part: Fields, texts: dict[str, str]) -> dict[str, Indicator]:
    found: dict[str, Indicator] = {}
    for sign in part.names():
        field = part.fields(sign)
        dimension = sign.partition(".")[0]
        if dimension not in DIMENSIONS:
            raise RulesetError(f"{field.place}: unknown dimension {dimension}")
        numbers = field.numbers("ilo11")
        if any(f"screening.ilo11.{n}" not in texts for n in numbers):
            raise RulesetError(f"{field.place}.ilo11: only the numbers 1 to 11")
        texts[f"screening.indicator.{sign}"] = field.text("text")
        found[sign] = Indicator(
            id=sign,
            dimension=dimension,
            adult=_weight(field, "adult"),
            child=_weight(field, "child"),
            ilo11=numbers,
            htcds=field.texts("htcds", ()),
            extension=field.one_of("basis", ("ILO", "EXT")) == "EXT",
        )
        field.nothing_else()
    return found


def _weight(field: Fields, name: str) -> Weight | None:
    value = field.take(name)
    if value is None:
        return None
    if not isinstance(value, str) or value not in WEIGHTS:
        raise RulesetError(f"{field.place}.{name}: a weight is S, M, W or null")
    return WEIGHTS[value]


def _items(top: Fields, indicators: Mapping[str, Indicator]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for field in top.rows("items"):
        item = _item(field, indicators)
        if item.id in found:
            raise RulesetError(f"{field.place}: item {item.id} stands twice")
        found[item.id] = item
    return found


def _item(field: Fields, indicators: Mapping[str, Indicator]) -> Item:
    name = field.text("id")
    if name[0] not in "ABC":
        raise RulesetError(f"{field.place}.id: an item belongs to stage A, B or C")
    options = field.fields("options")
    codes = {code: options.texts(code) for code in options.names()}
    for code, signs in codes.items():
        for sign in signs:
            if sign not in indicators:
                raise RulesetError(f"{options.place}.{code}: unknown indicator {sign}")
    minor = field.take("minor", default=None)
    item = Item(
        id=name,
        options=codes,
        core=field.flag("core", default=False),
        several=field.flag("several", default=False),
        danger=frozenset(field.texts("danger", ())),
        private=field.flag("private", default=False),
        sms=field.flag("sms", default=True),
        ask_if=_ask_if(field),
        recorded=_recorded(field),
        minor_codes=() if minor == "skip" else None if minor is None else field.as_texts(minor),
    )
    known = {*item.danger, *(item.minor_codes or ())}
    known |= {item.recorded.code} if item.recorded else set()
    if unknown := known - codes.keys():
        raise RulesetError(f"{field.place}: no option {', '.join(sorted(unknown))}")
    field.nothing_else()
    return item


def _ask_if(field: Fields) -> AskIf | None:
    if not field.has("ask_if"):
        return None
    part = field.fields("ask_if")
    if part.has("routing"):
        found = AskIf(routing=part.text("routing"), among=frozenset(part.texts("in")))
    elif (fired := part.take("fired")) == "any":
        found = AskIf(fired=frozenset(DIMENSIONS))
    else:
        found = AskIf(fired=frozenset(part.as_texts(fired)))
        if not found.fired <= set(DIMENSIONS):
            raise RulesetError(f"{part.place}.fired: any, or a list of dimensions")
    part.nothing_else()
    return found


def _recorded(field: Fields) -> Recorded | None:
    if not field.has("recorded"):
        return None
    part = field.fields("recorded")
    found = Recorded(part.text("routing"), frozenset(part.texts("in")), part.text("code"))
    part.nothing_else()
    return found


def _clauses(part: Fields, texts: dict[str, str]) -> tuple[Clause, ...]:
    found = []
    for name in part.names():
        field = part.fields(name)
        texts[f"screening.clause.{name}"] = field.text("text")
        counts = {
            key: field.number(key) if field.has(key) else 0
            for key in ("strong", "medium", "weak", "medium_or_weak")
        }
        if not any(counts.values()):
            raise RulesetError(f"{field.place}: a clause without a count always holds")
        found.append(Clause(name, **counts))
        field.nothing_else()
    return tuple(found)


def _override(
    field: Fields, indicators: Mapping[str, Indicator], items: Mapping[str, Item]
) -> WeightOverride:
    weight = _weight(field, "weight")
    found = WeightOverride(
        field.text("indicator"), weight or "S", field.text("item"), field.text("code")
    )
    field.nothing_else()
    if weight is None or found.indicator not in indicators:
        raise RulesetError(f"{field.place}: needs a known indicator and a weight")
    if found.item not in items or found.code not in items[found.item].options:
        raise RulesetError(f"{field.place}: no item {found.item} with code {found.code}")
    return found


def _htcds(part: Fields, items: Mapping[str, Item]) -> HtcdsMapping:
    extensions = part.fields("extensions")
    how = part.fields("exploitation")
    codes = how.fields("codes")
    recruitment = part.fields("recruitment")
    answers = recruitment.fields("answers")
    found = HtcdsMapping(
        extensions={k: extensions.text(k) for k in extensions.names()},
        exploitation_item=how.text("item"),
        exploitation={k: codes.text(k) for k in codes.names()},
        otherwise_adult=how.text("otherwise_adult"),
        otherwise_child=how.text("otherwise_child"),
        recruitment_routing=recruitment.text("routing"),
        recruitment={k: answers.texts(k) for k in answers.names()},
    )
    item = items.get(found.exploitation_item)
    if item is None or not found.exploitation.keys() <= item.options.keys():
        raise RulesetError(f"{how.place}: needs an item and codes of that item")
    for fields in (part, how, recruitment):
        fields.nothing_else()
    return found


def _needs(ruleset: Ruleset) -> None:
    """The rules name some items, codes and signs themselves; without them nothing may start."""
    for sign in SIGNS_NEEDED:
        if sign not in ruleset.indicators:
            raise RulesetError(f"screening.indicators: the rules need {sign}")
    for name, codes in NEEDED_CODES.items():
        item = ruleset.items.get(name)
        if item is None or not set(codes) <= item.options.keys():
            raise RulesetError(f"screening.items: the rules need {name} {' '.join(codes)}".rstrip())
    for stage, core in ruleset.core.items():
        if not core:
            raise RulesetError(f"screening.items: stage {stage} has no core item")
    if not ruleset.items[DANGER_ITEM].danger:
        raise RulesetError(f"screening.items: {DANGER_ITEM} names no danger")
    for rule in RULES:
        if f"screening.rule.{rule}" not in ruleset.texts:
            raise RulesetError(f"screening.rules: no text for {rule}")
