"""Structured logging: ids and counts, never the words people wrote.

`event(name, **ids)` is the only way our own code logs. Values are checked: only ids, numbers,
booleans and short words of a closed alphabet pass, so a sentence, a name or a telephone number
cannot slip in by mistake.
"""

import logging
import re
import sys

import structlog

_SAFE = re.compile(r"[A-Za-z0-9_.:/\-=]{0,80}")
_DIGITS = re.compile(r"\d{7,}")

_log = structlog.get_logger("hotline")


def setup(level: str = "INFO") -> None:
    """JSON lines on standard error. Libraries that print addresses are silenced."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")
    for name in ("httpx", "httpcore", "telegram", "twilio", "twilio.http_client", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def event(name: str, *, level: str = "info", **fields: object) -> None:
    """Logs `name` with ids and counts. Anything that could be a person's words is cut out."""
    getattr(_log, level)(name, **{key: _clean(value) for key, value in fields.items()})


def failure(name: str, error: BaseException, **fields: object) -> None:
    """Logs the class of an error and where it was raised; never its text, which may quote a
    message."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = "unknown"
    if frame is not None:
        code = frame.tb_frame.f_code
        where = f"{code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"
    event(name, level="error", error=type(error).__name__, where=where, **fields)


def _clean(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    if _SAFE.fullmatch(text) and not _DIGITS.search(text):
        return text
    return "[left out]"
