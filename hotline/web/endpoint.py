"""What happens around every page: language, login, permit, form token, errors."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hotline.accounts import logins
from hotline.accounts.doors import may_enter
from hotline.accounts.values import SignedIn, Stage
from hotline.audit.service import record
from hotline.core.errors import HotlineError, NotFound, Refused
from hotline.db.transaction import DatabaseAway
from hotline.web import errorpage, errors, security
from hotline.web.context import WebContext
from hotline.web.errors import SignedOut, Stale
from hotline.web.forms import read_form
from hotline.web.pagemaker import LANGUAGES, THEME, THEMES, PageMaker
from hotline.web.routing import DEMO, FLASH, HALF_WAY, HOOK, PUBLIC, Call, Route

LOGIN: Final = "hotline"
VISIT: Final = "visit"
LANG: Final = "lang"
_YEAR: Final = 31_536_000
_SAFE_PATH: Final = re.compile(r"/[A-Za-z0-9_-][A-Za-z0-9/_-]{0,200}")

STAGE_PAGES: Final = {
    Stage.CODE: "/sign-in/code",
    Stage.ENROL: "/sign-in/enrol",
    Stage.CHANGE: "/account/password",
}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Makes ASGI endpoints of pages."""

    ctx: WebContext
    maker: PageMaker

    def of(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            call = self.call(request)
            try:
                limit = self.ctx.settings.body_limit
                call.request = security.limited(request, limit)
                response = await self._answer(call, route)
            except Exception as error:  # noqa: BLE001 - every caller gets an answer
                kept = _kept(call, route)
                problem = errors.problem_of(error, kept)
                if isinstance(error, Refused):
                    await self._note_refusal(call, route)
                args = error.args_for_text if isinstance(error, HotlineError) else None
                response = errorpage.render(call, problem, args)
            return self.finish(call, response)

        return endpoint

    def call(self, request: Request) -> Call:
        """The call before anything about the login is known."""
        is_https = self.ctx.is_https
        token = security.get_cookie(request, LOGIN, is_https=is_https)
        session, new = token, False
        if not session:
            visit = security.get_cookie(request, VISIT, is_https=is_https)
            new = security.signed(self.ctx.keys, visit, "visit") is None
            session = security.new_visit(self.ctx.keys) if new else visit
        said = security.get_cookie(request, FLASH, is_https=is_https)
        return Call(
            request=request,
            ctx=self.ctx,
            maker=self.maker,
            now=self.ctx.clock(),
            language=_language(request, is_https=is_https),
            session=session,
            flash=(security.signed(self.ctx.keys, said, FLASH) or "") if said else "",
            new_visit=new,
        )

    async def _answer(self, call: Call, route: Route) -> Response:
        if route.permit == HOOK:
            return await route.page(call)
        if route.permit is None:
            raise Refused("This page has no permit.")
        if route.permit == DEMO and not self.ctx.settings.demo:
            raise NotFound
        changes = call.request.method not in {"GET", "HEAD"}
        if changes:
            call.form = await read_form(call.request)
        call.signed_in = await self._login(call, route)
        away = self._turned_away(call, route)
        if away is not None:
            return away
        if changes and not security.is_from_here(
            call.request, call.form.get("csrf"), self.ctx.keys, call.session
        ):
            raise Stale("The form is too old. Nothing was changed.")
        await self._touch(call, route)
        return await route.page(call)

    async def _login(self, call: Call, route: Route) -> SignedIn | None:
        token = security.get_cookie(call.request, LOGIN, is_https=self.ctx.is_https)
        if not token:
            return None
        try:
            found = await self.ctx.store.aread(
                lambda tx: logins.look(tx, self.ctx.keys, token, now=call.now)
            )
        except DatabaseAway:
            if route.permit in {PUBLIC, DEMO}:
                return None
            raise
        if found is not None and found.is_demo and not self.ctx.settings.demo:
            return None  # its password and its codes are public
        if found is not None and not _chosen_language(call):
            call.language = found.actor.language
        return found

    def _turned_away(self, call: Call, route: Route) -> Response | None:
        """Where somebody must go first; None when the page may be shown."""
        if route.permit in {PUBLIC, DEMO}:
            return None
        signed_in = call.signed_in
        if signed_in is None:
            if call.request.method not in {"GET", "HEAD"} or call.wants_fragment or route.passive:
                raise SignedOut("You are signed out. Nothing was changed.")
            path = call.request.url.path
            onward = f"?next={quote(path)}" if _SAFE_PATH.fullmatch(path) else ""
            return RedirectResponse(f"/sign-in{onward}", 303)
        if route.permit == HALF_WAY:
            return None
        if signed_in.stage is not Stage.IN:
            return RedirectResponse(STAGE_PAGES[signed_in.stage], 303)
        if not may_enter(signed_in.actor, route.permit or ""):
            raise Refused("Your role does not allow this. Nothing was changed.")
        return None

    async def _touch(self, call: Call, route: Route) -> None:
        signed_in = call.signed_in
        if signed_in is None or route.passive:
            return
        if call.now - signed_in.used_at > logins.TOUCH_EVERY:
            token_hash = signed_in.token_hash
            await self.ctx.store.awrite(lambda tx: logins.touch(tx, token_hash, now=call.now))

    async def _note_refusal(self, call: Call, route: Route) -> None:
        """A refused door is audited; when even that fails, the answer stays the same."""
        if call.signed_in is None:
            return
        actor = call.signed_in.actor
        try:
            await self.ctx.store.awrite(
                lambda tx: record(
                    tx,
                    tag="access:door:refused",
                    actor=actor,
                    object_kind="door",
                    object_id=(route.permit or "none")[:20],
                    now=call.now,
                    result="refused",
                )
            )
        except DatabaseAway:
            return

    def finish(self, call: Call, response: Response) -> Response:
        """Cookies that follow from the request itself."""
        is_https = self.ctx.is_https
        if call.new_visit and call.request.method in {"GET", "HEAD"}:
            security.set_cookie(response, VISIT, call.session, is_https=is_https)
        if call.flash and response.status_code not in {301, 302, 303} and not call.wants_fragment:
            security.drop_cookie(response, FLASH, is_https=is_https)
        for name, allowed in ((LANG, LANGUAGES), (THEME, THEMES)):
            asked = call.query(name)
            if asked in allowed:
                security.set_cookie(response, name, asked, is_https=is_https, seconds=_YEAR)
        return response


def _chosen_language(call: Call) -> bool:
    kept = security.get_cookie(call.request, LANG, is_https=call.ctx.is_https)
    return call.query(LANG) in LANGUAGES or kept in LANGUAGES


def _language(request: Request, *, is_https: bool) -> str:
    for asked in (
        request.query_params.get(LANG, ""),
        security.get_cookie(request, LANG, is_https=is_https),
    ):
        if asked in LANGUAGES:
            return asked
    for part in request.headers.get("accept-language", "")[:200].split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "ru"


def _kept(call: Call, route: Route) -> tuple[str, ...]:
    """What somebody typed into the fields of a refused change."""
    return tuple(text for name in route.keep if (text := call.form.get(name)))
