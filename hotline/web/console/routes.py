"""Every group of pages of the console."""

from typing import Final

from hotline.web.routing import Pages

GROUPS: Final[tuple[Pages, ...]] = ()
