"""What went wrong, as an error page can say it.

Nothing about the request is logged but the class of an unknown error and where it was raised.
"""

from dataclasses import dataclass

from hotline import logs
from hotline.core.errors import HotlineError
from hotline.db.transaction import DatabaseAway
from hotline.web.security import TooLarge


class SignedOut(HotlineError):
    """The login ended while somebody was working; what was typed is shown again."""

    status = 401
    key = "error.signed_out"


class Stale(HotlineError):
    """The form does not come from a page of ours, or from one that is too old."""

    status = 403
    key = "error.stale_form"


class BadMethod(HotlineError):
    status = 405
    key = "error.not_found"


@dataclass(frozen=True, slots=True)
class Problem:
    """What the error page says. `kept`: texts somebody had typed, to be copied."""

    status: int
    key: str
    message: str
    kept: tuple[str, ...] = ()


def problem_of(error: Exception, kept: tuple[str, ...] = ()) -> Problem:
    """The page's content; unknown errors are logged by class and place."""
    if isinstance(error, TooLarge):
        return Problem(413, "error.too_large", "")
    if isinstance(error, DatabaseAway):
        logs.event("web.database_away", level="warning")
        return Problem(503, "error.away", "", kept)
    if isinstance(error, HotlineError):
        if error.status >= 500:  # noqa: PLR2004 - a server's mistake, whatever its family
            logs.failure("web.failed", error)
        return Problem(error.status, error.key, error.message, kept)
    logs.failure("web.failed", error)
    return Problem(500, "error.unexpected", "", kept)
