"""Errors for people at a screen. Errors of sending live in `hotline.channels.base`.

    HotlineError(message, status)
    |- NotFound   404
    |- Refused    403
    |- Conflict   409
    `- Invalid    422

`web/errors.py` renders them; nothing about them is logged but the class name. A message says what
happened and what was kept, in English; `key` names the translated text shown to staff.
"""


class HotlineError(Exception):
    """A request that cannot be done, said in words a person can act on."""

    status = 500
    key = "error.unexpected"

    def __init__(self, message: str = "", *, key: str | None = None, **args: str) -> None:
        super().__init__(message or self.__class__.__name__)
        self.message = message
        self.key = key or self.key
        self.args_for_text = args


class NotFound(HotlineError):
    status = 404
    key = "error.not_found"


class Refused(HotlineError):
    status = 403
    key = "error.refused"


class Conflict(HotlineError):
    """The thing changed since it was read; what was typed is kept and shown again."""

    status = 409
    key = "error.conflict"


class Invalid(HotlineError):
    status = 422
    key = "error.invalid"
