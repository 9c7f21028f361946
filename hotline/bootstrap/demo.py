"""The demonstration: the same application with phones of its own instead of providers."""

from collections.abc import Callable
from typing import Any

from hotline import crypto
from hotline.accounts import demo as demo_accounts
from hotline.accounts.demo import DemoAccount
from hotline.bootstrap import app as apps
from hotline.bootstrap.app import App
from hotline.bootstrap.content import Content
from hotline.channels.base import Channel, ChannelName
from hotline.channels.simulator import Simulator
from hotline.config import Settings
from hotline.db.transaction import Tx
from hotline.web.public.phones import Phones

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
    phones = Phones.in_folder(settings)
    channels: dict[str, Channel] = {
        mode.value: Simulator(
            mode,
            secret=crypto.new_token(),
            on_send=phones.on_send(mode),
            on_delete=phones.on_delete(mode),
            new_id=crypto.new_id,
        )
        for mode in ChannelName
    }
    more: dict[str, Any] = {} if clock is None else {"clock": clock}
    return apps.build(settings, content=content, channels=channels, tell=tell, read=read, **more)


def seed(app: App) -> tuple[DemoAccount, ...]:
    """Demonstration sites, partners, services and accounts; adds only what is missing."""
    staff = demo_accounts.read(app.content.files.root)

    def work(tx: Tx) -> tuple[DemoAccount, ...]:
        now = app.clock()
        partners: dict[str, tuple[str, str]] = {}
        return demo_accounts.seed_demo(tx, app.keys, staff, partners=partners, now=now)

    return app.store.write(work)
