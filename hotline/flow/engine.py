"""The doors of the engine: pure functions from a session and a message to a session and events.

    begin    somebody writes for the first time
    resume   a person wrote
    lapse    nobody wrote in time
    call     the shell starts a sub-flow (consent, referral news, callback, outcome)

What a message means is decided in one order, from every step, whoever is speaking (flows.md,
section 8). Ceilings: `MAX_STEPS` steps a turn, `MAX_TURNS` turns a session before a person is
offered, `MAX_ANSWER` characters of a typed answer, `MAX_STACK` interruptions at once.
"""

from collections.abc import Mapping
from datetime import datetime

from hotline.core.reading import Command, DangerLevel, Heard, Kind, Reading
from hotline.flow import events as ev
from hotline.flow.answering import skip, take
from hotline.flow.bundle import PLACES, Bundle
from hotline.flow.conditions import holds
from hotline.flow.orders import IN_QUIET, LANGUAGES, check_safety, human, obey, watched
from hotline.flow.pen import MAX_TURNS, Assess, CanChange, Judges, Mode, Pen, Read, Reasons
from hotline.flow.session import Frame, Session, Turn
from hotline.flow.walk import ask_again, carry_out, pending_order, show_topic, walk

IDLE = 30 * 60
"""Seconds of silence after which it is asked again whether it is safe to write."""
MOST_TRIES = 2
"""Misunderstandings in a row before a person is offered."""
CLEAR = 0.9
"""How sure the language must be before it says anything about the person's language."""
FEW_WORDS = 3
"""A language is never switched on a message of fewer words: many are shared by two languages."""
OPERATOR = "talk_operator"
"""The intent that only asks for a person."""
WATCHED = frozenset({"observed"})
"""Names of danger signs that mean: somebody else is reading this."""
ANSWERED_BESIDE_A_PERSON = frozenset({"consent", "data"})
"""Flows whose questions are answered to the machine even while a person has the conversation."""

SMALL_TALK = {
    "greeting": "common.greeting",
    "thanks": "common.thanks",
    "goodbye": "common.goodbye",
    "robot": "common.robot",
    "who": "common.robot",
    "rude": "common.rude",
    "puzzled": "common.help",
    "wordless": "common.sticker",
}
"""Talk that asks nothing, and the line that answers it."""
SAID_WHILE_WAITING = frozenset({"thanks", "goodbye", "robot", "who"})
"""Small talk that gets its own line even while a person is promised; the rest is written down."""

MEDIA = {
    Kind.PHOTO: "common.photo",
    Kind.VOICE: "common.voice",
    Kind.FILE: "common.media",
    Kind.LOCATION: "common.location",
    Kind.CONTACT: "common.contact",
    Kind.OTHER: "common.sticker",
}


def begin(
    bundle: Bundle,
    heard: Heard,
    *,
    channel: str,
    language: str | None,
    read: Read,
    assess: Assess,
    now: datetime,
    can_change: CanChange | None = None,
    reasons: Reasons | None = None,
) -> Turn:
    """The first message of a contact. `language` is the contact's, where it is known.

    A danger or a command in the very first message is understood as always; a question is kept (as
    its topic) until it is clear that it is safe to write.
    """
    opening = bundle.steps[PLACES["start"]]
    session = Session(
        revision=bundle.revision,
        stack=(Frame(opening.flow, opening.name),),
        language=language,
        channel=channel,
    )
    _aware(now)
    pen = Pen(bundle, session)
    pen.judges = Judges(assess, can_change, reasons)
    reading = read(heard, pen.expects())
    _source(pen, heard)
    _language_heard(pen, heard, reading)
    if pen.language is None and heard.language_hint in LANGUAGES:
        pen.facts["hint"] = heard.language_hint
    if _danger(pen, heard, reading):
        return pen.done()
    order = reading.command
    if order in IN_QUIET or (order is Command.LANGUAGE and reading.command_arg in LANGUAGES):
        obey(pen, order, reading)
        return pen.done()
    topic = reading.intents[0].intent if reading.intents else ""
    known = bundle.topics.get(topic)
    first = reading.decision == "answer" and known is not None and known.human_first
    if first or (reading.decision == "human" and topic not in ("", OPERATOR)):
        _person_first(pen, reading)
        return pen.done()
    if reading.danger.level is DangerLevel.SOFT:
        pen.emit(ev.DangerHeard(reading.danger.level, reading.danger.signs))
        pen.facts["feared"] = "1"
    if order is Command.HUMAN or reading.decision == "human":
        pen.facts["wants"] = "person"
    elif reading.decision == "answer" and reading.intents:
        pen.facts["asked"] = reading.intents[0].intent
        pen.facts["wants"] = "answer"
    walk(pen)
    return pen.done()


