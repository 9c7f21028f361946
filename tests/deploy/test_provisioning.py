"""What the other tests stand on does what it says: databases of one's own, and a shut network."""

import socket

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.conftest import NetworkShutError
from tests.support import postgres
from tests.support.databases import Databases


def test_databases_do_not_see_each_other(empty_database_url: str, databases: Databases):
    backend = "sqlite" if empty_database_url.startswith("sqlite") else "postgresql"
    other = databases.empty(backend)
    try:
        for url, rows in ((empty_database_url, 2), (other, 1)):
            engine = create_engine(url)
            with engine.begin() as connection:
                connection.execute(text("create table t (n integer)"))
                for n in range(rows):
                    connection.execute(text("insert into t values (:n)"), {"n": n})
            with engine.connect() as connection:
                assert connection.execute(text("select count(*) from t")).scalar() == rows
            engine.dispose()
    finally:
        databases.drop(other)


def test_postgresql_listens_on_no_port(databases: Databases):
    with psycopg.connect(databases.cluster().conninfo("postgres")) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)


def test_the_wheel_can_stand_in_for_debians_postgresql(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PG_SOURCE", "wheel")
    cluster = postgres.start()
    try:
        assert "pginstall" in str(cluster.binaries)
        with psycopg.connect(cluster.conninfo("postgres")) as connection:
            version = connection.execute("show server_version_num").fetchone()
        assert version is not None
        assert int(version[0]) >= 150000
    finally:
        cluster.stop()
    assert not cluster.home.exists()


def test_binaries_in_a_private_folder_are_copied_with_their_libraries(
    monkeypatch: pytest.MonkeyPatch,
):
    """As in a clone under a private home: the server's own user could not read them there."""
    if postgres.owner() is None:
        pytest.skip("only root has a server that runs as somebody else")
    monkeypatch.setenv("PG_SOURCE", "wheel")
    monkeypatch.setattr(postgres, "_open_to_all", lambda folder: "pginstall" not in str(folder))
    cluster = postgres.start()
    try:
        assert cluster.binaries.is_relative_to(cluster.home)
        with psycopg.connect(cluster.conninfo("postgres")) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        cluster.stop()


def test_an_unknown_source_of_postgresql_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PG_SOURCE", "docker")
    with pytest.raises(postgres.PostgresMissingError, match="PG_SOURCE"):
        postgres.find_binaries()


def test_a_missing_postgresql_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
):
    monkeypatch.setenv("PG_SOURCE", "debian")
    monkeypatch.setenv("PGBIN", str(tmp_path))
    monkeypatch.setattr("pathlib.Path.glob", lambda *_: iter(()))
    with pytest.raises(postgres.PostgresMissingError, match="'postgresql'"):
        postgres.find_binaries()


def test_no_test_reaches_another_machine():
    with socket.socket() as outward, pytest.raises(NetworkShutError, match=r"192\.0\.2\.1"):
        outward.connect(("192.0.2.1", 443))


def test_loopback_stays_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
