"""What the words do that are understood at every step."""

from hotline.core.reading import Command, Reading
from hotline.flow import events as ev
from hotline.flow.bundle import PLACES
from hotline.flow.pen import Mode, Pen
from hotline.flow.session import Frame
from hotline.flow.walk import ask_again, walk

LANGUAGES = ("ky", "ru", "tg")
IN_QUIET = frozenset(
    {
        Command.HIDE,
        Command.STOP,
        Command.STOP_SHARE,
        Command.WHO_HAS_MY_DATA,
        Command.DELETE_MY_DATA,
        Command.SAFE_WORD,
    }
)
"""Carried out before anyone is asked again whether it is safe to write."""


def obey(pen: Pen, order: Command, reading: Reading) -> None:
    """Carry out a command. In HUMAN mode nothing is said but what the command itself needs."""
    mute = pen.mode is Mode.HUMAN
    match order:
        case Command.SAFE_WORD:
            safe_word(pen)
        case Command.HIDE:
            if "quiet" not in pen.facts or pen.waiting:
                pen.emit(ev.Said("common.neutral", neutral=True, remove_keyboard=True))
            pen.hide()
        case Command.STOP:
            pen.drop_timers()
            pen.emit(ev.Stopped())
            pen.facts["quiet"] = "yes"
            pen.halted = True
        case Command.STOP_SHARE:
            pen.emit(ev.ConsentWithdrawn(reading.command_arg or None))
            pen.emit(ev.Said("common.share_stopped", neutral=True))
            if not mute:
                ask_again(pen)
        case Command.WHO_HAS_MY_DATA:
            # The shell answers with `call(..., "data", {"recipients": ...})`: only it knows.
            pen.emit(ev.DataAsked("who"))
        case Command.DELETE_MY_DATA:
            pen.push("delete")
            walk(pen)
        case Command.START:
            pen.emit(ev.StartedAgain(asked=True))
            if not mute:
                start_again(pen)
        case Command.LANGUAGE:
            _language(pen, reading.command_arg, mute=mute)
        case Command.LATIN:
            if not mute:
                pen.push("latin")
                walk(pen)
        case Command.HUMAN:
            if not mute:
                human(pen)
        case Command.MENU:
            if not mute:
                pen.jump("menu")
                walk(pen)
        case Command.BACK:
            if not mute:
                _back(pen)
        case Command.SKIP:
            pass  # an answer to the step, not an order: the engine takes it


def safe_word(pen: Pen) -> None:
    """Nothing that can be seen changes: one neutral line, and a silent alarm behind it."""
    pen.hand_over("P0", "safe_word", silent=True)
    pen.drop_timers()
    pen.facts["quiet"] = "yes"
    if pen.mode is not Mode.HUMAN:
        pen.emit(ev.Said("common.neutral", neutral=True))
    pen.halted = True


def watched(pen: Pen) -> None:
    """Someone else is reading: a silent alarm, one neutral line, then silence."""
    pen.hand_over("P0", "danger", silent=True)
    pen.emit(ev.Said("common.neutral", neutral=True, remove_keyboard=True))
    pen.hide()


def human(pen: Pen) -> None:
    """A person was asked for; while one is already coming, say how things stand."""
    if pen.mode is Mode.WAITING or pen.facts.get("class"):
        pen.hand_over("P2", "asked")
        if pen.waiting and pen.step.flow == "wait":
            pen.line("common.noted")
            ask_again(pen)
            return
    pen.push("wait")
    walk(pen)


def start_again(pen: Pen) -> None:
    """START, or somebody back from silence: is it safe to write, before anything else."""
    check_safety(pen)


def check_safety(pen: Pen) -> None:
    """Ask A1 again, above whatever was going on (screening specification, 4.4, 11.3)."""
    pen.facts.pop("quiet", None)
    if pen.frame.flow == "start" or pen.step.item == "A1":
        pen.waiting = False
        walk(pen)
        return
    if pen.ended is not None or not pen.bundle.steps.get(f"{pen.frame.flow}.{pen.frame.step}"):
        pen.jump("menu")
    below = pen.frame.flow if pen.frame.flow != "again" else pen.facts.get("below", "menu")
    pen.facts["below"] = below
    pen.push("again")
    walk(pen)


def _language(pen: Pen, code: str | None, *, mute: bool) -> None:
    if code in LANGUAGES:
        pen.language = code
        pen.doubt = None
        pen.emit(ev.LanguageChosen(code, "person"))
        if mute:
            return
        if pen.waiting and pen.frame.flow == "language":
            pen.back_out()
        if pen.waiting and pen.step.quiet:
            pen.line("common.language_set")
        ask_again(pen)
        return
    if not mute:
        pen.push("language")
        walk(pen)


def _back(pen: Pen) -> None:
    """The step before this one; the answer given there is taken back."""
    while pen.trail:
        key, pen.trail = pen.trail[-1], pen.trail[:-1]
        step = pen.bundle.steps.get(key)
        if step is None or (step.flow in pen.bundle.called and not _within(pen, step.flow)):
            continue
        if step.item is not None:
            pen.answers.pop(step.item, None)
        if step.keep is not None:
            pen.facts.pop(step.keep, None)
        frames = [i for i, f in enumerate(pen.stack) if f.flow == step.flow]
        keep = pen.stack[: frames[-1]] if frames else []
        pen.stack = [*keep, Frame(step.flow, step.name)]
        pen.waiting = False
        pen.picked = ()
        pen.tries = 0
        walk(pen)
        return
    if pen.waiting and len(pen.stack) > 1 and pen.step.key != PLACES["waiting"]:
        pen.back_out()
        pen.waiting = False
        walk(pen)
        return
    pen.line("common.first_step")
    ask_again(pen)


def _within(pen: Pen, flow: str) -> bool:
    """Whether a called flow is still open: one that has returned is not entered from behind."""
    return any(frame.flow == flow for frame in pen.stack)