def resume(
    bundle: Bundle,
    session: Session,
    heard: Heard,
    *,
    read: Read,
    assess: Assess,
    now: datetime,
    idle_seconds: float = 0,
    mode: Mode | str = Mode.BOT,
    can_change: CanChange | None = None,
    reasons: Reasons | None = None,
) -> Turn:
    """A person wrote. `idle_seconds` is the time since they or we last said something to them.

    `mode` is who is speaking with them: BOT, WAITING (a person is promised), HUMAN (the machine is
    mute but for commands and consent), QUIET (stopped, hidden or closed: safety is asked first).
    """
    _aware(now)
    pen = Pen(bundle, settle(bundle, session), mode=Mode(mode))
    if pen.mode is Mode.BOT:
        # Nobody is promised any more (closed, handed back): a new need is a new promise.
        pen.facts.pop("class", None)
        pen.facts.pop("silent", None)
        _wait_no_more(pen)
    pen.judges = Judges(assess, can_change, reasons)
    reading = read(heard, pen.expects())
    _source(pen, heard)
    if heard.kind is Kind.EDIT:
        # An edit is kept as a version and moves nothing; danger in it is danger all the same.
        if reading.danger.level is DangerLevel.IMMEDIATE:
            _danger(pen, heard, reading)
            return pen.done()
        return Turn(session, ())
    if pen.turn % MAX_TURNS == 0 and pen.mode is Mode.BOT:
        pen.too_far()
        return pen.done()
    if not _danger(pen, heard, reading):
        _heard(pen, heard, reading, idle_seconds)
        if reading.danger.level is DangerLevel.SOFT and not pen.halted:
            _soft(pen, reading)
        _feared_before(pen)
    return pen.done()


def lapse(
    bundle: Bundle, session: Session, *, kind: str, step: str, turn: int, now: datetime
) -> Turn:
    """A timer came due. One whose step or turn was left does nothing: no events, the same session.

    `kind`: "silence" follows the step's own branch, "reminder" asks once more, "expiry" ends.
    """
    _aware(now)
    if session.ended or session.step_key != step or session.turn != turn or not session.waiting:
        return Turn(session, ())
    if step not in bundle.steps:
        return Turn(session, ())
    pen = Pen(bundle, session)
    if kind == "silence":
        silence = pen.step.silence
        if silence is None:
            return Turn(session, ())
        for act in silence.do:
            carry_out(pen, act)
        if silence.goto is not None:
            pen.waiting = False
            pen.go(silence.goto)
            walk(pen)
    elif kind == "reminder":
        ask_again(pen)
    else:
        pen.emit(ev.Ended("expired"))
        pen.ended = "expired"
        pen.waiting = False
        pen.stack = [pen.target(PLACES["menu"])]
    return pen.done()


def call(
    bundle: Bundle, session: Session, flow: str, facts: Mapping[str, str], *, now: datetime
) -> Turn:
    """Start a sub-flow on top of wherever the person is; afterwards they come back there.

    `flow` is a flow's name or `flow.step`. `facts` fill its texts and tell the shell later what was
    answered (for consent: `consent` is the subject, `partner` the name, and so on). Raises
    `KeyError` for an unknown flow.
    """
    _aware(now)
    pen = Pen(bundle, settle(bundle, session))
    place = flow if "." in flow else f"{flow}.start"
    pen.facts.update(facts)
    waited, offered, tries = pen.waiting and pen.ended is None, pen.offered, pen.tries
    base = len(pen.stack)
    if waited:
        pen.drop_timers()
    pen.push(place)
    walk(pen, down_to=base)
    if len(pen.stack) <= base and not pen.halted:
        # The news is told; the question from before stays open and is not put a second time.
        pen.waiting, pen.offered, pen.tries = waited, offered, tries
    return pen.done()


