"""How much one person, or somebody who plays with us, can make us send.

Counted in this process alone: it needs no row, and a cap that is a little higher with several
processes does its work as well. What is written is always kept, read and acted upon; only the
answers to a flood of messages are left out.
"""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

LIMITS = ((timedelta(minutes=1), 120), (timedelta(hours=1), 1000))
"""Lines in answer to one contact: far more than the quickest pair of thumbs needs."""

_REMEMBERED = 4096  # contacts; the ones longest silent are forgotten first


class Flood:
    """May be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, deque[datetime]] = OrderedDict()

    def allows(self, contact_id: str, *, now: datetime) -> bool:
        """Counts one more line; False when it would be too many."""
        with self._lock:
            times = self._sent.setdefault(contact_id, deque(maxlen=LIMITS[-1][1]))
            self._sent.move_to_end(contact_id)
            if len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)
            for span, most in LIMITS:
                if len(times) >= most and now - times[-most] < span:
                    return False
            times.append(now)
            return True
