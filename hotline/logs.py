"""Structured logging: ids and counts, never the words people wrote.

`event(name, **ids)` is the only way our own code logs. Values are checked: only ids, numbers,
booleans and short words of a closed alphabet pass, so a sentence, a name or a telephone number
cannot slip in by mistake.
"""

import json
import logging
import re
import sys
import threading
from contextlib import suppress
from types import TracebackType

import structlog
from typing_extensions import override

_SAFE = re.compile(r"[A-Za-z0-9_.:/\-=]{0,80}")
_DIGITS = re.compile(r"\d{7,}")

_BIGGEST_COUNT = 10_000_000  # chat ids and telephone numbers are larger than any count of ours

_log = structlog.get_logger("hotline")


class Terse(logging.Formatter):
    """What a library logs, without its words: a traceback, and many a message, quotes what went
    wrong in full, and with it what a person wrote. Only the web server's own one-line complaints
    (an address that is taken) are kept, for whoever starts it."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        said: dict[str, object] = {
            "logger": record.name,
            "level": record.levelname.lower(),
            "where": f"{record.filename}:{record.lineno}",
        }
        if error is not None:
            said |= {"error": type(error).__name__, "raised": _raised(error)}
        elif record.name == "uvicorn.error":
            text = str(record.msg) % record.args if record.args else str(record.msg)
            said["message"] = _DIGITS.sub("[digits]", text.partition("\n")[0][:200])
        return json.dumps({"event": "library", **said}, ensure_ascii=True)


def setup(level: str = "INFO") -> None:
    """JSON lines on standard error. Libraries that print addresses are silenced."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Terse())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _last_words
    threading.excepthook = lambda args: failure("thread.died", args.exc_value or Exception())
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
    """Logs `name` with ids and counts. Anything that could be a person's words is cut out.

    Never raises: a log that cannot be written (a full disk, a closed pipe) must not undo a turn.
    """
    with suppress(Exception):
        getattr(_log, level)(name, **{key: _clean(value) for key, value in fields.items()})


def failure(name: str, error: BaseException, **fields: object) -> None:
    """Logs the class of an error and where it was raised; never its text, which may quote a
    message."""
    event(name, level="error", error=type(error).__name__, where=_raised(error), **fields)


def _raised(error: BaseException) -> str:
    """File and line where an error was raised."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A process that dies says where and of what, not with which words in hand."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    failure("process.died", error)


def _clean(value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _BIGGEST_COUNT else "[left out]"
    text = str(value)
    if _SAFE.fullmatch(text) and not _DIGITS.search(text):
        return text
    return "[left out]"
