"""Walking from step to step, and what a step does besides speaking."""

from hotline.core.reading import Command
from hotline.flow import events as ev
from hotline.flow.bundle import PLACES
from hotline.flow.conditions import holds
from hotline.flow.definition import RETURN, Act, Step
from hotline.flow.judging import judge
from hotline.flow.pen import MAX_STACK, MAX_STEPS, Pen


def walk(pen: Pen, *, down_to: int = 0) -> None:
    """Go on from the place we are at until a step waits, the flow ends or a ceiling is met.

    `down_to`: also stop when so few places are left on the stack (a sub-flow came back).
    """
    while not pen.halted and len(pen.stack) > down_to:
        if len(pen.path) >= MAX_STEPS:
            pen.too_far()
            return
        step = pen.step
        pen.path.append(step.key)
        if step.once and step.key in pen.told:
            pen.go(step.next or RETURN)
            continue
        if not holds(step.when, pen):
            pen.go(step.otherwise or step.next or RETURN)
            continue
        before = pen.frame
        for act in step.do:
            carry_out(pen, act)
        if pen.stack[-1] is not before:
            continue
        if _stopped(pen):
            return
        if step.asks:
            pen.ask(step)
            return
        if step.tells:
            pen.tell(step)
        goto = next((b.goto for b in step.branch if holds(b.when, pen)), None)
        if goto is not None:
            pen.go(goto)
        else:
            _on_from(pen, step)


def _stopped(pen: Pen) -> bool:
    return pen.halted


def _on_from(pen: Pen, step: Step) -> None:
    if step.call is not None:
        if len(pen.stack) >= MAX_STACK:
            pen.too_far()
        else:
            pen.stack.append(pen.target(f"{step.call}.start"))
    elif step.end is not None:
        pen.emit(ev.Ended(step.end))
        pen.ended = step.end
        pen.waiting = False
        pen.halted = True
        pen.stack = [pen.target(PLACES["menu"])]
    else:
        pen.go(step.next or RETURN)


def ask_again(pen: Pen) -> None:
    """Back to the question that waits, after something else was said."""
    if pen.halted or (pen.waiting and pen.step.quiet):
        return
    pen.waiting = False
    walk(pen)


def carry_out(pen: Pen, act: Act) -> None:
    """One action of the closed list in `hotline.flow.actions`."""
    match act.do:
        case "assess":
            judge(pen, final=True)
        case "handover":
            pen.hand_over(
                act.value,
                act.extra.get("reason", "asked"),
                silent=act.extra.get("silent") == "yes",
                topic=_topic(pen, act),
            )
        case "cancel_handover":
            pen.facts.pop("class", None)
            pen.emit(ev.HandoverCancelled())
        case "fact":
            pen.fact(act.value, act.extra["value"])
        case "forget":
            pen.facts.pop(act.value, None)
        case "record":
            pen.answers[act.value] = (act.extra["code"],)
            pen.emit(ev.AnswerRecorded(pen.step.key, (act.extra["code"],), item=act.value))
        case "restart":
            pen.forget(stage=act.value)
        case "show":
            show_topic(pen, pen.facts.get(act.value))
        case "consent":
            _consent(pen, given=act.value == "given")
        case "data":
            pen.emit(ev.DataAsked(act.value))
        case "window":
            pen.emit(ev.SafeWindowOpened(int(act.value)))
        case "feedback":
            topic = pen.facts.get("asked")
            if topic:
                pen.emit(ev.FeedbackGiven(topic, helped=act.value == "helped"))
        case "language":
            pen.language = act.value
            pen.doubt = None
            pen.emit(ev.LanguageChosen(act.value, "person"))
        case "command":
            # Carried out by the engine when the answer is taken; until then nothing is said.
            pen.facts["order"] = pen.facts.pop(act.value, "")
            pen.halted = True
        case "hide":
            pen.hide()
        case "drop_timers":
            pen.drop_timers()
        case _:
            raise AssertionError(act.do)


def _topic(pen: Pen, act: Act) -> str | None:
    named = act.extra.get("topic")
    return pen.facts.get(named) if named else None


def _consent(pen: Pen, *, given: bool) -> None:
    """The wording is the question that stands in the step; the subject is the caller's."""
    subject = pen.facts.get("consent", "")
    wording = pen.facts.get("wording", pen.text_key(pen.step))
    made = ev.ConsentGiven if given else ev.ConsentRefused
    pen.emit(made(subject, wording, pen.bundle.revision))


def show_topic(pen: Pen, topic: str | None) -> None:
    """The dated answer to a question, or the plain line that we have none."""
    if topic is None or topic not in pen.bundle.topics:
        pen.emit(ev.QuestionAsked(None))
        pen.line("common.topic_none")
        return
    pen.facts["asked"] = topic
    pen.emit(ev.QuestionAsked(topic))
    pen.emit(ev.Said(f"answers.{topic}.tell"))
    checked = pen.bundle.topics[topic].checked_on
    if checked and pen.channel != "sms":
        pen.line("common.checked", date=checked)


def pending_order(pen: Pen) -> Command | None:
    """The command that "did you mean ...?" was answered yes to, once."""
    order = pen.facts.pop("order", "")
    return Command(order) if order in set(Command) else None
