"""The demonstration: the same application with phones of its own instead of providers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hotline import library
from hotline.accounts import demo as demo_accounts
from hotline.accounts.demo import DemoAccount
from hotline.bootstrap import app as apps, clock as clocks
from hotline.bootstrap.app import App
from hotline.bootstrap.content import Content
from hotline.config import Settings
from hotline.db.transaction import Tx
from hotline.referrals import service as referrals
from hotline.web.phones import Phones

__all__ = ["DemoAccount", "build", "seed"]


def build(
    settings: Settings,
    content: Content,
    *,
    tell: Callable[[str], None] | None = None,
    read: Callable[..., Any] | None = None,
    clock: Callable[[], Any] | None = None,
) -> App:
    """An application whose channels are the phones of the simulator page."""
    made: list[App] = []

    def wake() -> None:
        for app in made:
            app.hub.wake()

    phones = Phones(
        Path(settings.data_dir) / "phones",
        clock=clock or clocks.now,
        wake=wake,
    )
    more: dict[str, Any] = {} if clock is None else {"clock": clock}
    app = apps.build(
        settings, content=content, channels=phones.channels(), tell=tell, read=read, **more
    )
    app.phones = phones
    made.append(app)
    return app


def seed(app: App) -> tuple[DemoAccount, ...]:
    """Demonstration sites, partners, services and accounts; adds only what is missing."""
    root = app.content.files.root
    staff = demo_accounts.read(root)
    directory = library.read_file(root / "demo" / "directory.yaml", root=root)

    def work(tx: Tx) -> tuple[DemoAccount, ...]:
        now = app.clock()
        found = referrals.seed_demo_partners(tx, directory, now=now)
        names = {str(p["code"]): str(p["name"]["ru"]) for p in directory["partners"]}
        partners = {code: (partner_id, names[code]) for code, partner_id in found.items()}
        return demo_accounts.seed_demo(tx, app.keys, staff, partners=partners, now=now)

    return app.store.write(work)
