"""What Twilio's error codes mean for us, as data: may it be tried again, and what staff are told.

A code arrives with the refusal of a request or, minutes later, in a delivery report. Codes that say
that a setting of ours is wrong may be retried: the message waits for us instead of being lost.
"""

from dataclasses import dataclass

from hotline.channels.base import (
    BadNumber,
    Blocks,
    Busy,
    Rejected,
    SendError,
    TimedOut,
    Unreachable,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` of the closed list; `reason` in a few words for staff, never for a caller."""

    kind: type[SendError]
    reason: str

    @property
    def may_retry(self) -> bool:
        return self.kind.may_retry


FAULTS: dict[int, Fault] = {
    # the account or a setting of ours
    20003: Fault(Unreachable, "account id or token refused"),
    20005: Fault(Unreachable, "account not active"),
    21212: Fault(Unreachable, "our sender number is not valid"),
    21606: Fault(Unreachable, "our sender number cannot send SMS"),
    21609: Fault(Unreachable, "address for delivery reports not accepted"),
    21659: Fault(Unreachable, "our sender is not a number of this account"),
    21660: Fault(Unreachable, "our sender belongs to another account"),
    21701: Fault(Unreachable, "messaging service does not exist"),
    21703: Fault(Unreachable, "messaging service has no sender"),
    21704: Fault(Unreachable, "messaging service has no sender of this kind"),
    30002: Fault(Unreachable, "account suspended"),
    # too fast
    14107: Fault(Busy, "sending too fast"),
    20429: Fault(Busy, "too many requests"),
    21611: Fault(Busy, "queue of our sender is full"),
    30001: Fault(Busy, "queue overflow"),
    30017: Fault(Busy, "carrier network congested"),
    30022: Fault(Busy, "over the carrier's rate"),
    # the way there
    30003: Fault(Unreachable, "phone off or out of reach"),
    30008: Fault(Unreachable, "unknown error on the way"),
    30410: Fault(TimedOut, "carrier did not answer in time"),
    30500: Fault(Unreachable, "error inside Twilio"),
    # the person or the number
    21610: Fault(Blocks, "answered STOP to this sender"),
    21211: Fault(BadNumber, "not a telephone number"),
    21214: Fault(BadNumber, "number cannot be reached"),
    21614: Fault(BadNumber, "not a mobile number"),
    30005: Fault(BadNumber, "number unknown or no longer in use"),
    30006: Fault(BadNumber, "landline, or a carrier that takes no SMS"),
    # the message, the route
    21408: Fault(Rejected, "sending to this country is not switched on"),
    21602: Fault(Rejected, "empty message"),
    21608: Fault(Rejected, "trial account: number not verified"),
    21612: Fault(Rejected, "no route from our sender to this number"),
    21617: Fault(Rejected, "longer than 1600 characters"),
    21619: Fault(Rejected, "empty message"),
    30004: Fault(Rejected, "blocked by the phone or its carrier"),
    30007: Fault(Rejected, "filtered out by the carrier"),
    30010: Fault(Rejected, "costs more than allowed"),
    30034: Fault(Rejected, "sender not registered for this country"),
}

_TOO_MANY = 429
_NO_RIGHT = (401, 403)
_GATEWAY_TIMEOUT = 504
_SERVER_ERRORS = 500
_WAIT_UNSTATED = 5.0  # seconds, where Twilio asks us to slow down without saying for how long


def fault(code: str | None) -> Fault | None:
    """What a provider's code means, as in `Receipt.code` or `SendError.code`; None if unknown."""
    if code is None or not code.isascii() or not code.isdigit():
        return None
    return FAULTS.get(int(code[:9]))


def error_for(status: int, code: object, retry_after: float | None = None) -> SendError:
    """The error of the closed list for a refused request. `retry_after` in seconds."""
    number = code if isinstance(code, int) and not isinstance(code, bool) else status
    known = FAULTS.get(number)
    kind: type[SendError]
    if known is not None:
        kind = known.kind
    elif status == _TOO_MANY:
        kind = Busy
    elif status == _GATEWAY_TIMEOUT:
        kind = TimedOut  # a proxy gave up waiting: the message may have gone
    elif status >= _SERVER_ERRORS or status in _NO_RIGHT:
        kind = Unreachable
    else:
        kind = Rejected
    wait = retry_after if retry_after is not None or kind is not Busy else _WAIT_UNSTATED
    return kind(str(number)[:9], retry_after=wait)
