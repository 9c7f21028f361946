"""For auditor and administrator: who did what, and who has an account. No content anywhere."""

from typing import Any, Final

from starlette.responses import Response

from hotline.accounts import users
from hotline.accounts.doors import permit
from hotline.audit import service as audit
from hotline.audit.tags import TAGS
from hotline.db.transaction import Tx
from hotline.web.console import base, labels
from hotline.web.routing import Call, Pages

pages: Final = Pages()

_PAGE: Final = 100


@pages.route("/console/audit", permit="audit.read")
async def log(call: Call) -> Response:
    """The newest rows of the audit; reading it is a row of its own."""
    tag = call.query("tag")
    tag = tag if tag in TAGS else ""
    before = call.query("before")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 15 else None  # noqa: PLR2004

    def work(tx: Tx) -> tuple[Any, ...]:
        permit(call.actor, "audit.read")
        audit.record(
            tx, tag="access:audit:read", actor=call.actor, object_kind="audit", object_id="log",
            now=call.now,
        )  # fmt: skip
        rows = audit.latest(tx, limit=_PAGE, before=start, tag=tag or None)
        known = base.aliases(tx, {row.link.actor for row in rows if len(row.link.actor) >= 20})  # noqa: PLR2004
        return rows, known

    rows, known = await call.write(work)
    roles = labels.roles(call.t)
    others = {
        "person": call.t("console.audit.person", "a person"),
        "system": call.t("console.audit.system", "the program"),
    }
    return call.page(
        "console/audit.html",
        rows=[
            {
                "number": row.link.number,
                "at": base.moment(call, row.link.at),
                "who": known.get(row.link.actor) or others.get(row.link.actor) or row.link.actor,
                "role": roles.get(row.link.role or "", ""),
                "tag": row.link.tag,
                "meaning": base.said(
                    call, "audit." + row.link.tag.replace(":", "."), english=TAGS.get(row.link.tag)
                ),
                "object": f"{row.link.object_kind} {row.link.object_id}",
                "reason": row.link.reason or "",
                "result": row.link.result,
            }
            for row in rows
        ],
        tags=sorted(TAGS),
        tag=tag,
        older=rows[-1].seq if len(rows) == _PAGE else None,
        checked=None,
    )


@pages.route("/console/audit/verify", methods=("POST",), permit="audit.read")
async def verify(call: Call) -> Response:
    """Recomputes every chain; names the first row that does not fit."""

    def work(tx: Tx) -> tuple[Any, ...]:
        permit(call.actor, "audit.read")
        return audit.verify(tx), audit.heads(tx)

    bad, heads = await call.read(work)
    return call.page(
        "console/audit.html", rows=[], tags=sorted(TAGS), tag="", older=None,
        checked={"bad": bad, "rows": sum(n for n, _ in heads.values()), "chains": len(heads)},
    )  # fmt: skip


@pages.route("/console/users", permit="users.propose")
async def accounts(call: Call) -> Response:
    """Read only: accounts are changed on the command line, where two people stand by."""
    found, sites = await call.read(lambda tx: (users.listed(tx), users.sites(tx)))
    places = {s.id: s.name.get(call.language) or s.name.get("ru") or s.code for s in sites}
    roles = labels.roles(call.t)
    return call.page(
        "console/users.html",
        rows=[
            {
                "login": u.login,
                "alias": u.alias,
                "role": roles.get(u.role, u.role),
                "site": places.get(u.site_id or "", ""),
                "enrolled": u.is_enrolled,
                "disabled": u.disabled_at is not None,
                "on_shift": u.on_shift,
            }
            for u in found
        ],
    )
