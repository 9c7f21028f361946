"""One's own account: password, recovery codes, language."""

import asyncio
from typing import Final

from starlette.responses import Response

from hotline.accounts import logins, passwords, users
from hotline.accounts.values import SignedIn, Stage
from hotline.core.errors import Refused
from hotline.web.pagemaker import LANGUAGES
from hotline.web.routing import HALF_WAY, Call, Pages

pages: Final = Pages()


@pages.route("/account", permit="account.own")
async def account(call: Call) -> Response:
    return call.page("public/account.html", codes=())


@pages.route("/account/language", methods=("POST",), permit="account.own")
async def language(call: Call) -> Response:
    chosen = call.form.choice("language", LANGUAGES)
    await call.write(lambda tx: users.set_language(tx, call.actor, chosen))
    call.language = chosen
    said = call.t("account.language_saved", "Your language is saved.")
    return call.redirect(f"/account?lang={chosen}", said=said)


@pages.route("/account/codes", methods=("POST",), permit="account.own")
async def new_codes(call: Call) -> Response:
    """Fresh recovery codes, after the password was given again."""
    await _check_password(call)
    user_id = call.actor.id
    codes = await call.write(
        lambda tx: logins.new_recovery(tx, call.ctx.keys, user_id, now=call.now)
    )
    return call.page("public/account.html", codes=codes)


@pages.route("/account/password", permit=HALF_WAY)
async def ask_password(call: Call) -> Response:
    _only_with_both_factors(call)
    return call.page("public/password.html", wrong="")


@pages.route("/account/password", methods=("POST",), permit=HALF_WAY)
async def change_password(call: Call) -> Response:
    """The old password, then a new one twice."""
    signed_in = _only_with_both_factors(call)
    new, again = _raw(call, "new"), _raw(call, "again")
    problem = passwords.weakness(new, login=signed_in.login)
    if problem is None and new != again:
        problem = "differs"
    if problem is None and new == _raw(call, "password"):
        problem = "same"
    if problem is None and not await _is_right(call):
        problem = "old"
    if problem is not None:
        return call.page("public/password.html", 422, wrong=problem)
    cost = call.ctx.cost
    new_hash = await asyncio.to_thread(passwords.hash_password, new, cost)
    user_id, keep = signed_in.actor.id, signed_in.token_hash
    await call.write(
        lambda tx: logins.set_password(tx, user_id, new_hash=new_hash, keep=keep, now=call.now)
    )
    said = call.t("account.password_saved", "Your new password is saved.")
    return call.redirect("/account", said=said)


def _only_with_both_factors(call: Call) -> SignedIn:
    signed_in = call.signed_in
    if signed_in is None or signed_in.stage not in {Stage.CHANGE, Stage.IN}:
        raise Refused("Please give your code first.")
    return signed_in


async def _check_password(call: Call) -> None:
    if not await _is_right(call):
        raise Refused("The password is wrong. Nothing was changed.", key="error.password")


async def _is_right(call: Call) -> bool:
    """Asked again before anything that could lock the owner out; counted like a sign-in."""
    ctx, now, address = call.ctx, call.now, call.address
    login = call.signed_in.login if call.signed_in else ""
    attempt = await ctx.store.awrite(
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
    right = await asyncio.to_thread(passwords.verify, attempt.stored, _raw(call, "password"))
    if not right or attempt.wait_until is not None:
        return False
    await ctx.store.awrite(lambda tx: logins.forgive_try(tx, attempt, now=now))
    return True


def _raw(call: Call, name: str) -> str:
    """Blanks at the ends belong to a password."""
    found = call.form.all(name)
    return found[0] if found else ""
