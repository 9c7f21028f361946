"""An open entry becomes worse or stays; it never becomes better or louder by itself."""

import pytest

from hotline.screening.queueing import QueueClass, worse_of

LOUD_P0 = QueueClass("P0", silent=False)
SILENT_P0 = QueueClass("P0", silent=True)
P2, P3 = QueueClass("P2", silent=False), QueueClass("P3", silent=False)
QUIET = QueueClass(None, silent=True)


@pytest.mark.parametrize(
    ("entry", "later", "becomes"),
    [
        (P2, LOUD_P0, LOUD_P0),
        (LOUD_P0, P3, LOUD_P0),
        (P2, P3, P2),
        (LOUD_P0, QUIET, SILENT_P0),
        (SILENT_P0, P3, SILENT_P0),
        (P3, QUIET, QueueClass("P3", silent=True)),
        (QUIET, QUIET, QUIET),
        (QUIET, P2, P2),
        (QUIET, SILENT_P0, SILENT_P0),
        (P2, P2, P2),
    ],
)
def test_worse_of(entry, later, becomes):
    assert worse_of(entry, later) == becomes
