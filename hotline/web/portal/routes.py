"""Every group of pages of the portal."""

from typing import Final

from hotline.web.routing import Pages

GROUPS: Final[tuple[Pages, ...]] = ()
