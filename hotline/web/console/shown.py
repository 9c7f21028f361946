"""Lines of a conversation as an operator reads them: the bot's in her own language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from hotline.conversation.mind import Mind
from hotline.conversation.service import history
from hotline.conversation.service.history import LineView, Talk
from hotline.core.actor import Actor
from hotline.db.transaction import Tx
from hotline.flow import render
from hotline.flow.bundle import Bundle
from hotline.flow.contacts import Contacts
from hotline.flow.events import Said
from hotline.web.console import base, labels
from hotline.web.routing import Call

Versions = Mapping[str, tuple[tuple[str, datetime], ...]]


@dataclass(frozen=True, slots=True)
class FileShown:
    id: str
    name: Markup
    state: Markup
    can_open: bool
    is_picture: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """`side`: them | us | bot. `fate` says how the sending went, with its colour."""

    id: str
    side: str
    author: str
    text: Markup
    options: tuple[str, ...]
    day: str
    time: str
    fate: str
    fate_colour: str
    is_uncertain: bool
    edits: tuple[tuple[str, str], ...]
    files: tuple[FileShown, ...]


def older_versions(tx: Tx, mind: Mind, actor: Actor, talk: Talk) -> Versions:
    """What edited lines said before. Only for the lease holder: it goes through the same door."""
    if not talk.is_mine:
        return {}
    return {
        line.id: history.versions(tx, mind, actor, talk.id, line.id)
        for line in talk.lines
        if line.version > 1
    }


def lines(
    call: Call, talk: Talk, *, names: Mapping[str, str], versions: Versions
) -> list[LineShown]:
    """All lines, oldest first."""
    book = _contacts(call)
    fates, kinds, files = labels.fates(call.t), labels.kinds(call.t), labels.files(call.t)
    shown = []
    for line in talk.lines:
        side = {"person": "them", "bot": "bot"}.get(line.author, "us")
        text, options = _words(call, line, book, kinds)
        fate, colour = fates.get(line.sending or "", ("", ""))
        here = base.zone(call)
        shown.append(
            LineShown(
                id=line.id,
                side=side,
                author=_author(call, line, names),
                text=text,
                options=options,
                day=line.at.astimezone(here).strftime("%d.%m.%Y"),
                time=line.at.astimezone(here).strftime("%H:%M"),
                fate=str(fate),
                fate_colour=colour,
                is_uncertain=line.uncertain,
                edits=tuple(
                    (base.moment(call, at), words) for words, at in versions.get(line.id, ())
                ),
                files=tuple(
                    FileShown(
                        f.id,
                        kinds.get(f.kind) or kinds["file"],
                        files.get(f.state) or files["failed"],
                        f.state == "kept" and talk.is_mine,
                        f.mime.startswith("image/"),
                    )
                    for f in line.files
                ),
            )
        )
    return shown


def _author(call: Call, line: LineView, names: Mapping[str, str]) -> str:
    if line.author == "person":
        return str(call.t("console.author.person", "The person"))
    if line.author == "bot":
        return str(call.t("console.author.bot", "The bot"))
    if call.signed_in is not None and line.operator_id == call.actor.id:
        return str(call.t("console.author.me", "You"))
    return names.get(line.operator_id or "") or str(
        call.t("console.author.operator", "An operator")
    )


def _words(
    call: Call, line: LineView, book: Contacts, kinds: labels.Table
) -> tuple[Markup, tuple[str, ...]]:
    """The text, and the options that were offered under it."""
    if line.said is not None:
        return _of_bot(call, line.said, book)
    if line.button:
        return _of_button(call, line.button, book), ()
    if line.place is not None:
        latitude, longitude = line.place
        return Markup("{}: {:.5f}, {:.5f}").format(kinds["location"], latitude, longitude), ()
    if line.text:
        return escape(line.text), ()
    return kinds.get(line.kind) or kinds["other"], ()


def _of_bot(call: Call, said: Said, book: Contacts) -> tuple[Markup, tuple[str, ...]]:
    try:
        made = render.render(
            said, words=call.ctx.words, contacts=book, channel="telegram", language=call.language
        )
    except (KeyError, ValueError):
        return call.t("console.line.old", "A line that the bot does not know any more."), ()
    text = Markup("\n").join(Markup(part) for part in made.parts)  # noqa: S704 - escaped by render
    return text, tuple(label for row in made.buttons for _, label in row)


def _of_button(call: Call, pressed: str, book: Contacts) -> Markup:
    """`<step>=<code>` becomes the label that was on the button."""
    step_key, _, code = pressed.partition("=")
    key = button_key(call.ctx.bundle, step_key, code)
    if key is None:
        return call.t("console.line.button", "Pressed a button.")
    try:
        made = render.render(
            Said(key), words=call.ctx.words, contacts=book, channel="telegram",
            language=call.language,
        )  # fmt: skip
    except (KeyError, ValueError):
        return call.t("console.line.button", "Pressed a button.")
    return Markup(" ").join(Markup(part) for part in made.parts)  # noqa: S704 - escaped by render


def button_key(bundle: Bundle | None, step_key: str, code: str) -> str | None:
    """The text key of an option, None when today's flows have no such button."""
    step = bundle.steps.get(step_key) if bundle is not None else None
    for option in step.options if step is not None else ():
        if option.code == code:
            return option.key
    if bundle is not None and code in bundle.topics:
        return f"answers.{code}.label"
    return None


def _contacts(call: Call) -> Contacts:
    rows = getattr(call.ctx.content, "contacts", ())
    return Contacts.of(rows, demonstration=call.ctx.settings.demo)