def settle(bundle: Bundle, session: Session) -> Session:
    """The session on this revision: each place that is gone is moved by the map, or to the
    beginning of its flow, or to the menu. Nobody is left at a step that does not exist."""
    known = all(f"{f.flow}.{f.step}" in bundle.steps for f in session.stack)
    if known and session.revision == bundle.revision and session.stack:
        return session
    stack: list[Frame] = []
    moved = False
    for frame in session.stack:
        key = f"{frame.flow}.{frame.step}"
        if key not in bundle.steps:
            moved = True
            key = bundle.moves.get(key, f"{frame.flow}.start")
        if key in bundle.steps:
            step = bundle.steps[key]
            stack.append(Frame(step.flow, step.name))
    if not stack:
        menu = bundle.steps[PLACES["menu"]]
        stack = [Frame(menu.flow, menu.name)]
    data = session.to_mapping()
    data |= {
        "revision": bundle.revision,
        "stack": [[f.flow, f.step] for f in stack],
        "trail": [k for k in session.trail if k in bundle.steps],
    }
    if moved:
        data |= {"waiting": False, "offered": [], "picked": [], "tries": 0}
    return Session.from_mapping(data)


# ---------------------------------------------------------------------- the order of meaning


def _heard(pen: Pen, heard: Heard, reading: Reading, idle: float) -> None:
    """Steps 2 to 12 of the order; danger and the safe word (1) came before."""
    order = reading.command
    if order in IN_QUIET:
        obey(pen, order, reading)
        return
    if pen.mode is Mode.HUMAN:
        _beside_a_person(pen, heard, reading)
        return
    _language_heard(pen, heard, reading)
    if heard.kind is Kind.START:
        order = Command.START
    if order is Command.START:
        obey(pen, order, reading)
        return
    if _must_ask_safety(pen, reading, idle):
        if order is Command.LANGUAGE and reading.command_arg in LANGUAGES:
            pen.language = reading.command_arg
            pen.emit(ev.LanguageChosen(reading.command_arg, "person"))
        elif order is Command.HUMAN:
            pen.push("wait")
        elif pen.mode is Mode.QUIET:
            pen.emit(ev.StartedAgain())
        check_safety(pen)
        return
    if order is Command.SKIP:
        skip(pen)
    elif order is not None:
        obey(pen, order, reading)
    else:
        _meaning(pen, heard, reading)
    again = pending_order(pen)
    if again is not None:
        pen.halted = False
        pen.waiting = False
        pen.back_out()
        obey(pen, again, reading)


def _wait_no_more(pen: Pen) -> None:
    """The person who answered has handed back: on from where it was interrupted, or the menu."""
    if not (pen.waiting and pen.step.quiet):
        return
    pen.stack.pop()
    if not pen.stack or not pen.step.asks:
        pen.stack = [pen.target(PLACES["menu"])]
    pen.tries = 0
    pen.picked = ()
    pen.offered = tuple((pen.step.key, c.code) for c in pen.choices(pen.step))


def _must_ask_safety(pen: Pen, reading: Reading, idle: float) -> bool:
    if pen.step.item == "A1" and pen.waiting:
        # The question of safety itself is being answered: the answer is as fresh as can be.
        return False
    if pen.waiting is False and pen.frame.flow == "start":
        return False
    del reading
    return pen.mode is Mode.QUIET or idle > IDLE or "quiet" in pen.facts


