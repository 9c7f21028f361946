"""Every tag that the program can record is on the closed list, and none is spelled elsewhere."""

import ast
import re

from hotline.audit.tags import TAGS
from tests.support.databases import ROOT

SHAPE = re.compile(r"[a-z]+:[a-z_]+:[a-z_]+")


def spelled() -> dict[str, str]:
    """Every text in the program that looks like a tag, and where."""
    found = {}
    for path in sorted((ROOT / "hotline").rglob("*.py")):
        if path.name == "tags.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and SHAPE.fullmatch(node.value):
                found[node.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_tag_in_the_program_is_on_the_list() -> None:
    used = spelled()
    assert len(used) > 10
    assert {tag: place for tag, place in used.items() if tag not in TAGS} == {}
