"""Keeping what a person wrote: sealed lines, versions of edited ones, files that are wanted."""

import json
from typing import Any

from hotline.conversation.repository import lines
from hotline.conversation.scene import Scene
from hotline.core.reading import Heard, Kind
from hotline.crypto import Place, new_id, seal, unseal
from hotline.db.transaction import Tx


def keep_line(tx: Tx, scene: Scene, heard: Heard, body: dict[str, Any]) -> None:
    """What the person wrote, sealed; an edit becomes a new version of the line it changes."""
    edited = body["edit_of"]
    found, key = scene.found, scene.data_key
    words = json.dumps(
        {"text": heard.text, "button": heard.button, "place": body["place"]}, ensure_ascii=False
    )
    if heard.kind is Kind.EDIT and edited:
        known = lines.by_external(tx, found.conversation_id, edited)
        if known is not None:
            _new_version(tx, scene, known, words)
            return
    message_id = new_id()
    lines.add(
        tx,
        {
            "id": message_id,
            "conversation_id": found.conversation_id,
            "author": "person",
            "kind": heard.kind.value,
            "body": seal(key, words, Place("messages", "body", message_id)),
            "external_ref": body["ref"],
            "created_at": scene.now,
        },
    )
    for ref, kind, mime, size in body["media"]:
        attachment_id = new_id()
        too_big = size is not None and size > scene.mind.media_limit
        lines.add_attachment(
            tx,
            {
                "id": attachment_id,
                "message_id": message_id,
                "contact_id": found.contact_id,
                "ref": seal(key, ref, Place("attachments", "ref", attachment_id)),
                "kind": kind,
                "mime": mime[:80],
                "size": size,
                "state": "too_big" if too_big else "wanted",
                "created_at": scene.now,
            },
        )


def _new_version(tx: Tx, scene: Scene, known: tuple[str, int, bytes], words: str) -> None:
    message_id, version, old = known
    key = scene.data_key
    version_id = new_id()
    before = unseal(key, old, Place("messages", "body", message_id))
    lines.add_version(
        tx,
        {
            "id": version_id,
            "message_id": message_id,
            "version": version,
            "body": seal(key, before, Place("message_versions", "body", version_id)),
            "replaced_at": scene.now,
        },
    )
    body = seal(key, words, Place("messages", "body", message_id))
    lines.replace_body(tx, message_id, body, version + 1)
