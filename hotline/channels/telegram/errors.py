"""What a refusal of the Bot API means for us. As data, because only the description tells.

Descriptions are matched, never passed on: some quote the text of the message.
"""

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from hotline.channels import base
from hotline.channels.telegram.transport import Refusal, Unanswered, Unconnected

# part of the description, in lower case -> (what it means, our code for staff)
FORBIDDEN: tuple[tuple[str, type[base.SendError], str], ...] = (
    ("blocked by the user", base.Blocks, "403:blocked"),
    ("user is deactivated", base.BadNumber, "403:deactivated"),
    ("can't initiate conversation", base.BadNumber, "403:never_started"),
    ("can't send messages to bots", base.BadNumber, "403:a_bot"),
)
BAD_REQUEST: tuple[tuple[str, type[base.SendError], str], ...] = (
    ("chat not found", base.BadNumber, "400:chat_not_found"),
    ("user not found", base.BadNumber, "400:user_not_found"),
    ("peer_id_invalid", base.BadNumber, "400:chat_not_found"),
    ("user_is_blocked", base.Blocks, "403:blocked"),
    ("input_user_deactivated", base.BadNumber, "403:deactivated"),
    ("message is too long", base.Rejected, "400:too_long"),
    ("text is empty", base.Rejected, "400:empty"),
    ("can't parse entities", base.Rejected, "400:markup"),
    ("button_data_invalid", base.Rejected, "400:button"),
    ("reply markup is too long", base.Rejected, "400:buttons_too_long"),
    ("file is too big", base.Rejected, "too_big"),
    ("query is too old", base.Rejected, "400:query_too_old"),
)
_TIMED_OUT_ABOVE = 504
_WAIT_UNSTATED = 5.0  # seconds, when the server asks us to slow down without saying for how long


def sendable(error: Exception) -> base.SendError:
    """The error of the closed list for one of the library's. No text of it is kept."""
    match error:
        case Refusal(status=429):
            return base.Busy("429", retry_after=error.retry_after or _WAIT_UNSTATED)
        case Refusal(status=status) if status == _TIMED_OUT_ABOVE:
            return base.TimedOut("504")  # a proxy gave up waiting: the message may have gone
        case Refusal(status=status):
            return base.Unreachable(str(status), retry_after=error.retry_after)
        case RetryAfter():
            seconds = error._retry_after.total_seconds()  # noqa: SLF001  the public one changes its type
            return base.Busy("429", retry_after=seconds)
        case Unconnected():
            return base.Unreachable("no_connection")
        case Unanswered() | TimeoutError():
            return base.TimedOut("no_answer")
        case Forbidden():
            return _look_up(error, FORBIDDEN, base.Rejected("403"))
        case BadRequest():
            return _look_up(error, BAD_REQUEST, base.Rejected("400"))
        case ChatMigrated():
            return base.BadNumber("400:chat_migrated")
        case InvalidToken():
            # Our setting is wrong, not the message: it must wait for us, not be thrown away.
            return base.Unreachable("401:token")
        case Conflict():
            return base.Unreachable("409:another_poller")
        case _:
            # An answer came that is none: whether the message went is not known.
            return base.TimedOut("unreadable_answer")


def _look_up(
    error: TelegramError,
    table: tuple[tuple[str, type[base.SendError], str], ...],
    otherwise: base.SendError,
) -> base.SendError:
    said = error.message.lower()
    for part, kind, code in table:
        if part in said:
            return kind(code)
    return otherwise
