"""Every group of pages of the portal."""

from typing import Final

from hotline.web.portal import board, offer, places
from hotline.web.routing import Pages

GROUPS: Final[tuple[Pages, ...]] = (board.pages, offer.pages, places.pages)
