"""Migrations for both databases. The address comes from the settings, or from the caller."""

from alembic import context
from sqlalchemy import Connection

from hotline import config
from hotline.db.models import Base
from hotline.db.transaction import make_engine

target_metadata = Base.metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # A migration that cannot get its lock fails instead of blocking people who write.
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        context.run_migrations()


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    url = context.config.get_main_option("sqlalchemy.url") or config.read().database
    engine = make_engine(url)
    with engine.connect() as conn:
        _run(conn)
        if conn.in_transaction():
            conn.commit()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run online only: they must see the database they change.")
run()
