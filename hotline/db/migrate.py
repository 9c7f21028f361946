"""Brings a database to the newest schema with Alembic; the same chain for both databases."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hotline.db.transaction import make_engine

ROOT = Path(__file__).resolve().parents[2]


def config_for(url: str) -> Config:
    """Alembic's settings for one database. Percent signs are doubled for its parser."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic").replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Applies what is missing. Raises what the database raises."""
    path = _sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(config_for(url), revision)


def pending(url: str) -> list[str]:
    """Migrations not yet applied, oldest first; empty when the schema is the newest."""
    script = ScriptDirectory.from_config(config_for(url))
    engine = make_engine(url)
    try:
        with engine.connect() as conn:
            current = MigrationContext.configure(conn).get_current_revision()
    finally:
        engine.dispose()
    waiting = [s.revision for s in script.iterate_revisions("head", current or "base")]
    return list(reversed(waiting))


def _sqlite_path(url: str) -> Path | None:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url == prefix or ":memory:" in url:
        return None
    return Path(url.removeprefix(prefix))
