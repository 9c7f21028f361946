"""The page for whatever went wrong, in the reader's language, with what she had typed."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from hotline import logs
from hotline.web.errors import Problem
from hotline.web.routing import Call

RETRY_AFTER: Final = "5"


def render(call: "Call", problem: Problem, args: Mapping[str, str] | None = None) -> Response:
    """The error page. Falls back to one plain line if even that fails."""
    words = call.ctx.words
    message = problem.message
    if words.has(problem.key, call.language):
        try:
            message = words.text(problem.key, call.language, args=args or {})
        except KeyError:
            message = problem.message
    try:
        response = call.page("errors/error.html", problem.status, problem=problem, message=message)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        logs.failure("web.error_page_failed", error)
        response = Response("Something went wrong. Nothing was changed.", problem.status)
    if problem.status == 503:  # noqa: PLR2004
        response.headers["Retry-After"] = RETRY_AFTER
    return response
