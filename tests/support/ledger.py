"""What the database holds, opened with the installation's own keys, beside what phones show."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hotline.audit import service as audit
from hotline.bootstrap import app as apps
from hotline.bootstrap.content import Content
from hotline.crypto import KeyRing, Place, unseal
from hotline.db.transaction import Store, Tx, make_engine
from hotline.flow.events import Said
from hotline.outbox.service import read_payload


@dataclass(frozen=True)
class Row:
    """A line that was to be sent. `what` is its key, or an operator's words."""

    what: str
    said: Said | None
    parts: tuple[str, ...]
    state: str
    attempts: int
    uncertain: bool


class Ledger:
    """Reads beside a server or after it; `close` when done."""

    def __init__(self, url: str, keys: KeyRing, content: Content) -> None:
        self.store = Store(make_engine(url, pool_size=1))
        self.keys = keys
        self._render = apps.renderer(content)

    def close(self) -> None:
        self.store.close()

    def all(self, sql: str, **values: Any) -> list[Any]:
        return self.store.read(lambda tx: list(tx.conn.execute(sa.text(sql), values).all()))

    def one(self, sql: str, **values: Any) -> Any:
        return self.all(sql, **values)[0][0]

    def contact(self, channel: str, address: str) -> str | None:
        index = self.keys.blind_index(channel, address)
        found = self.all("select id from contacts where address_index = :i", i=index)
        return found[0][0] if found else None

    def rows(self, contact_id: str) -> list[Row]:
        """Her lines in the order in which they must leave."""

        def work(tx: Tx) -> list[Row]:
            data_key = self._key(tx, contact_id)
            found = tx.conn.execute(
                sa.text(
                    "select o.id, o.payload, o.state, o.attempts, o.uncertain, o.language,"
                    " c.channel, c.latin from outbox o join contacts c on c.id = o.contact_id"
                    " where o.contact_id = :c order by o.seq"
                ),
                {"c": contact_id},
            )
            return [self._row(data_key, one) for one in found.mappings()]

        return self.store.read(work)

    def _row(self, data_key: bytes, one: Any) -> Row:
        said = read_payload(data_key, one["id"], bytes(one["payload"]))
        made = self._render(
            said, channel=one["channel"], language=one["language"], latin=bool(one["latin"])
        )
        return Row(
            what=said.key if isinstance(said, Said) else said,
            said=said if isinstance(said, Said) else None,
            parts=made.parts,
            state=one["state"],
            attempts=one["attempts"],
            uncertain=bool(one["uncertain"]),
        )

    def heard(self, contact_id: str) -> list[str]:
        """What she wrote or pressed, as the conversation keeps it, oldest first."""

        def work(tx: Tx) -> list[str]:
            data_key = self._key(tx, contact_id)
            found = tx.conn.execute(
                sa.text(
                    "select m.id, m.body from messages m"
                    " join conversations v on v.id = m.conversation_id"
                    " where v.contact_id = :c and m.author = 'person' order by m.seq"
                ),
                {"c": contact_id},
            ).all()
            return [_act(data_key, one, bytes(body)) for one, body in found]

        return self.store.read(work)

    def _key(self, tx: Tx, contact_id: str) -> bytes:
        wrapped = tx.conn.execute(
            sa.text(
                "select w.wrapped, w.key_id, w.reader from key_wraps w"
                " join contacts c on c.key_id = w.key_id"
                " where c.id = :c and w.reader like 'server:%'"
            ),
            {"c": contact_id},
        ).one()
        return self.keys.unwrap(bytes(wrapped[0]), wrapped[1], wrapped[2])

    # ---------------------------------------------------------------- what must always hold

    def check(self) -> None:
        """True at any moment, also in the middle of the story with the server dead."""
        if self.store.is_sqlite:
            assert self.one("pragma integrity_check") == "ok"
            assert self.all("pragma foreign_key_check") == []
        nothing = {
            "a message was played and the inbox still holds its words":
                "select i.id from inbox i where i.kind = 'message' and i.state = 'handled'"
                " and i.body is not null",
            "a line is to be sent that the conversation does not show":
                "select o.id from outbox o left join messages m on m.id = o.message_id"
                " where m.id is null",
            "a line was sent and nobody knows under which number":
                "select o.id from outbox o left join provider_messages p on p.outbox_id = o.id"
                " where o.state = 'sent' and p.outbox_id is null",
            "a turn broke": "select id from inbox where state = 'failed'",
            "two sessions in one conversation":
                "select conversation_id from sessions group by conversation_id"
                " having count(*) > 1",
            "two open cases in one conversation":
                "select conversation_id from cases where closed_at is null"
                " group by conversation_id having count(*) > 1",
            "a person waits and no case is open":
                "select id from conversations where state in ('WAITING', 'HUMAN')"
                " and case_id is null",
        }  # fmt: skip
        for wrong, sql in nothing.items():
            assert self.all(sql) == [], wrong
        handled = self.one("select count(*) from inbox where kind='message' and state='handled'")
        kept = self.one("select count(*) from messages where author = 'person'")
        assert handled == kept, "every message that was played is kept once"
        assert self.store.read(audit.verify) is None, "the audit's chain is broken"


def _act(data_key: bytes, message_id: str, body: bytes) -> str:
    """The words that `people.Writer` uses for the same act."""
    kept = json.loads(unseal(data_key, body, Place("messages", "body", message_id)))
    return f"presses {kept['button']}" if kept["button"] else f"says {kept['text']}"
