"""Every group of pages of the console."""

from typing import Final

from hotline.web.console import flowpage, judging, queue, records, refer, steps, supervise, talk
from hotline.web.routing import Pages

GROUPS: Final[tuple[Pages, ...]] = (
    queue.pages,
    talk.pages,
    steps.pages,
    judging.pages,
    refer.pages,
    supervise.pages,
    records.pages,
    flowpage.pages,
)
