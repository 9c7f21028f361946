"""Templates: Jinja2 with autoescape, the reader's words, and the few things every page shows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from hotline.accounts.doors import may_enter
from hotline.accounts.values import SignedIn, Stage
from hotline.i18n.words import Words
from hotline.web import security

HERE: Final = Path(__file__).parent
LANGUAGES: Final = ("ky", "ru", "tg", "en")
THEMES: Final = ("auto", "light", "dark")
THEME: Final = "theme"


@lru_cache(maxsize=64)
def static_address(name: str) -> str:
    """Address of a static file with its hash, so that browsers may keep it for ever."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page is drawn for: who reads, in which language, at which address."""

    request: Request
    words: Words
    language: str
    csrf: str
    flash: str
    signed_in: SignedIn | None
    now: datetime
    is_demo: bool
    is_https: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame around a page shows. `stage` is None for somebody unknown."""

    alias: str
    role: str
    stage: str | None
    theme: str
    is_demo: bool
    is_get: bool
    path: str


class PageMaker:
    """Renders templates. One for the life of the process."""

    def __init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["static"] = static_address

    def render(self, frame: Frame, template: str, values: Mapping[str, Any]) -> str:
        """HTML. `values` go to the template beside `t`, `tn`, `lang`, `csrf`, `shell`, `may` ..."""
        signed_in = frame.signed_in
        is_in = signed_in is not None and signed_in.stage is Stage.IN
        actor = signed_in.actor if signed_in and is_in else None
        shell = Shell(
            alias=actor.alias if actor else "",
            role=(actor.role or "") if actor else "",
            stage=signed_in.stage.value if signed_in else None,
            theme=theme_of(frame.request, is_https=frame.is_https),
            is_demo=frame.is_demo,
            is_get=frame.request.method in {"GET", "HEAD"},
            path=frame.request.url.path,
        )

        def may(action: str) -> bool:
            return actor is not None and may_enter(actor, action)

        def here(**changes: str) -> str:
            """This page's address with some query values changed."""
            query = {**dict(frame.request.query_params), **changes}
            return f"{shell.path}?{urlencode(query)}"

        context = {
            "t": frame.words.bind(frame.language),
            "tn": frame.words.bind_plural(frame.language),
            "lang": frame.language,
            "langs": LANGUAGES,
            "csrf": frame.csrf,
            "flash": frame.flash,
            "shell": shell,
            "may": may,
            "here": here,
            "now": frame.now,
            **values,
        }
        return self.environment.get_template(template).render(context)


def theme_of(request: Request, *, is_https: bool) -> str:
    """auto | light | dark: from the link just followed, else from the cookie."""
    asked = request.query_params.get(THEME, "")
    if asked in THEMES:
        return asked
    kept = security.get_cookie(request, THEME, is_https=is_https)
    return kept if kept in THEMES else "auto"
