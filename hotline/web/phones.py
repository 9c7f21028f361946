"""The telephones of the demonstration: what they showed, one file each under the data folder.

Files, because the story goes on after a restart, and because the process that sends may be another
than the one that shows. Nothing of this exists outside demonstration mode.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import smsutil

from hotline.channels.base import Channel, ChannelName, Message
from hotline.channels.simulator import Simulator
from hotline.crypto import new_id, new_pin, new_token

_ID: Final = re.compile(r"[0-9]{6,15}")
_SHOWN: Final = 200  # newest lines of a telephone


@dataclass(frozen=True, slots=True)
class Phone:
    """A made-up person's telephone. `address` is where the hotline writes to."""

    id: str
    mode: str  # a ChannelName
    language: str
    at: datetime

    @property
    def address(self) -> str:
        return f"+{self.id}" if self.mode == ChannelName.SMS else self.id


@dataclass(frozen=True, slots=True)
class Bubble:
    """One line on the screen. `mine`: the person wrote it. `buttons`: rows of (data, label)."""

    id: str
    at: datetime
    mine: bool
    text: str
    html: bool = False
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    failed: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """What an SMS costs to send: characters, parts, and the alphabet."""

    length: int
    parts: int
    alphabet: str


class Phones:
    """Reads and writes the files. May be used from any thread."""

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._wake = wake
        self._lock = threading.Lock()

    def channels(self) -> dict[str, Channel]:
        """Both channels, simulated: what they send appears on these telephones."""
        secret = new_token()
        return {
            mode.value: Simulator(
                mode, secret=secret, on_send=self.show, new_id=new_id, on_delete=self.delete
            )
            for mode in ChannelName
        }

    def new(self, mode: ChannelName, language: str) -> Phone:
        """A telephone nobody has: no country gives out numbers that go on with 000."""
        prefix = "996000" if mode is ChannelName.SMS else "7"
        phone = Phone(
            prefix + new_pin(6 if prefix != "7" else 9), mode.value, language, self._clock()
        )
        self._append(
            phone.id,
            {"phone": mode.value, "language": language, "at": phone.at.isoformat()},
            create=True,
        )
        return phone

    def all(self) -> list[Phone]:
        """Newest first."""
        if not self._folder.is_dir():
            return []
        found = [self.get(path.stem) for path in self._folder.glob("*.jsonl")]
        return sorted((p for p in found if p is not None), key=lambda p: p.at, reverse=True)

    def get(self, phone_id: str) -> Phone | None:
        for row in self._rows(phone_id):
            if "phone" in row:
                at = datetime.fromisoformat(row["at"])
                return Phone(phone_id, row["phone"], row["language"], at)
        return None

    def forget(self, phone_id: str) -> None:
        """Puts a telephone away. What it wrote to the hotline stays there."""
        if _ID.fullmatch(phone_id):
            (self._folder / f"{phone_id}.jsonl").unlink(missing_ok=True)

    def say(self, phone: Phone, text: str) -> str:
        """The person wrote something; the id of the line."""
        line_id = new_id()
        self._append(
            phone.id,
            {"id": line_id, "at": self._clock().isoformat(), "mine": True, "text": text},
        )
        return line_id

    def mark(self, phone: Phone, line_id: str, **what: Any) -> None:  # noqa: ANN401 - JSON values
        """`failed=True`: the line did not arrive. `text=...`: it was changed."""
        self._append(phone.id, {"change": line_id, **what})

    def show(self, address: str, message: Message, provider_id: str) -> None:
        """The hotline sent one part: the callback of the simulated channels."""
        rows = [[[button.data, button.label] for button in row] for row in message.buttons]
        self._append(
            address.removeprefix("+"),
            {
                "id": provider_id,
                "at": self._clock().isoformat(),
                "mine": False,
                "text": message.parts[0],
                "html": message.html,
                "buttons": rows,
            },
        )

    def delete(self, address: str, provider_ids: tuple[str, ...]) -> int:
        """The hotline took lines of its own away; how many were there."""
        phone_id = address.removeprefix("+")
        there = {row["id"] for row in self._rows(phone_id) if "id" in row}
        gone = [line_id for line_id in provider_ids if line_id in there]
        for line_id in gone:
            self._append(phone_id, {"change": line_id, "gone": True})
        return len(gone)

    def bubbles(self, phone_id: str) -> list[Bubble]:
        """What the screen shows, oldest first."""
        lines: dict[str, dict[str, Any]] = {}
        for row in self._rows(phone_id):
            if "id" in row:
                lines[row["id"]] = dict(row)
            elif row.get("change") in lines:
                changed = lines[row["change"]]
                if row.get("gone"):
                    del lines[row["change"]]
                elif "text" in row:
                    changed.update(text=row["text"], edited=True)
                else:
                    changed.update(failed=True)
        return [_bubble(row) for row in list(lines.values())[-_SHOWN:]]

    def _rows(self, phone_id: str) -> list[Mapping[str, Any]]:
        if not _ID.fullmatch(phone_id):
            return []
        try:
            text = (self._folder / f"{phone_id}.jsonl").read_text(encoding="utf-8")
        except OSError:
            return []
        rows: list[Mapping[str, Any]] = []
        for line in text.splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue  # the last line of a process that was killed
        return rows

    def _append(self, phone_id: str, row: Mapping[str, Any], *, create: bool = False) -> None:
        if not _ID.fullmatch(phone_id):
            return
        path = self._folder / f"{phone_id}.jsonl"
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            if create or path.exists():  # a telephone that was put away rings no more
                with path.open("a", encoding="utf-8") as file:
                    file.write("\n" + json.dumps(row))
        self._wake()


def sms_parts(text: str) -> Parts:
    """How an SMS with this text is counted."""
    split = smsutil.split(text)
    alphabet = "GSM-7" if split.encoding.lower().startswith("gsm") else "UCS-2"
    return Parts(split.total_length, len(split.parts), alphabet)


def _bubble(row: Mapping[str, Any]) -> Bubble:
    return Bubble(
        id=row["id"],
        at=datetime.fromisoformat(row["at"]),
        mine=row["mine"],
        text=row["text"],
        html=row.get("html", False),
        buttons=tuple(tuple((data, label) for data, label in r) for r in row.get("buttons", ())),
        failed=row.get("failed", False),
        edited=row.get("edited", False),
    )
