"""Signing in: password, second factor, setting it up, signing out."""

import asyncio
import io
import re
from typing import Final

import segno
from starlette.responses import RedirectResponse, Response

from hotline.accounts import logins, passwords
from hotline.accounts.values import Stage
from hotline.core.errors import NotFound
from hotline.web import security
from hotline.web.endpoint import LOGIN, STAGE_PAGES
from hotline.web.routing import HALF_WAY, PUBLIC, Call, Pages

pages: Final = Pages()

_NEXT: Final = re.compile(r"/[A-Za-z0-9_-][A-Za-z0-9/_-]{0,200}")
HOMES: Final = {"OP": "/console", "SO": "/console", "CO": "/console", "NG": "/portal"}
"""Where a role begins its work; others begin at their account."""

_hashing: Final = asyncio.Semaphore(2)
"""Checking a password takes much memory: two at a time are enough for an office."""


@pages.route("/sign-in", permit=PUBLIC)
async def ask(call: Call) -> Response:
    if call.signed_in is not None:
        return RedirectResponse(_onward(call, ""), 303)
    return call.page("public/sign_in.html", login="", onward=call.query("next"), wrong="")


@pages.route("/sign-in", methods=("POST",), permit=PUBLIC)
async def check(call: Call) -> Response:
    """The same work, the same time and the same words, whether or not the account exists."""
    ctx, now, address = call.ctx, call.now, call.address
    login, password = call.form.get("login"), _password(call, "password")
    attempt = await call.ctx.store.awrite(
        lambda tx: logins.begin(
            tx,
            ctx.keys,
            login=login,
            address=address,
            now=now,
            cost=ctx.cost,
            with_demo=ctx.settings.demo,
        )
    )
    async with _hashing:
        right = await asyncio.to_thread(passwords.verify, attempt.stored, password)
    token = await call.ctx.store.awrite(
        lambda tx: logins.finish(tx, ctx.keys, attempt, right=right, now=now)
    )
    onward = call.form.get("next")
    if token is None:
        wrong = "wait" if attempt.wait_until else "wrong"
        status = 429 if attempt.wait_until else 403
        return call.page(
            "public/sign_in.html", status, login=login[:60], onward=onward, wrong=wrong
        )
    query = f"?next={onward}" if _NEXT.fullmatch(onward) else ""
    response = RedirectResponse(f"/sign-in/code{query}", 303)
    security.set_cookie(response, LOGIN, token, is_https=ctx.is_https)
    return response


@pages.route("/sign-in/code", permit=HALF_WAY)
async def ask_code(call: Call) -> Response:
    elsewhere = _elsewhere(call, Stage.CODE)
    return elsewhere or call.page("public/code.html", onward=call.query("next"), wrong="")


@pages.route("/sign-in/code", methods=("POST",), permit=HALF_WAY)
async def check_code(call: Call) -> Response:
    return _elsewhere(call, Stage.CODE) or await _pass(call, "public/code.html")


@pages.route("/sign-in/enrol", permit=HALF_WAY)
async def ask_enrolment(call: Call) -> Response:
    """The first sign-in: the secret as a picture and as letters, and a first code."""
    elsewhere = _elsewhere(call, Stage.ENROL)
    if elsewhere is not None:
        return elsewhere
    secret, _ = await _enrolment(call)
    return call.page("public/enrol.html", secret=_grouped(secret), onward="", wrong="")


@pages.route("/sign-in/enrol", methods=("POST",), permit=HALF_WAY)
async def check_enrolment(call: Call) -> Response:
    elsewhere = _elsewhere(call, Stage.ENROL)
    if elsewhere is not None:
        return elsewhere
    secret, _ = await _enrolment(call)
    return await _pass(call, "public/enrol.html", secret=_grouped(secret))


@pages.route("/sign-in/enrol.svg", permit=HALF_WAY)
async def picture(call: Call) -> Response:
    """The QR code. A page may not hold pictures inside itself, so it is served beside it."""
    if _elsewhere(call, Stage.ENROL) is not None:
        raise NotFound
    _, address = await _enrolment(call)
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=6, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@pages.route("/sign-out", methods=("POST",), permit=HALF_WAY)
async def sign_out(call: Call) -> Response:
    ctx, token, now = call.ctx, call.session, call.now
    await call.write(lambda tx: logins.sign_out(tx, ctx.keys, token, now=now))
    response = call.redirect("/sign-in")
    security.drop_cookie(response, LOGIN, is_https=ctx.is_https)
    return response


async def _pass(call: Call, template: str, **values: str) -> Response:
    ctx, token, now, address = call.ctx, call.session, call.now, call.address
    code = call.form.get("code")[:60]
    passed = await call.ctx.store.awrite(
        lambda tx: logins.pass_factor(tx, ctx.keys, token, code, address=address, now=now)
    )
    onward = call.form.get("next")
    if passed.token is None:
        status = 429 if passed.problem == "wait" else 403
        return call.page(template, status, onward=onward, wrong=passed.problem, **values)
    if passed.recovery:
        response = call.page("public/recovery.html", codes=passed.recovery, onward=onward)
    else:
        response = RedirectResponse(_onward(call, onward), 303)
    security.set_cookie(response, LOGIN, passed.token, is_https=ctx.is_https)
    return response


async def _enrolment(call: Call) -> tuple[str, str]:
    ctx, token, now = call.ctx, call.session, call.now
    found = await call.ctx.store.awrite(lambda tx: logins.enrolment(tx, ctx.keys, token, now=now))
    if found is None:
        raise NotFound
    return found


def _elsewhere(call: Call, stage: Stage) -> Response | None:
    """Sends somebody who is at another stage to where she belongs."""
    signed_in = call.signed_in
    if signed_in is None or signed_in.stage is stage:
        return None
    return RedirectResponse(_onward(call, ""), 303)


def _onward(call: Call, asked: str) -> str:
    """The next page after this stage. Only paths of our own are followed."""
    signed_in = call.signed_in
    if signed_in is None:
        return "/sign-in"
    if signed_in.stage is Stage.ENROL or (signed_in.stage is Stage.CHANGE):
        return STAGE_PAGES[signed_in.stage]
    if _NEXT.fullmatch(asked) and not asked.startswith("/sign-in"):
        return asked
    return HOMES.get(signed_in.actor.role or "", "/account")


def _password(call: Call, name: str) -> str:
    """Blanks at the ends belong to a password."""
    found = call.form.all(name)
    return found[0] if found else ""


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
