"""How far a provider's own log has been read."""

from hotline.conversation.repository import cursors
from hotline.db.transaction import Tx


def value(tx: Tx, name: str) -> str | None:
    return cursors.value(tx, name)


def advance(tx: Tx, name: str, new: str) -> None:
    """Written only after everything up to it is safe in the inbox."""
    cursors.store(tx, name, new)