def _meaning(pen: Pen, heard: Heard, reading: Reading) -> None:
    if not pen.waiting:
        walk(pen)
        return
    if heard.kind is Kind.BUTTON and (reading.stale_step is not None or not reading.codes):
        pen.line("common.stale")
        ask_again(pen)
    elif (reading.codes or reading.value is not None) and take(pen, heard, reading):
        _offer_language(pen)
    elif heard.kind is Kind.LOCATION and take(pen, heard, reading):
        pass
    elif reading.near is not None:
        pen.facts["near"] = reading.near
        pen.push("near")
        walk(pen)
    elif reading.small_talk is not None:
        _small_talk(pen, reading.small_talk)
        _offer_language(pen)
    elif _question(pen, reading):
        _offer_language(pen)
    elif heard.kind in MEDIA:
        pen.line(MEDIA[heard.kind])
        ask_again(pen)
    else:
        _not_understood(pen)
        _offer_language(pen)


def _small_talk(pen: Pen, kind: str) -> None:
    """A short kind line; then the question that waits, unless it is quiet or this was goodbye."""
    step = pen.step
    if step.quiet and kind not in SAID_WHILE_WAITING:
        pen.line("common.noted")
        return
    if not holds(step.when, pen):
        ask_again(pen)
        return
    pen.line(SMALL_TALK.get(kind, "common.help"))
    if not step.quiet and kind != "goodbye":
        ask_again(pen)


def _question(pen: Pen, reading: Reading) -> bool:
    """A question for the knowledge base. False when the message was none."""
    topics = tuple(s.intent for s in reading.intents if s.intent in pen.bundle.topics)
    best = reading.intents[0].intent if reading.intents else ""
    match reading.decision:
        case "human" if not best or best == OPERATOR:
            human(pen)
        case "human":
            _person_first(pen, reading)
        case "answer" if best in topics and pen.bundle.topics[best].human_first:
            _person_first(pen, reading)
        case "answer":
            _answer(pen, best)
        case "choose" if len(topics) > 1 and pen.step.item != "A1" and pen.frame.flow != "start":
            pen.facts["topics"] = " ".join(topics[:3])
            pen.emit(ev.QuestionAsked(None, topics))
            pen.push("choose")
            walk(pen)
        case "choose" if topics:
            _answer(pen, topics[0])
        case "out_of_scope" if pen.step.free == "question":
            pen.emit(ev.QuestionAsked(None, topics))
            pen.line("common.out_of_scope")
            ask_again(pen)
        case _:
            return False
    return True


def _answer(pen: Pen, topic: str) -> None:
    if pen.step.item == "A1" or pen.frame.flow == "start":
        # Nothing is answered before it is clear who reads; the topic is kept until then.
        pen.facts["asked"] = topic
        pen.facts["wants"] = "answer"
        ask_again(pen)
    elif pen.frame.flow in ("menu", "question"):
        pen.facts["asked"] = topic
        pen.push("question")
        walk(pen)
    else:
        # In the middle of something else: the answer, and then the same question again.
        show_topic(pen, topic)
        ask_again(pen)


def _person_first(pen: Pen, reading: Reading) -> None:
    """A topic that goes to a person before any answer (held, a relative held, and so on)."""
    best = reading.intents[0].intent
    pen.emit(ev.QuestionAsked(None, (best,)))
    pen.facts["alarm"] = "topic"
    pen.facts["topic"] = best
    _to_danger(pen)


def _not_understood(pen: Pen) -> None:
    step = pen.step
    if step.quiet:
        pen.line("common.noted")
        return
    if not holds(step.when, pen):
        # The message has answered the question by itself (the language that it is written in).
        ask_again(pen)
        return
    pen.tries += 1
    pen.emit(ev.NotUnderstood(step.key, pen.tries))
    if pen.tries >= MOST_TRIES and step.flow != "unsure":
        pen.push("unsure")
        walk(pen)
        return
    tries = pen.tries
    pen.line(f"{step.key}.help" if step.has_help else "common.help")
    ask_again(pen)
    pen.tries = tries


# ---------------------------------------------------------------------- danger


