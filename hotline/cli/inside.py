"""Who is inside which step just now, for the linter: counts of places, no person."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from hotline.cli import parts
from hotline.cli.console import progress
from hotline.config import WrongSetting
from hotline.conversation.repository import sessions
from hotline.db.transaction import DatabaseAway, Store, make_engine


def waiting() -> Mapping[str, int]:
    """Step -> people who wait there. Empty where there is no database, which is said aloud when
    one is set and does not answer."""
    try:
        settings = parts.settings()
    except WrongSetting:
        return {}
    address = sa.make_url(settings.database)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return {}
    store = Store(make_engine(settings.database))
    counts: Counter[str] = Counter()
    try:
        for _revision, flow, step, people in store.read(sessions.inside):
            counts[f"{flow}.{step}"] += people
    except (DatabaseAway, sa.exc.DBAPIError) as away:
        progress(f"Live conversations were not looked at: {type(away).__name__}.")
        return {}
    finally:
        store.close()
    return counts
