"""Routes with an explicit permit, and the `Call` that a page gets.

    pages = Pages()

    @pages.route("/console/take", methods=("POST",), permit="queue.take")
    async def take(call: Call) -> Response: ...

A route without a permit answers 403, whoever asks: forgetting one opens nothing.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hotline.accounts.values import SignedIn
from hotline.core.actor import Actor
from hotline.core.errors import NotFound, Refused
from hotline.db.transaction import Tx
from hotline.web import security
from hotline.web.context import WebContext
from hotline.web.forms import Form
from hotline.web.pagemaker import Frame, PageMaker

T = TypeVar("T")

PUBLIC: Final = "public"  # anybody
DEMO: Final = "demo"  # anybody, in demonstration mode; 404 otherwise
HALF_WAY: Final = "half-way"  # after the password, before everything else is done
HOOK: Final = "hook"  # a provider, proved by its own secret; no cookies, no form token

FLASH: Final = "said"

_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(slots=True)
class Call:
    """One request, with everything a page needs."""

    request: Request
    ctx: WebContext
    maker: PageMaker
    now: datetime
    language: str
    session: str  # the login token or the visit cookie, on which form tokens hang
    signed_in: SignedIn | None = None
    form: Form = field(default_factory=Form)
    flash: str = ""
    new_visit: bool = False

    @property
    def actor(self) -> Actor:
        """Who asks. Raises `Refused` on a public page of somebody unknown."""
        if self.signed_in is None:
            raise Refused("Please sign in.")
        return self.signed_in.actor

    @property
    def address(self) -> str:
        """Where the request comes from; used for throttling only, never stored in clear."""
        return self.request.client.host if self.request.client else "unknown"

    @property
    def wants_fragment(self) -> bool:
        """The script asked: only the part with this id will be taken from the answer."""
        return "x-fragment" in self.request.headers

    def t(self, key: str, english: str, /, **args: object) -> Markup:
        return self.ctx.words.bind(self.language)(key, english, **args)

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def path(self, name: str) -> str:
        """A part of the path, as declared in the route. Raises `NotFound` for what can be no id:
        some databases refuse to look for it at all."""
        found = str(self.request.path_params[name])
        if not _ID.fullmatch(found):
            raise NotFound
        return found

    async def read(self, work: Callable[[Tx], T]) -> T:
        return await self.ctx.store.aread(work)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """One transaction; the sender and the live pages are woken after it."""
        result = await self.ctx.store.awrite(work)
        self.ctx.wake()
        self.ctx.hub.wake()
        return result

    def render(self, template: str, /, **values: Any) -> str:  # noqa: ANN401 - template values
        """HTML of a template or fragment in the reader's language."""
        frame = Frame(
            request=self.request,
            words=self.ctx.words,
            language=self.language,
            csrf=security.form_token(self.ctx.keys, self.session),
            flash=self.flash,
            signed_in=self.signed_in,
            now=self.now,
            is_demo=self.ctx.settings.demo,
            is_https=self.ctx.is_https,
        )
        return self.maker.render(frame, template, values)

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:  # noqa: ANN401
        return HTMLResponse(self.render(template, **values), status)

    def redirect(self, to: str, *, said: str = "") -> Response:
        """After a change (303). `said` is one of our own sentences, shown once on the next page:

        `call.redirect("/console", said=call.t("console.closed", "The case is closed."))`
        """
        response = RedirectResponse(to, 303)
        if said:
            value = security.sign(self.ctx.keys, str(said)[:400], FLASH)
            security.set_cookie(response, FLASH, value, is_https=self.ctx.is_https, seconds=60)
        return response


Page = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """`passive`: asked by a script on a timer; does not count as a sign that somebody is there.

    `keep`: names of form fields whose text is shown again when the change is refused.
    """

    path: str
    methods: tuple[str, ...]
    permit: str | None
    page: Page
    passive: bool = False
    keep: tuple[str, ...] = ()


class Pages:
    """Collects the routes of one part of the site."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(
        self,
        path: str,
        *,
        methods: tuple[str, ...] = ("GET",),
        permit: str | None = None,
        passive: bool = False,
        keep: tuple[str, ...] = (),
    ) -> Callable[[Page], Page]:
        """Declares a page. `permit` is an action of `accounts.doors` or a constant above."""

        def add(page: Page) -> Page:
            self.routes.append(Route(path, methods, permit, page, passive, keep))
            return page

        return add
