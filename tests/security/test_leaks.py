"""A unique marker goes through every path; it is looked for in every sink (operations.md 8.8)."""

import asyncio
import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotline import logs
from hotline.config import Settings
from hotline.conversation.service import turn
from hotline.core.reading import Heard, Kind
from hotline.crypto import KeyRing, KeysUnusable, Place, new_key_file, parse_keys
from hotline.db.transaction import Store, make_engine
from tests.support.databases import Databases
from tests.support.world import World

CANARY = "канарейка-зяблик-73519"
NUMBER = "+996700735190"


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Standard error as `hotline serve` sets it up; everything is put back afterwards."""
    text = io.StringIO()
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, sys.excepthook)
    monkeypatch.setattr(sys, "stderr", text)
    import threading

    hook = threading.excepthook
    logs.setup("DEBUG")
    yield text
    root.handlers[:], root.level, sys.excepthook = kept
    threading.excepthook = hook
    logging.captureWarnings(capture=False)


async def test_what_people_write_is_in_no_log_whatever_breaks(
    world: World, sink: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = world.phone(NUMBER, "sms")
    await phone.says("здравствуйте")
    await phone.says(f"меня зовут {CANARY}")
    monkeypatch.setattr(turn, "finish", _quotes)
    await phone.says(f"я {CANARY}")
    monkeypatch.undo()

    async def lost() -> None:
        raise ValueError(f"{CANARY} {NUMBER}")

    task = asyncio.get_running_loop().create_task(lost())
    await asyncio.sleep(0)
    del task
    import gc

    gc.collect()
    try:
        await lost()
    except ValueError as error:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        logging.getLogger("apscheduler").error("Job %s raised %s", CANARY, error)  # noqa: TRY400
        logs.failure("x", error, words=CANARY, chat=735190735190)
        sys.excepthook(ValueError, error, error.__traceback__)
    written = sink.getvalue()
    assert "ValueError" in written
    for piece in (CANARY, "канарейка", "735190", NUMBER):
        assert piece not in written
    for line in written.splitlines():
        json.loads(line)  # every line is one of ours or in our form


def _quotes(*_: Any, **__: Any) -> None:
    raise ValueError(f"cannot understand {CANARY} of {NUMBER}")


async def test_a_log_that_cannot_be_written_breaks_no_turn(world: World, sink: io.StringIO) -> None:
    phone = world.phone()
    logs.event("made.first")
    sink.close()
    await phone.says("здравствуйте")
    await phone.says("да")
    assert len(phone.heard) >= 2
    assert all_of(world, "select count(*) from inbox where state <> 'handled'")[0][0] == 0


def test_an_error_of_the_database_does_not_quote_the_values(database_url: str) -> None:
    store = Store(make_engine(database_url))
    try:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the database raises
            store.write(
                lambda tx: tx.conn.execute(
                    sa.text("insert into no_such_table values (:a)"), {"a": CANARY}
                )
            )
        seen: BaseException | None = caught.value
        while seen is not None:
            assert CANARY not in str(seen)
            seen = seen.__cause__
    finally:
        store.close()


def test_settings_never_show_their_secrets() -> None:
    settings = Settings(
        telegram_token="1:secret", keys="root k1 secret", twilio_auth_token="secret",
        telegram_secret="secret", database_url="postgresql://u:secret@h/d",
    )  # fmt: skip
    assert "secret" not in f"{settings!r} {settings}"


async def test_deleted_data_are_not_left_in_the_files_of_sqlite(
    databases: Databases, tmp_path: Path
) -> None:
    """The wrapped key is what must go; while old pages stand in the log it could be put together
    again by whoever has the key file."""
    url = databases.fresh("sqlite")
    world = World(url, tmp_path)
    try:
        phone = world.phone(NUMBER, "sms")
        await phone.says("здравствуйте")
        await phone.says("да")
        wraps = [bytes(r[0]) for r in all_of(world, "select wrapped from key_wraps")]
        await phone.says("удалить мои данные")
        await phone.says("1")
        world.clock.on(hours=24, minutes=1)
        await world.tick()
        assert all_of(world, "select count(*) from key_wraps")[0][0] == 0
        path = Path(url.removeprefix("sqlite:///"))
        files = list(path.parent.glob(path.name + "*"))
        assert path in files
        for file in files:
            content = file.read_bytes()
            assert not [w for w in wraps if w in content], file.name
    finally:
        await world.close()
        databases.drop(url)


def all_of(world: World, sql: str) -> list[Any]:
    return list(world.read(lambda tx: tx.conn.execute(sa.text(sql)).all()))


async def test_the_files_of_the_database_are_their_owners_alone(tmp_path: Path) -> None:
    from hotline.db import migrate

    url = f"sqlite:///{tmp_path / 'new' / 'hotline.sqlite3'}"
    migrate.upgrade(url)
    store = Store(make_engine(url))
    try:
        store.write(lambda tx: tx.conn.exec_driver_sql("select 1").scalar())
        files = list((tmp_path / "new").iterdir())
        assert len(files) >= 2
        assert [f.name for f in files if f.stat().st_mode & 0o077] == []
    finally:
        store.close()


def test_secure_delete_is_on(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as conn:
        assert conn.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    engine.dispose()


# ------------------------------------------------------------------------ keys


def test_a_swapped_value_does_not_open_in_another_row_or_column(world: World) -> None:
    keys = world.app.keys
    from hotline.crypto import SealBroken, new_data_key, seal, unseal

    key = new_data_key()
    sealed = seal(key, CANARY, Place("messages", "body", "a"))
    for place in (
        Place("messages", "body", "b"),
        Place("messages", "said", "a"),
        Place("drafts", "body", "a"),
    ):
        with pytest.raises(SealBroken) as caught:
            unseal(key, sealed, place)
        assert CANARY not in str(caught.value)
    wrapped = keys.wrap(key, "one")
    with pytest.raises(SealBroken):
        keys.unwrap(wrapped, "two", keys.current)


def test_a_new_root_key_wraps_and_the_old_one_still_opens() -> None:
    old = parse_keys(_file("root k1 " + _key(1), "index i1 " + _key(9)))
    new = parse_keys(_file("root k1 " + _key(1), "root k2 " + _key(2), "index i1 " + _key(9)))
    data_key = bytes(range(32))
    wrapped = old.wrap(data_key, "a")
    assert new.unwrap(wrapped, "a", old.current) == data_key
    assert new.current == "server:k2"
    sealed = old.seal_own("secret", Place("users", "totp_secret", "u"))
    assert new.unseal_own(sealed, Place("users", "totp_secret", "u")) == "secret"
    again = new.wrap(data_key, "a")
    with pytest.raises(Exception, match="not in the key file"):
        old.unwrap(again, "a", new.current)
    assert old.blind_index("sms", NUMBER) == new.blind_index("sms", NUMBER)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("root k1 {1}", "root k1 {2}", "index i1 {9}"), "twice"),
        (("root k1 {1}", "index i1 {9}", "index i2 {8}"), "second index"),
        (("root k1 {1}",), "no index"),
        (("index i1 {9}",), "no root"),
        (("root " + "k" * 300 + " {1}", "index i1 {9}"), "short plain word"),
        (("root k1 " + "A" * 43 + "=", "index i1 {9}"), "not random"),
        (("root k1 {1} more", "index i1 {9}"), "not `kind id base64`"),
        (("other k1 {1}", "index i1 {9}"), "unknown kind"),
    ],
)
def test_a_wrong_key_file_is_refused_in_one_sentence(lines: tuple[str, ...], says: str) -> None:
    text = _file(*(line.replace("{" + n + "}", _key(int(n))) for line in lines for n in _n(line)))
    with pytest.raises(KeysUnusable, match=says) as caught:
        parse_keys(text)
    for n in (1, 2, 8, 9):
        assert _key(n) not in str(caught.value)


def _n(line: str) -> list[str]:
    return [c for c in "1289" if "{" + c + "}" in line] or ["0"]


def _key(number: int) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha256(bytes([number])).digest()).decode()


def _file(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    from hotline.crypto import load_keys

    path = tmp_path / "keys"
    new_key_file(path)
    assert path.stat().st_mode & 0o077 == 0
    assert isinstance(load_keys(path), KeyRing)
    path.chmod(0o640)
    with pytest.raises(KeysUnusable, match="600"):
        load_keys(path)
    path.chmod(0o600)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeysUnusable, match="not a text file"):
        load_keys(path)


# ------------------------------------------------------------------------ one phone, one contact


@pytest.mark.parametrize("written", ["+996555123456", "+996 555 123 456", "+996(555)12-34-56"])
def test_one_number_is_one_person_however_the_provider_writes_it(written: str) -> None:
    from hotline.channels.twilio_sms.numbers import e164

    assert e164(written) == "+996555123456"


async def test_nothing_of_a_turn_stands_in_clear_in_the_database(world: World) -> None:
    phone = world.phone(NUMBER, "sms")
    await phone.says("здравствуйте")
    await phone.says(f"{CANARY}")
    await phone.deliver(
        phone.inbound(Heard(Kind.CONTACT, f"{NUMBER} {CANARY}"), place=(42.8735190, 74.5735190))
    )
    for table in world.read(lambda tx: sa.inspect(tx.conn).get_table_names()):
        for row in all_of(world, f'select * from "{table}"'):  # noqa: S608 - our own table names
            for value in row:
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for piece in (CANARY, NUMBER, NUMBER[1:], "74.573519"):
                    assert piece.encode() not in raw, table
