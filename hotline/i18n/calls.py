"""Babel extraction of `t("key", "English")` and `tn("key", "one", "other", n)` from templates and
Python, in the shape of `pgettext`: the key is the context, the English the message."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

from hotline.i18n.entries import Source

KEYWORDS = {"t": ((1, "c"), 2), "tn": ((1, "c"), 2, 3)}
"""For Babel: argument 1 is the context."""

NOTE_TAG = "Note:"
"""A template comment `{# Note: ... #}` before a call is shown to translators."""

METHODS = {".html": "jinja2", ".txt": "jinja2", ".xml": "jinja2", ".py": "python"}


def from_file(path: Path, shown_as: str) -> Iterator[Source]:
    """Texts of one template or module.

    Raises jinja2.TemplateSyntaxError for a broken template; a silent one would lose its words.
    """
    method = METHODS[path.suffix]
    options = {"silent": "false"} if method == "jinja2" else {}
    with path.open("rb") as file:
        for line, message, comments, context in extract(
            method, file, KEYWORDS, (NOTE_TAG,), options, strip_comment_tags=True
        ):
            if context is None:
                continue
            english = message if isinstance(message, tuple) else (message,)
            yield Source(str(context), tuple(english), shown_as, line, " ".join(comments))


def from_tree(root: Path, folder: str) -> Iterator[Source]:
    """Texts of all templates and modules under `root/folder`, in order of file name."""
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in METHODS and path.is_file():
            yield from from_file(path, path.relative_to(root).as_posix())
