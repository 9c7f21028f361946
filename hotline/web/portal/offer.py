"""One request: the preview, the decision, and everything after it.

Addresses carry the row's id and nothing else; titles are the same for every request.
"""

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from hotline.core.errors import Conflict, Invalid
from hotline.db.transaction import Tx
from hotline.referrals.rules.codes import DECLINE, OUTCOME, WITHOUT_CONTACT
from hotline.referrals.service import partner
from hotline.web.portal.naming import moment, namer
from hotline.web.routing import Call, Pages

pages: Final = Pages()

_HIGHEST: Final = 2**31 - 1
_LONGEST: Final = 10  # digits


@pages.route("/portal/o/{id}", permit="preview.read")
async def show(call: Call) -> Response:
    """Reading is audited, so showing the page writes."""
    offer_id = call.path("id")
    found = await call.ctx.store.awrite(
        lambda tx: partner.opened(tx, call.ctx.keys, call.actor, offer_id, now=call.now)
    )
    return _page(call, "portal/offer.html", found)


@pages.route("/portal/o/{id}/accept", permit="referral.answer")
async def ask_accept(call: Call) -> Response:
    found = await _load(call, "accept")
    return _page(call, "portal/accept.html", found)


@pages.route("/portal/o/{id}/accept", methods=("POST",), permit="referral.answer")
async def accept(call: Call) -> Response:
    offer_id, version = call.path("id"), _version(call)
    await call.write(
        lambda tx: partner.accept(
            tx, call.ctx.keys, call.actor, offer_id, version=version, now=call.now
        )
    )
    return _back(call, call.t("portal.said.accepted", "Accepted. Thank you. It is yours now."))


@pages.route("/portal/o/{id}/decline", permit="referral.answer")
async def ask_decline(call: Call) -> Response:
    found = await _load(call, "decline")
    return _page(call, "portal/decline.html", found, DECLINE)


@pages.route("/portal/o/{id}/decline", methods=("POST",), permit="referral.answer")
async def decline(call: Call) -> Response:
    offer_id, version = call.path("id"), _version(call)
    reason = call.form.choice("reason", DECLINE)
    await call.write(
        lambda tx: partner.decline(
            tx, call.ctx.keys, call.actor, offer_id,
            reason=reason, version=version, now=call.now,
        )
    )  # fmt: skip
    said = call.t("portal.said.declined", "Declined. Thank you for the quick answer.")
    return call.redirect("/portal", said=said)


@pages.route("/portal/o/{id}/outcome", permit="referral.answer")
async def ask_outcome(call: Call) -> Response:
    found = await _load(call, "complete")
    early = found.card.state == "CONTACT_ATTEMPTED"
    offered = WITHOUT_CONTACT if early else OUTCOME
    return _page(call, "portal/outcome.html", found, offered)


@pages.route("/portal/o/{id}/outcome", methods=("POST",), permit="referral.answer")
async def outcome(call: Call) -> Response:
    offer_id, version = call.path("id"), _version(call)
    chosen = call.form.choice("outcome", OUTCOME)
    await call.write(
        lambda tx: partner.complete(
            tx, call.ctx.keys, call.actor, offer_id,
            outcome=chosen, version=version, now=call.now,
        )
    )  # fmt: skip
    return _back(call, call.t("portal.said.outcome", "Thank you. The outcome was saved."))


@pages.route("/portal/o/{id}/arrived", methods=("POST",), permit="referral.answer")
async def arrived(call: Call) -> Response:
    offer_id, version = call.path("id"), _version(call)
    code = call.form.required("code", longest=12)
    await call.write(
        lambda tx: partner.arrived(
            tx, call.ctx.keys, call.actor, offer_id,
            code=code, version=version, now=call.now,
        )
    )  # fmt: skip
    return _back(call, call.t("portal.said.saved", "Saved."))


@pages.route("/portal/o/{id}/deleted", methods=("POST",), permit="referral.answer")
async def deleted(call: Call) -> Response:
    offer_id = call.path("id")
    await call.write(lambda tx: partner.state_deletion(tx, call.actor, offer_id, now=call.now))
    said = call.t("portal.said.deleted", "Thank you. Your statement was saved.")
    return call.redirect("/portal", said=said)


@pages.route("/portal/o/{id}/receipt", methods=("POST",), permit="referral.answer")
async def receipt(call: Call) -> Response:
    return await _step(call, partner.receipt)


@pages.route("/portal/o/{id}/attempt", methods=("POST",), permit="referral.answer")
async def attempt(call: Call) -> Response:
    return await _step(call, partner.attempt)


@pages.route("/portal/o/{id}/contact", methods=("POST",), permit="referral.answer")
async def contact(call: Call) -> Response:
    return await _step(call, partner.contact)


@pages.route("/portal/o/{id}/start", methods=("POST",), permit="referral.answer")
async def start(call: Call) -> Response:
    return await _step(call, partner.start)


# ------------------------------------------------------------------------ inside


async def _step(call: Call, step: Callable[..., None]) -> Response:
    offer_id, version = call.path("id"), _version(call)

    def work(tx: Tx) -> None:
        step(tx, call.ctx.keys, call.actor, offer_id, version=version, now=call.now)

    await call.write(work)
    return _back(call, call.t("portal.said.saved", "Saved."))


async def _load(call: Call, action: str) -> partner.OfferPage:
    """The request, if `action` is possible now; otherwise the reader is told so."""
    offer_id = call.path("id")
    found = await call.read(
        lambda tx: partner.page(tx, call.ctx.keys, call.actor, offer_id, now=call.now)
    )
    if action not in found.actions:
        raise Conflict(
            "This step is not possible any more. Nothing was changed.", key="error.referral.step"
        )
    return found


def _version(call: Call) -> int:
    """What the reader saw when she decided. Raises `Invalid` for a form that is not ours."""
    text = call.form.get("version")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST) or int(text) > _HIGHEST:
        raise Invalid("The form is incomplete. Nothing was changed.")
    return int(text)


def _page(
    call: Call, template: str, found: partner.OfferPage, codes: tuple[str, ...] = ()
) -> Response:
    return call.page(template, offer=found, name=namer(call), moment=moment, codes=codes)


def _back(call: Call, said: str) -> Response:
    return call.redirect(f"/portal/o/{call.path('id')}", said=said)
