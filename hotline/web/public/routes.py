"""Every group of public pages."""

from typing import Final

from hotline.web.public import account, health, signin, simulator, start
from hotline.web.routing import Pages

GROUPS: Final[tuple[Pages, ...]] = (
    start.pages,
    health.pages,
    signin.pages,
    account.pages,
    simulator.pages,
)
