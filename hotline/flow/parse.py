"""From a mapping with line numbers to a `Flow`. Every mistake is found, named and hinted at.

The shell reads the file (`hotline.library`); this module only looks at plain values. Whether the
places a flow names exist in other flows is seen when the flows are joined (`hotline.flow.bundle`).
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hotline.flow.actions import ACTIONS, BARE, CLOSED, REASONS
from hotline.flow.conditions import GROUPS, LEAVES, MAX_DEPTH, MAX_SIZE
from hotline.flow.definition import (
    AGAIN,
    DONE,
    RETURN,
    Act,
    Branch,
    Cond,
    Flow,
    Option,
    Silence,
    Step,
    Text,
)
from hotline.flow.lined import Lined
from hotline.flow.problems import FlowInvalid, Problem

FLOW_FIELDS = ("flow", "about", "start", "entry", "entries", "steps", "texts", "sets", "moves")
VARIANTS = ("third", "minor", "plain")
STEP_FIELDS = (
    "ask", "tell", "sms", "third", "third_sms", "minor", "minor_sms", "plain", "plain_sms", "help",
    "note", "critical", "parts", "answers", "use", "goto", "multi", "free", "dynamic", "item",
    "follow_ups", "keep", "skip", "when", "otherwise", "do", "branch", "call", "next", "silence",
    "end", "args", "neutral", "quiet", "once", "kept",
)  # fmt: skip
OPTION_FIELDS = (
    "text", "sms", "third", "third_sms", "goto", "do", "means", "synonyms", "alone", "only", "note",
    "key", "critical",
)  # fmt: skip
TEXT_FIELDS = ("text", "sms", "note", "critical", "parts", "role", "neutral")
FREE = ("text", "number", "date", "country", "location", "question")
KEPT = ("message", "case")
MEANINGS = ("yes", "no", "unsure", "skip")
CHANNELS = ("telegram", "sms")
ROLES = ("line", "button", "help", "phrase")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
MAX_PARTS = 6
AFTER = re.compile(r"(\d{1,4})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Sets = Mapping[str, tuple[Option, ...]]


def parse(source: Mapping[Any, Any], *, sets: Sets | None = None) -> Flow:
    """One file as a `Flow`. `sets` are the shared options (`parse_sets` of common.yaml).

    Raises `FlowInvalid` with every problem of the file.
    """
    reader = _Reader(source, sets or {})
    flow = reader.flow()
    if reader.problems:
        raise FlowInvalid(reader.problems)
    return flow


def parse_sets(source: Mapping[Any, Any]) -> Sets:
    """The option sets of common.yaml: set name -> options. Raises `FlowInvalid`."""
    reader = _Reader(source, {})
    sets = reader.sets()
    if reader.problems:
        raise FlowInvalid(reader.problems)
    return sets


def parse_moves(source: Mapping[Any, Any]) -> Mapping[str, str]:
    """The map for people who wait at a step that is gone: old `flow.step` -> new one."""
    moves = source.get("moves") or {}
    bad = not isinstance(moves, Mapping) or any(
        not isinstance(part, str) or "." not in part for pair in moves.items() for part in pair
    )
    if bad:
        file, line = _place(source, "moves")
        raise FlowInvalid(
            [Problem(file, line, "", "moves", "is not a list of old step: new step",
                     "write  old_flow.old_step: new_flow.new_step")]
        )  # fmt: skip
    return dict(moves)


def _place(source: Mapping[Any, Any], key: object = None) -> tuple[str, int]:
    if isinstance(source, Lined):
        return source.file, source.at(key)
    return "", 0


def _meaning_of(label: str) -> str | None:
    flow, _, name = label.partition(".")
    return name if flow == "common" and name in MEANINGS else None


class _Reader:
    def __init__(self, source: Mapping[Any, Any], sets: Sets) -> None:
        self.source = source
        self.file = _place(source)[0]
        self.known_sets = sets
        self.problems: list[Problem] = []
        self.texts: dict[str, Text] = {}
        self.step = ""
        self.line = 0
        name = source.get("flow")
        self.name = name if isinstance(name, str) else ""

    # ------------------------------------------------------------------ saying what is wrong

    def wrong(self, field: str, message: str, hint: str = "", line: int | None = None) -> None:
        at = self.line if line is None else line
        self.problems.append(Problem(self.file, at, self.step, field, message, hint))

    def unknown(self, given: str, known: Iterable[str], field: str, line: int) -> None:
        near = difflib.get_close_matches(given, list(known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        self.wrong(field, f"unknown: {given!r}", hint, line)

    def mapping(self, value: object, field: str, known: Iterable[str] | None) -> Mapping[str, Any]:
        """A mapping with string keys of the known names; what does not fit is reported."""
        if not isinstance(value, Mapping):
            self.wrong(field, "needs a mapping (name: value)", "indent its lines")
            return {}
        for key, line in getattr(value, "repeated", ()):
            self.wrong(f"{field}.{key}", "stands here twice", "keep one of them", line)
        good: dict[str, Any] = {}
        for key, entry in value.items():
            line = _place(value, key)[1] or self.line
            if not isinstance(key, str):
                said = "yes" if key is True else "no" if key is False else str(key)
                self.wrong(
                    field, f"the name {said} is not a text", f'put it in quotes: "{said}"', line
                )
            elif known is not None and key not in known:
                self.unknown(key, known, f"{field}.{key}" if field else key, line)
            else:
                good[key] = entry
        return good

    def text_value(self, value: object, field: str, line: int) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(field, "needs a text", "put it in quotes", line)
        return ""

    def flag(self, fields: Mapping[str, Any], name: str) -> bool:
        value = fields.get(name, False)
        if not isinstance(value, bool):
            self.wrong(name, "is true or false", f"write  {name}: true")
            return False
        return value

    def word(self, fields: Mapping[str, Any], name: str, known: Iterable[str] = ()) -> str | None:
        value = fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(name, f"{value!r} is not a text", "put it in quotes")
            return None
        if known and value not in known:
            self.unknown(value, known, name, self.line)
            return None
        return value

    # ------------------------------------------------------------------ the file

    def flow(self) -> Flow:
        fields = self.mapping(self.source, "", FLOW_FIELDS)
        self.line = _place(self.source)[1]
        if not NAME.fullmatch(self.name):
            self.wrong("flow", "needs a name of letters, digits and _", "write  flow: start")
        steps: dict[str, Step] = {}
        found = self.mapping(fields.get("steps") or {}, "steps", None)
        for name, body in found.items():
            self.line = _place(fields["steps"], name)[1]
            self.step = f"{self.name}.{name}"
            if not NAME.fullmatch(name) or name in (RETURN, AGAIN, "start"):
                self.wrong("", f"{name!r} cannot name a step", "letters, digits and _; not start")
                continue
            steps[name] = self.one_step(name, body)
        self.step = ""
        self.line = _place(self.source, "texts")[1]
        if "texts" in fields:
            self.phrases(self.name, fields["texts"])
        self.line = _place(self.source, "start")[1]
        start = self.word(fields, "start") or ""
        if steps and start not in steps:
            self.unknown(start, steps, "start", self.line)
        self.targets(steps)
        return Flow(
            name=self.name,
            file=self.file,
            start=start,
            steps=steps,
            texts=self.texts,
            about=str(fields.get("about", "")),
            entry=self.flag(fields, "entry"),
            entries=self.entries(fields, steps),
            line=_place(self.source)[1],
        )

    def entries(self, fields: Mapping[str, Any], steps: Mapping[str, Step]) -> tuple[str, ...]:
        """Steps that the machine starts by name: nobody in the files needs to lead there."""
        named = fields.get("entries", [])
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            self.wrong("entries", "is a list of steps", "write  entries: [sent, accepted]")
            return ()
        for name in named:
            if name not in steps:
                self.unknown(name, steps, "entries", _place(self.source, "entries")[1])
        return tuple(f"{self.name}.{name}" for name in named)

    def targets(self, steps: Mapping[str, Step]) -> None:
        for step in steps.values():
            self.step, self.line = step.key, step.line
            for target in step.targets():
                flow, _, name = target.partition(".")
                if target in (RETURN, AGAIN) or flow != self.name or name == "start":
                    continue
                if name not in steps:
                    self.unknown(name, steps, "goto", self._target_line(step, target))

    @staticmethod
    def _target_line(step: Step, target: str) -> int:
        places = [(o.goto, o.line) for o in step.options]
        places += [(b.goto, b.line) for b in step.branch]
        return next((line for goto, line in places if goto == target), step.line)

    def sets(self) -> Sets:
        found: dict[str, tuple[Option, ...]] = {}
        entries = self.mapping(self.source.get("sets") or {}, "sets", None)
        for name, body in entries.items():
            self.line = _place(self.source["sets"], name)[1]
            found[name] = tuple(
                Option(
                    code=code,
                    key=f"{self.name}.{label}",
                    means=label if label in MEANINGS else None,
                    line=_place(body, code)[1],
                )
                for code, label in self.mapping(body, f"sets.{name}", None).items()
            )
        return found

    def phrases(self, prefix: str, value: object) -> None:
        for name, body in self.mapping(value, "texts", None).items():
            self.line = _place(value, name)[1] if isinstance(value, Mapping) else self.line
            key = f"{prefix}.{name}"
            if isinstance(body, Mapping) and "text" not in body:
                self.phrases(key, body)
                continue
            fields = self.mapping(
                body if isinstance(body, Mapping) else {"text": body}, f"texts.{name}", TEXT_FIELDS
            )
            role = self.word(fields, "role", ROLES) or "phrase"
            self.add(key, fields.get("text"), role, fields, fields.get("sms"))

    # ------------------------------------------------------------------ texts

    def add(
        self, key: str, english: object, role: str, fields: Mapping[str, Any], sms: object = None
    ) -> None:
        parts = fields.get("parts", 2 if role in ("line", "help") else 1)
        if not isinstance(parts, int) or isinstance(parts, bool) or not 1 <= parts <= MAX_PARTS:
            self.wrong("parts", "is a count of SMS parts, 1 to 6", "write  parts: 2")
            parts = 2
        made = Text(
            key=key,
            english=self.text_value(english, key.rpartition(".")[2], self.line),
            file=self.file,
            line=self.line,
            role=role,
            note=str(fields.get("note", "")),
            critical=self.flag(fields, "critical"),
            parts=parts,
            neutral=self.flag(fields, "neutral"),
        )
        self.texts[key] = made
        if sms is not None:
            self.texts[f"{key}.sms"] = Text(
                key=f"{key}.sms",
                english=self.text_value(sms, "sms", self.line),
                file=self.file,
                line=self.line,
                role="sms",
                note=made.note,
                critical=made.critical,
                parts=parts,
                neutral=made.neutral,
            )

    # ------------------------------------------------------------------ one step

    def one_step(self, name: str, body: object) -> Step:
        first = self.line
        fields = self.mapping(body, "", STEP_FIELDS)
        key = f"{self.name}.{name}"
        asks, tells = "ask" in fields, "tell" in fields
        if asks and tells:
            self.wrong("tell", "stands beside ask", "make two steps of it")
        variants: list[str] = []
        if asks or tells:
            part = "ask" if asks else "tell"
            self.line = _place(body, part)[1] if isinstance(body, Mapping) else first
            self.add(f"{key}.{part}", fields[part], "line", fields, fields.get("sms"))
            for variant in VARIANTS:
                if variant in fields:
                    variants.append(variant)
                    whole = f"{key}.{part}.{variant}"
                    sms = fields.get(f"{variant}_sms")
                    self.add(whole, fields[variant], "line", fields, sms)
                elif f"{variant}_sms" in fields:
                    self.wrong(f"{variant}_sms", "has no long form beside it", f"add {variant}:")
            if "help" in fields:
                self.add(f"{key}.help", fields["help"], "help", fields)
        elif "sms" in fields:
            self.wrong("sms", "has no long form beside it", "add ask: or tell:")
        self.line = first
        options = self.options(key, fields)
        free = self.word(fields, "free", FREE)
        dynamic = self.flag(fields, "dynamic")
        end = self.word(fields, "end")
        if asks and not options and free is None and not dynamic:
            self.wrong("ask", "asks, but nothing can be answered", "add answers:, use: or free:")
        if (options or free) and not asks:
            self.wrong("answers", "can be answered, but nothing is asked", "add ask:")
        step = Step(
            flow=self.name,
            name=name,
            line=first,
            asks=asks,
            tells=tells,
            variants=tuple(variants),
            options=options,
            multi=self.flag(fields, "multi"),
            free=free,
            dynamic=dynamic,
            kept=self.word(fields, "kept", KEPT),
            follow_ups=self.flag(fields, "follow_ups"),
            item=self.word(fields, "item"),
            keep=self.word(fields, "keep"),
            skip=self.skip(fields),
            when=self.cond(fields["when"], "when") if "when" in fields else None,
            otherwise=self.goto(fields.get("otherwise"), "otherwise"),
            do=self.acts(fields.get("do"), "do"),
            branch=self.branches(fields.get("branch")),
            call=self.word(fields, "call"),
            next=self.goto(fields.get("next"), "next"),
            silence=self.silence(fields.get("silence")),
            end=end,
            args=self.args(fields.get("args")),
            once=self.flag(fields, "once"),
            neutral=self.flag(fields, "neutral"),
            has_help="help" in fields,
            quiet=self.flag(fields, "quiet"),
        )
        self.ways_on(step)
        return step

    def ways_on(self, step: Step) -> None:
        """Each step must lead somewhere: nobody is left standing."""
        if step.end is not None:
            return
        sure = step.next is not None or any(b.when is None for b in step.branch)
        if step.asks:
            stuck = [o.code for o in step.options if o.goto is None]
            if (stuck or step.free or step.dynamic) and not sure:
                said = ", ".join(stuck) or step.free or "a chosen topic"
                self.wrong("next", f"after {said} it goes nowhere", "add next: or a goto: to each")
        elif not sure:
            self.wrong("next", "goes nowhere", "add next:, a last branch without if:, or end:")
        if step.when is not None and not step.otherwise and not step.next:
            self.wrong("otherwise", "is missing where `when` does not hold", "add otherwise:")

    def skip(self, fields: Mapping[str, Any]) -> str | None:
        value = fields.get("skip")
        if value is None or value is False:
            return None
        if value is True:
            return ""
        return self.goto(value, "skip")

    def goto(self, value: object, field: str) -> str | None:
        """A target in full: `flow.step`, `return` or `again`."""
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(field, f"{value!r} does not name a step", "put the step's name in quotes")
            return None
        if value in (RETURN, AGAIN):
            return value
        return value if "." in value else f"{self.name}.{value}"

    def options(self, key: str, fields: Mapping[str, Any]) -> tuple[Option, ...]:
        made: list[Option] = []
        leads = self.mapping(fields["goto"], "goto", None) if "goto" in fields else {}
        if "use" in fields:
            name = self.word(fields, "use") or ""
            if name not in self.known_sets:
                self.unknown(name, self.known_sets, "use", self.line)
            shared = self.known_sets.get(name, ())
            for code in leads:
                if code not in {o.code for o in shared}:
                    self.unknown(code, [o.code for o in shared], f"goto.{code}", self.line)
            made += [
                Option(o.code, o.key, self.goto(leads.get(o.code), "goto"), means=o.means,
                       line=self.line)
                for o in shared
            ]  # fmt: skip
        elif leads:
            self.wrong("goto", "belongs to use:", "give each answer its own goto:")
        if "answers" in fields:
            body = fields["answers"]
            outer = self.line
            for code, entry in self.mapping(body, "answers", None).items():
                self.line = _place(body, code)[1] or outer
                made.append(self.option(key, code, entry))
            self.line = outer
        codes = [o.code for o in made]
        for code in {c for c in codes if codes.count(c) > 1}:
            self.wrong(f"answers.{code}", "stands here twice", "keep one of them")
        return tuple(made)

    def option(self, key: str, code: str, entry: object) -> Option:
        where = f"answers.{code}"
        if code == DONE or not re.fullmatch(r"[A-Za-z0-9_]{1,20}", code):
            self.wrong(where, "cannot name an answer", "1 to 20 letters, digits or _; not done")
        if isinstance(entry, str):
            entry = {"text": entry}
        fields = self.mapping(entry, where, OPTION_FIELDS)
        label = self.word(fields, "key")
        if label is None:
            label = f"{key}.{code}"
            self.add(label, fields.get("text"), "button", fields, fields.get("sms"))
            if "third" in fields:
                third = f"{label}.third"
                self.add(third, fields["third"], "button", fields, fields.get("third_sms"))
        elif "text" in fields:
            self.wrong(f"{where}.key", "stands beside text", "keep one of them")
        synonyms = fields.get("synonyms", [])
        if not isinstance(synonyms, list) or not all(isinstance(s, str) for s in synonyms):
            self.wrong(f"{where}.synonyms", "is a list of texts", "write  synonyms: [one, two]")
            synonyms = []
        means = self.word(fields, "means", MEANINGS)
        return Option(
            code=code,
            key=label,
            goto=self.goto(fields.get("goto"), f"{where}.goto"),
            do=self.acts(fields.get("do"), f"{where}.do"),
            means=means or _meaning_of(label),
            synonyms=tuple(synonyms),
            alone=self.flag(fields, "alone"),
            only=self.word(fields, "only", CHANNELS),
            third="third" in fields,
            line=self.line,
        )

    # ------------------------------------------------------------------ conditions and actions

    def cond(self, value: object, field: str, depth: int = 1) -> Cond | None:
        known = ("in", *LEAVES, *GROUPS)
        fields = self.mapping(value, field, known)
        heads = [k for k in fields if k != "in"]
        if len(heads) != 1:
            self.wrong(field, "needs exactly one of its names", f"one of {', '.join(known[1:])}")
            return None
        if depth > MAX_DEPTH:
            self.wrong(field, f"is nested deeper than {MAX_DEPTH}", "split it into steps")
            return None
        (op,) = heads
        body = fields[op]
        line = _place(value, op)[1] if isinstance(value, Mapping) else self.line
        if op in GROUPS:
            many = body if isinstance(body, list) else [body]
            if not many or len(many) > MAX_SIZE or (op == "not" and len(many) != 1):
                self.wrong(f"{field}.{op}", f"takes 1 to {MAX_SIZE} conditions (not: one)")
                return None
            inner = [self.cond(one, f"{field}.{op}", depth + 1) for one in many]
            return Cond(op, inner=tuple(i for i in inner if i is not None), line=line)
        if op in ("answer", "fact"):
            values = self.words(fields.get("in", []), f"{field}.in")
            if not isinstance(body, str):
                self.wrong(f"{field}.{op}", "needs a name", "write  {fact: country, in: [KG]}")
                return None
            return Cond(op, body, values, line=line)
        if "in" in fields:
            self.wrong(f"{field}.in", f"does not belong to {op}", f"write  {{{op}: [a, b]}}")
        return Cond(op, values=self.words(body, f"{field}.{op}"), line=line)

    def words(self, value: object, field: str) -> tuple[str, ...]:
        many = value if isinstance(value, list) else [value]
        bad = [one for one in many if not isinstance(one, str)]
        if bad:
            self.wrong(field, f"{bad[0]!r} is not a text", "put it in quotes")
        return tuple(one for one in many if isinstance(one, str))

    def acts(self, value: object, field: str) -> tuple[Act, ...]:
        if value is None:
            return ()
        made = [self.act(one, field) for one in (value if isinstance(value, list) else [value])]
        return tuple(act for act in made if act is not None)

    def act(self, value: object, field: str) -> Act | None:
        if isinstance(value, str):
            if value not in ACTIONS:
                self.unknown(value, ACTIONS, field, self.line)
                return None
            if value not in BARE:
                self.wrong(field, f"{value} needs a value", f"write  {{{value}: ...}}")
                return None
            return Act(value, line=self.line)
        if not isinstance(value, Mapping) or not value:
            self.wrong(field, "is an action or a list of them", "write  do: [assess]")
            return None
        heads = [k for k in value if k in ACTIONS]
        if len(heads) != 1:
            first = next(iter(value))
            self.unknown(str(first), ACTIONS, field, self.line)
            return None
        (do,) = heads
        fields = self.mapping(value, field, (do, *ACTIONS[do]))
        values = {k: v for k, v in fields.items() if isinstance(v, str)}
        for name in fields.keys() - values.keys():
            self.wrong(f"{field}.{name}", f"{fields[name]!r} is not a text", "put it in quotes")
        head = values.get(do, "")
        if do in CLOSED and head not in CLOSED[do]:
            self.unknown(head, CLOSED[do], f"{field}.{do}", self.line)
        if do == "handover" and values.get("reason") not in REASONS:
            self.unknown(values.get("reason", ""), REASONS, f"{field}.reason", self.line)
        if do == "window" and not re.fullmatch(r"\d{1,4}", head):
            self.wrong(f"{field}.window", "is a count of minutes", 'write  {window: "60"}')
            return None
        for name in ACTIONS[do]:
            if name in ("value", "code") and name not in values:
                self.wrong(f"{field}.{name}", "is missing", f"write  {{{do}: name, {name}: x}}")
        extra = {k: v for k, v in values.items() if k != do}
        return Act(do, head, extra, line=_place(value, do)[1] or self.line)

    def branches(self, value: object) -> tuple[Branch, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong("branch", "is a list", "begin each line with  - if:")
            return ()
        made: list[Branch] = []
        for one in value:
            fields = self.mapping(one, "branch", ("if", "goto"))
            when = self.cond(fields["if"], "branch.if") if "if" in fields else None
            goto = self.goto(fields.get("goto"), "branch.goto")
            if goto is None:
                self.wrong("branch.goto", "is missing", "add goto:")
                continue
            if made and made[-1].when is None:
                self.wrong("branch", "never gets here", "the branch without if: comes last")
            made.append(Branch(when, goto, _place(one)[1] if isinstance(one, Mapping) else 0))
        return tuple(made)

    def silence(self, value: object) -> Silence | None:
        if value is None:
            return None
        fields = self.mapping(value, "silence", ("after", "goto", "do"))
        after = fields.get("after")
        found = AFTER.fullmatch(after) if isinstance(after, str) else None
        goto = self.goto(fields.get("goto"), "silence.goto")
        if found is None:
            self.wrong("silence.after", f"{after!r} is not a time", "write  10m, 2h or 1d")
            return None
        do = self.acts(fields.get("do"), "silence.do")
        if goto is None and not do:
            self.wrong("silence.goto", "is missing", "add goto:")
            return None
        return Silence(int(found[1]) * SECONDS[found[2]], goto, do, self.line)

    def args(self, value: object) -> Mapping[str, str]:
        if value is None:
            return {}
        fields = self.mapping(value, "args", None)
        bad = [k for k, v in fields.items() if not isinstance(v, str)]
        for name in bad:
            self.wrong(f"args.{name}", f"{fields[name]!r} is not a text", "put it in quotes")
        return {k: v for k, v in fields.items() if k not in bad}