def _danger(pen: Pen, heard: Heard, reading: Reading) -> bool:
    """First of all: danger in free text, and the safe word. True when nothing else may follow."""
    if reading.command is Command.SAFE_WORD:
        obey(pen, Command.SAFE_WORD, reading)
        return True
    found = reading.danger
    if found.level is not DangerLevel.IMMEDIATE or heard.kind is Kind.BUTTON:
        return False
    if reading.command in IN_QUIET:
        # "They are coming, hide": the alarm is raised and the command is obeyed.
        pen.emit(ev.DangerHeard(found.level, found.signs))
        pen.hand_over("P0", "danger", silent=True)
        return False
    pen.emit(ev.DangerHeard(found.level, found.signs))
    if WATCHED.intersection(found.signs):
        watched(pen)
    elif pen.mode is Mode.HUMAN:
        pen.hand_over("P0", "danger")
    elif pen.facts.get("class") == "P0" and pen.waiting and pen.frame.flow in ("danger", "wait"):
        if not take(pen, heard, reading):
            pen.line("common.noted")
            ask_again(pen)
    else:
        pen.facts["alarm"] = "danger"
        _to_danger(pen)
    return True


def _to_danger(pen: Pen) -> None:
    pen.facts.pop("quiet", None)
    pen.jump("danger")
    walk(pen)


def _soft(pen: Pen, reading: Reading) -> None:
    """A fear or a "what if": what was said is answered, and a person is softly offered."""
    pen.emit(ev.DangerHeard(reading.danger.level, reading.danger.signs))
    if pen.mode is Mode.BOT and not pen.facts.get("class"):
        pen.line("common.soft")


def _feared_before(pen: Pen) -> None:
    """A fear in the very first message is answered once it is clear that it is safe to write."""
    if "feared" not in pen.facts or pen.halted or pen.step.item == "A1":
        return
    if pen.frame.flow == "start" or pen.mode is not Mode.BOT:
        return
    pen.facts.pop("feared")
    if not pen.facts.get("class"):
        pen.line("common.soft")


# ---------------------------------------------------------------------- beside a person


def _beside_a_person(pen: Pen, heard: Heard, reading: Reading) -> None:
    """The machine is mute: only commands, and answers to a question of consent."""
    if heard.kind is Kind.START or reading.command is Command.START:
        obey(pen, Command.START, reading)
    elif reading.command is not None:
        obey(pen, reading.command, reading)
    elif pen.waiting and pen.frame.flow in ANSWERED_BESIDE_A_PERSON and reading.codes:
        if heard.kind is Kind.BUTTON or pen.channel == "sms":
            take(pen, heard, reading)
        else:
            # A typed "yes" may be meant for the counsellor: agreement is given with the button.
            ask_again(pen)
    if pen.waiting and pen.frame.flow not in ANSWERED_BESIDE_A_PERSON:
        pen.events = [e for e in pen.events if not (isinstance(e, ev.Said) and e.step)]


# ---------------------------------------------------------------------- language and source


def _language_heard(pen: Pen, heard: Heard, reading: Reading) -> None:
    """The first clear message settles the language; later ones only raise a doubt."""
    code = reading.language
    if heard.kind is Kind.BUTTON or code not in LANGUAGES or reading.language_confidence < CLEAR:
        return
    if code == pen.language:
        pen.doubt = None
    elif pen.language is None:
        pen.language = code
        pen.emit(ev.LanguageChosen(code, "detected"))
    elif len(heard.text.split()) >= FEW_WORDS:
        pen.facts["other_language"] = code
        pen.doubt = f"{code}!" if pen.doubt == code else code


def _offer_language(pen: Pen) -> None:
    """Two clear messages in another language: ask, on top of the question that waits."""
    if pen.doubt is None or not pen.doubt.endswith("!") or pen.halted or not pen.waiting:
        return
    pen.doubt = None
    pen.push("language_offer")
    walk(pen)


def _source(pen: Pen, heard: Heard) -> None:
    if heard.source:
        pen.emit(ev.SourceNoted(heard.source[:64]))


def _aware(now: datetime) -> None:
    if now.tzinfo is None:
        raise ValueError("now must be aware")
