"""Headers, cookies, form tokens and size limits: what holds for every answer."""

import base64
import binascii
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline.crypto import KeyRing, new_token, same

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), "
        "encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), publickey-credentials-get=(), "
        "screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
    ),
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""Operations.md 8.11. A page may not weaken them; only static files may be kept by the browser."""


class SecurityHeaders:
    """Puts the headers on every answer, errors and streams included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = headers.get("Cache-Control") if scope.get("may_keep") else None
                for name, value in HEADERS.items():
                    headers[name] = value
                if kept:
                    headers["Cache-Control"] = kept
            await send(message)

        await self.app(scope, receive, with_headers)


class TooLarge(Exception):
    """The body is larger than allowed: answered with 413, nothing read further."""


def limited(request: Request, limit: int) -> Request:
    """The same request, whose body may have at most `limit` bytes, whatever it says of itself.

    Raises `TooLarge`, here or while the body is read.
    """
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > limit:
        raise TooLarge
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge
        return message

    return Request(request.scope, receive)


# ------------------------------------------------------------------ cookies


def cookie_name(name: str, *, is_https: bool) -> str:
    """`__Host-` cookies cannot be planted by a neighbouring site; they need https."""
    return f"__Host-{name}" if is_https else name


def set_cookie(
    response: Response, name: str, value: str, *, is_https: bool, seconds: int | None = None
) -> None:
    response.set_cookie(
        cookie_name(name, is_https=is_https),
        value,
        max_age=seconds,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="strict",
    )


def drop_cookie(response: Response, name: str, *, is_https: bool) -> None:
    response.delete_cookie(
        cookie_name(name, is_https=is_https),
        path="/",
        secure=is_https,
        httponly=True,
        samesite="strict",
    )


def get_cookie(request: Request, name: str, *, is_https: bool) -> str:
    return request.cookies.get(cookie_name(name, is_https=is_https), "")


def sign(keys: KeyRing, text: str, purpose: str) -> str:
    """`text` in a form that a cookie can carry and nobody else can make."""
    body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{body}.{keys.form_token(body, purpose)}"


def signed(keys: KeyRing, value: str, purpose: str) -> str | None:
    """What was signed, or None."""
    body, _, mac = value.partition(".")
    if not body.isascii() or not mac.isascii() or not same(mac, keys.form_token(body, purpose)):
        return None
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


# ------------------------------------------------------------------ forms


def new_visit(keys: KeyRing) -> str:
    """The signed cookie of somebody who has not signed in: its form tokens hang on it."""
    return sign(keys, new_token(), "visit")


def form_token(keys: KeyRing, session: str) -> str:
    """The token every form carries. `session` is the login token, or the visit cookie."""
    return keys.form_token(session, "form")


def is_from_here(request: Request, given: str, keys: KeyRing, session: str) -> bool:
    """Whether a change was asked for by one of our own pages."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    return bool(session) and given.isascii() and same(given, form_token(keys, session))
