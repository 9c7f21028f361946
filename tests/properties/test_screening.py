"""What must hold for every record, not only for the ones somebody thought of."""

import json

from hypothesis import assume, given, settings, strategies as st

from hotline.screening.assess import assess
from hotline.screening.explain import explain
from hotline.screening.htcds import propose
from hotline.screening.lines import answer_line
from hotline.screening.next_item import can_level_change, next_items
from hotline.screening.queueing import QueueClass, queue_class, worse_of
from hotline.screening.reasons import reasons
from hotline.screening.ruleset import RANK
from tests.support.screening import shipped

RULES = shipped()
SIGN_CODES = [(name, code) for name, i in RULES.items.items() for code, s in i.options.items() if s]
STAGES = st.sampled_from(["B", "C", None])
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "returned": st.sampled_from([True, False, None, 1]),
        "departs_within_48h": st.sampled_from([True, False, None, 1]),
    },
)


@st.composite
def answer_sets(draw, *, unsafe=True):
    names = draw(st.lists(st.sampled_from(list(RULES.items)), unique=True))
    found = {}
    for name in names:
        codes = st.sampled_from(list(RULES.items[name].options))
        found[name] = draw(st.lists(codes, max_size=3) | codes)
    if not unsafe:
        found["A1"] = "y"
    return found


RECORDS = st.fixed_dictionaries({"answers": answer_sets(), "stage": STAGES, "ctx": CONTEXTS})
SAFE = st.fixed_dictionaries(
    {"answers": answer_sets(unsafe=False), "stage": STAGES, "ctx": CONTEXTS}
)


def rank(record):
    return RANK[assess(RULES, **record).level]


def with_code(record, name, code):
    given_now = record["answers"].get(name, [])
    codes = [given_now] if isinstance(given_now, str) else list(given_now)
    return {**record, "answers": {**record["answers"], name: [*codes, code]}}


@given(SAFE, st.sampled_from(SIGN_CODES))
@settings(max_examples=400)
def test_adding_a_sign_never_lowers_the_level(record, sign):
    assert rank(with_code(record, *sign)) >= rank(record)


