"""The application: every route of every part, behind the same endpoint and headers."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route as AsgiRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from hotline.accounts import passwords
from hotline.core.errors import NotFound
from hotline.web import errorpage, errors, webhooks
from hotline.web.console.routes import GROUPS as CONSOLE
from hotline.web.context import WebContext
from hotline.web.endpoint import Endpoints
from hotline.web.pagemaker import HERE, PageMaker
from hotline.web.portal.routes import GROUPS as PORTAL
from hotline.web.public.routes import GROUPS as PUBLIC
from hotline.web.routing import Pages, Route
from hotline.web.security import SecurityHeaders

GROUPS: Final[tuple[Pages, ...]] = (webhooks.pages, *PUBLIC, *CONSOLE, *PORTAL)

_KEEP = "public, max-age=31536000, immutable"


class Kept(StaticFiles):
    """Files whose address holds their hash: the browser asks once."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["may_keep"] = b"v=" in scope.get("query_string", b"")
        await super().__call__(scope, receive, send)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope.get("may_keep"):
            response.headers["Cache-Control"] = _KEEP
        return response


def declared(groups: Sequence[Pages] = GROUPS) -> list[Route]:
    """Every page of the site, for the router and for the tests that walk them all."""
    return [route for group in groups for route in group.routes]


def create_app(ctx: WebContext, groups: Sequence[Pages] = GROUPS) -> SecurityHeaders:
    """The ASGI application for one context."""
    passwords.nobody(ctx.cost)  # made now, not at the first sign-in of somebody unknown
    endpoints = Endpoints(ctx, PageMaker())
    routes: list[BaseRoute] = [
        AsgiRoute(route.path, endpoints.of(route), methods=list(route.methods))
        for route in declared(groups)
    ]
    routes.append(Mount("/static", Kept(directory=HERE / "static")))

    async def unknown(request: Request, error: Exception) -> Response:
        call = endpoints.call(request)
        problem = errors.problem_of(NotFound())
        status = getattr(error, "status_code", problem.status)
        if status == errors.BadMethod.status:
            problem = errors.problem_of(errors.BadMethod())
        return endpoints.finish(call, errorpage.render(call, problem))

    async def failed(request: Request, error: Exception) -> Response:
        call = endpoints.call(request)
        return errorpage.render(call, errors.problem_of(error))

    app = Starlette(
        routes=routes, exception_handlers={404: unknown, 405: unknown, Exception: failed}
    )
    return SecurityHeaders(app)
