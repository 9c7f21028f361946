"""The only door to YAML: reads everything under `flows/` into plain values, lines remembered.

Nothing here judges what a file says; that is for `hotline.flow.parse`, the screening parser and the
word lists, which get plain mappings and stay pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hotline.core.errors import Invalid
from hotline.flow.lined import Lined

NOT_FLOWS = frozenset({"contacts.yaml", "must_not_say.yaml", "replies.yaml"})
"""Files directly under `flows/` that are no conversation flows."""

FLOW_MARKS = frozenset({"flow", "steps", "sets"})
"""A file with one of these names at its top is a flow, or was meant to be one."""

LARGEST = 1_000_000
"""Bytes of one file. A flow file is read by people; a larger one is a mistake."""


class Unreadable(Invalid):
    """A file is not YAML, or not text. The message names file and line."""


class _Loader(yaml.SafeLoader):
    """Safe YAML into `Lined` mappings; a name that stands twice is remembered, not swallowed."""

    file = ""

    def lined(self, node: yaml.MappingNode) -> Lined:
        made = Lined(file=self.file, line=node.start_mark.line + 1)
        self.flatten_mapping(node)
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | type(None)):
                raise yaml.constructor.ConstructorError(
                    None, None, "a name must be a plain text", key_node.start_mark
                )
            line = key_node.start_mark.line + 1
            if key in made:
                made.repeated.append((key, line))
            made[key] = self.construct_object(value_node, deep=True)
            made.lines[key] = line
        return made


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _Loader.lined)


def read_text(text: str, *, file: str) -> Any:  # noqa: ANN401 - whatever the file says
    """One YAML text as plain values; mappings are `Lined`. Raises `Unreadable`."""
    if len(text) > LARGEST:
        raise Unreadable(f"{file}: larger than {LARGEST} characters")
    try:
        loader = _Loader(text)
        loader.file = file
        return loader.get_single_data()
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = mark.line + 1 if mark else 0
        raise Unreadable(f"{file}:{line}: not readable as YAML: {wrong.problem}") from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise Unreadable(f"{file}: not readable as YAML: {wrong.__class__.__name__}") from wrong


def read_file(path: Path, *, root: Path) -> Any:  # noqa: ANN401
    """One file, named in messages by its place below the project. Raises `Unreadable`."""
    name = _name(path, root)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"{name}: not UTF-8 (byte {wrong.start})") from wrong
    except OSError as wrong:
        raise Unreadable(f"{name}: {wrong.strerror}") from wrong
    return read_text(text, file=name)


def _name(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root.parent).as_posix()
    except ValueError:
        return path.name


def _tree(folder: Path, root: Path) -> Any:  # noqa: ANN401
    """A folder as a mapping: file or folder name without suffix -> content."""
    if not folder.is_dir():
        return {}
    found: dict[str, Any] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            found[path.name] = _tree(path, root)
        elif path.suffix == ".yaml":
            found[path.stem] = read_file(path, root=root)
    return found


@dataclass(frozen=True, slots=True)
class Files:
    """Everything under one `flows/` folder.

    `flows`: file stem -> content of `flows/*.yaml`, contacts left out. `answers`: intent ->
    content of `flows/answers/<intent>.yaml`. `screening`, `understanding`: the folders as nested
    mappings. `contacts`: the rows of the register. `revision`: a hash of all that a turn depends
    on; contacts are no part of it, since a wrong number is put right for everyone at once.
    `others`: files beside the flows that are none (prepared replies, words never said).
    """

    root: Path
    flows: Mapping[str, Any]
    answers: Mapping[str, Any]
    screening: Mapping[str, Any]
    understanding: Mapping[str, Any]
    contacts: tuple[Mapping[str, Any], ...]
    revision: str
    others: Mapping[str, Any] = field(default_factory=dict)


def load(root: Path) -> Files:
    """Read the folder `root` (usually `flows/`). Raises `Unreadable` for the first broken file."""
    found = {
        path.stem: read_file(path, root=root)
        for path in sorted(root.glob("*.yaml"))
        if path.name != "contacts.yaml"
    }
    flows = {name: body for name, body in found.items() if _is_flow(name, body)}
    register = root / "contacts.yaml"
    contacts = read_file(register, root=root) if register.exists() else []
    if isinstance(contacts, Mapping):
        contacts = contacts.get("contacts") or []
    if not isinstance(contacts, list) or not all(isinstance(row, Mapping) for row in contacts):
        raise Unreadable(f"{_name(register, root)}: needs a list of contacts")
    return Files(
        root=root,
        flows=flows,
        answers=_tree(root / "answers", root),
        screening=_tree(root / "screening", root),
        understanding=_tree(root / "understanding", root),
        contacts=tuple(contacts),
        others={name: body for name, body in found.items() if name not in flows},
        revision=revision_of(root),
    )


def _is_flow(name: str, body: object) -> bool:
    if f"{name}.yaml" in NOT_FLOWS:
        return False
    return not isinstance(body, Mapping) or bool(FLOW_MARKS & body.keys())


def revision_of(root: Path) -> str:
    """Content hash, 16 hex digits: flows, answers and screening (what sessions are pinned to)."""
    digest = hashlib.sha256()
    found = [
        path
        for path in sorted(root.rglob("*.yaml"))
        if path.name not in NOT_FLOWS
        and path.relative_to(root).parts[0] in (path.name, "answers", "screening")
    ]
    for path in found:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def write_story(path: Path, story: Mapping[str, Any]) -> None:
    """A golden story as a file, one event a line. Raises `Unreadable` when it cannot be written."""
    lines = [f"{key}: {_one_line(value)}" for key, value in story.items() if key != "turns"]
    lines.append("turns:")
    for turn in story["turns"]:
        lines.append(f"- hears: {_one_line(turn.get('hears'))}")
        rest = {k: v for k, v in turn.items() if k not in ("hears", "happens")}
        lines += [f"  {key}: {_one_line(value)}" for key, value in rest.items()]
        lines.append("  happens:" if turn.get("happens") else "  happens: []")
        lines += [f"  - {_one_line(one)}" for one in turn.get("happens", ())]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as wrong:
        raise Unreadable(f"{path.name}: {wrong.strerror}") from wrong


def _one_line(value: object) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")