@given(RECORDS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(record, random):
    names = list(record["answers"])
    random.shuffle(names)
    shuffled = {}
    for name in names:
        value = record["answers"][name]
        codes = [value] if isinstance(value, str) else list(value)
        random.shuffle(codes)
        # In A1 and A3 a second code makes a list that is no longer exactly one.
        shuffled[name] = codes if name in {"A1", "A3"} else codes * random.choice([1, 2])
    assert assess(RULES, **{**record, "answers": shuffled}) == assess(RULES, **record)


@given(RECORDS, st.sampled_from(list(RULES.items)), st.sampled_from(["u", "s"]))
def test_an_unknown_never_adds_a_sign_except_not_knowing_the_employer(record, name, code):
    assume(code in RULES.items[name].options)
    before = assess(RULES, **record).fired
    after = assess(RULES, **with_code(record, name, code)).fired
    allowed = {"RAV.info"} if (name, code) == ("B01", "u") else set()
    assert set(after) - set(before) <= allowed
    assert set(before) <= set(after)


@given(RECORDS)
@settings(max_examples=400)
def test_none_needs_four_fifths_and_no_sign_and_low_three_fifths(record):
    result = assess(RULES, **record)
    if result.level == "NONE":
        assert result.share >= 0.8
        assert not result.fired
    if result.level == "LOW":
        assert result.share >= 0.6
        assert result.fired


@given(RECORDS)
@settings(max_examples=400)
def test_a_child_is_never_judged_less_than_an_adult(record):
    as_adult = {**record, "answers": {**record["answers"], "A3": "adult"}}
    as_child = {**record, "answers": {**record["answers"], "A3": "minor"}}
    assert rank(as_child) >= rank(as_adult)
    result = assess(RULES, **as_child)
    assert result.child
    assert result.action == "QUIET" or rank(as_child) >= RANK["MEDIUM"]


@given(RECORDS)
def test_returning_never_raises_and_leaving_soon_never_lowers(record):
    def at(**ctx):
        return rank({**record, "ctx": {**record["ctx"], **ctx}})

    assert at(returned=True) <= at(returned=False)
    assert at(departs_within_48h=True) >= at(departs_within_48h=False)


@given(RECORDS)
def test_the_same_record_gives_the_same_result_and_survives_json(record):
    again = json.loads(json.dumps(record))
    assert assess(RULES, **again) == assess(RULES, **record)
    line, fine = answer_line(RULES, json.dumps({"id": "x", **record}))
    assert fine
    assert json.loads(line) == {"id": "x", **assess(RULES, **record).to_mapping()}


@given(RECORDS)
def test_taking_a_sign_away_never_raises_and_says_what_is_left(record):
    explained = explain(RULES, **record)
    level = RANK[explained.assessment.level]
    assert all(RANK[without.level] <= level for without in explained.without)
    assert {w.what for w in explained.without} - {"A2"} == set(explained.assessment.fired)


@given(RECORDS)
def test_weights_shown_add_up_to_the_counts(record):
    explained = explain(RULES, **record)
    for view in explained.dimensions:
        weights = [sign.weight for sign in explained.signs if sign.dimension == view.id]
        assert [weights.count(w) for w in "SMW"] == [view.strong, view.medium, view.weak]
        assert bool(view.clauses) is view.positive
        assert bool(view.missing) is not view.positive or not view.missing


@given(RECORDS, st.sampled_from(["telegram", "sms"]))
def test_reasons_are_few_given_and_never_private(record, channel):
    found = reasons(RULES, **record, channel=channel)
    assert len(found.answers) <= 3
    for name, code in found.answers:
        assert name not in {"A2", "B09", "C09", "C10"}
        assert code in record["answers"][name]
        assert RULES.items[name].options[code]
    result = assess(RULES, **record)
    if channel == "sms" or result.action == "QUIET":
        assert not found.answers


@given(RECORDS)
def test_proposals_stay_within_their_conditions(record):
    result = assess(RULES, **record)
    found = propose(RULES, **record)
    fields = {proposal.field for proposal in found}
    assert ("cas_Status" in fields) is (result.level in {"IMMEDIATE", "HIGH"})
    assert ("vic_TraffickingStatus" in fields) is (result.palermo is True)
    if record["stage"] != "C" or result.level not in {"IMMEDIATE", "HIGH"}:
        assert fields <= {"cas_Status"}
    assert {"ActualVictimOfTrafficking", "NotAVictimOfTrafficking"}.isdisjoint(
        proposal.value for proposal in found
    )


CLASSES = st.builds(
    QueueClass, st.sampled_from(["P0", "P1", "P2", "P3", None]), silent=st.booleans()
)


@given(CLASSES, RECORDS)
def test_a_later_result_never_lowers_an_open_entry_nor_breaks_its_silence(entry, record):
    later = queue_class(assess(RULES, **record))
    merged = worse_of(entry, later)
    assert (merged.klass or "P9") == min(entry.klass or "P9", later.klass or "P9")
    open_before = entry.silent and entry.klass is not None
    assert merged.silent is (open_before or later.silent)
    assert worse_of(merged, later) == merged


ROUTES = st.sampled_from([{}, {"R3": "state"}, {"R3": "online"}, {"R3": "nobody"}])


@st.composite
def nearly_done(draw):
    """A stage with all but a few items answered, so that every continuation can be tried."""
    stage = draw(st.sampled_from(["B", "C"]))
    names = ["A2", "A3", *(n for n in RULES.items if n[0] == stage)]
    open_ones = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    answers = {"A1": "y"}
    for name in names:
        if name not in open_ones:
            calm = [c for c, s in RULES.items[name].options.items() if not s]
            quiet = [c for c in calm if c not in RULES.items[name].danger] or calm
            codes = quiet if draw(st.integers(0, 2)) else list(RULES.items[name].options)
            answers[name] = draw(st.sampled_from(codes))
    return {"stage": stage, "answers": answers, "ctx": draw(CONTEXTS)}


def next_by_the_text(record, routing, channel, asked):
    """The next question by section 4.3 as a person would read it, apart from the planner."""
    answers, stage = record["answers"], record["stage"]
    fired = assess(RULES, **record).fired
    minor = answers.get("A3") in ("minor", ["minor"])
    for name in RULES.items:
        if name[0] not in ("A", stage) or name in answers or name in asked:
            continue
        if channel == "sms" and name in ("C09", "C10"):
            continue
        if minor and name in ("B03", "B11", "C09"):
            continue
        if name == "B11" and routing.get("R3") not in ("partner", "friend", "relative", "online"):
            continue
        if name == "B12" and not fired:
            continue
        if name == "C11" and not any(sign[:3] in ("EXP", "COD") for sign in fired):
            continue
        return name
    return None


def levels_ahead(record, routing, channel, asked=frozenset()):
    """Every level that some way of going on, or stopping at any point, can end in."""
    level = assess(RULES, **record).level
    name = next_by_the_text(record, routing, channel, asked)
    if name is None or level == "IMMEDIATE":
        return {level}
    found = {level} | levels_ahead(record, routing, channel, asked | {name})
    item = RULES.items[name]
    ways = [[code] for code in item.options]
    if record["answers"].get("A3") in ("minor", ["minor"]) and name == "C10":
        ways = [["tasks"], ["none"], ["s"]]
    elif item.several:
        ways.append(list(item.options))
    for codes in ways:
        going_on = {**record, "answers": {**record["answers"], name: codes}}
        found |= levels_ahead(going_on, routing, channel, asked)
    return found


@given(nearly_done(), ROUTES, st.sampled_from(["telegram", "sms"]))
@settings(max_examples=150, deadline=None)
def test_whether_the_level_can_change_is_exact(record, routing, channel):
    how = {"routing": routing, "channel": channel}
    plan = next_items(RULES, **record, **how)
    if routing.get("R3") == "state" and record["stage"] == "B":
        assert plan.record == ({} if "B05" in record["answers"] else {"B05": "y"})
        record = {**record, "answers": {"B05": "y", **record["answers"]}}
    ahead = levels_ahead(record, routing, channel)
    assert plan.level == assess(RULES, **record).level
    assert RANK[plan.highest] == max(RANK[level] for level in ahead)
    assert can_level_change(RULES, **record, **how) is (ahead != {plan.level})
    first = next_by_the_text(record, routing, channel, frozenset())
    if plan.level == "IMMEDIATE":
        assert (plan.stop, plan.items) == ("immediate", ())
    elif first is None:
        assert (plan.stop, plan.items) == ("complete", ())
    elif ahead == {plan.level}:
        assert (plan.stop, plan.items) == ("settled", ())
    else:
        assert plan.stop is None
        assert plan.items[0] == first
