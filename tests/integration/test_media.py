"""Files are kept for what they are, not for what they are said to be."""

import pytest
import sqlalchemy as sa

from hotline.channels.base import MediaRef, Rejected, Unreachable
from hotline.conversation.service import media
from hotline.core.reading import Heard, Kind
from tests.support.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40
PROGRAM = b"MZ\x90\x00" + b"x" * 40


async def sent(world: World, content, *, mime: str = "image/jpeg"):
    phone = world.phone()
    channel = world.app.channels["telegram"]

    async def fetch(_ref, *, limit):  # noqa: ARG001 - what a channel is asked
        if isinstance(content, Exception):
            raise content
        return content

    channel.fetch = fetch
    photo = MediaRef("file-1", "photo", mime, 44)
    await phone.deliver(phone.inbound(Heard(Kind.PHOTO, ""), media=(photo,)))

    async def again() -> None:
        await media.fetch_wanted(
            world.app.store, world.app.mind, world.app.channels, now=world.clock()
        )

    await again()
    return again


def kept(world: World):
    query = "select state, mime, content is not null, attempts from attachments"
    return world.read(lambda tx: tuple(tx.conn.execute(sa.text(query)).first()))


def tasks(world: World) -> list[str]:
    return [
        r[0]
        for r in world.read(lambda tx: tx.conn.execute(sa.text("select kind from tasks")).all())
    ]


async def test_the_type_is_what_the_first_bytes_say(world: World) -> None:
    await sent(world, PNG, mime="image/jpeg")
    state, mime, has_content, _ = kept(world)
    assert (state, mime, bool(has_content)) == ("kept", "image/png", True)
    assert tasks(world) == []


async def test_a_program_that_calls_itself_a_picture_is_refused(world: World) -> None:
    await sent(world, PROGRAM)
    state, _, has_content, _ = kept(world)
    assert (state, bool(has_content)) == ("refused", False)
    assert tasks(world) == ["media_failed"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected("too_big"), "too_big"),
        (Rejected("refused"), "refused"),
        (Rejected("404"), "failed"),
    ],
)
async def test_what_will_never_come_is_said_to_the_operator(world: World, error, state) -> None:
    await sent(world, error)
    assert kept(world)[0] == state
    assert tasks(world) == ["media_failed"]


async def test_a_provider_that_is_away_is_asked_again_five_times(world: World) -> None:
    again = await sent(world, Unreachable("500"))
    for tries in range(1, media.MOST_TRIES):
        assert kept(world)[0] == "wanted"
        assert kept(world)[3] == tries
        await again()
    assert kept(world)[0] == "failed"
    assert tasks(world) == ["media_failed"]
