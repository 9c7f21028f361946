"""An edit while people are inside: everybody goes on sensibly, nobody is stranded."""

import dataclasses
import json
from datetime import timedelta

import sqlalchemy as sa

from hotline.bootstrap import content as contents
from hotline.conversation.mind import Mind
from hotline.conversation.repository import contacts, sessions
from hotline.conversation.scene import Scene
from hotline.conversation.service import intake, turn
from hotline.core.reading import Heard, Kind
from hotline.flow.session import Frame, Session
from hotline.library import Files
from tests.support.world import World, content

PEOPLE = 1_000
HERE = "B05"


def without_the_step(mapped: str | None) -> contents.Content:
    """Today's flows with one question of the offer check taken out, and perhaps a map."""
    shipped = content()
    flows = json.loads(json.dumps(contents.plain(shipped.files.flows)))
    steps = flows["offer"]["steps"]
    removed = steps.pop(HERE)
    text = json.dumps(flows["offer"])
    flows["offer"] = json.loads(text.replace(f'"{HERE}"', json.dumps(removed["next"])))
    if mapped is not None:
        flows["offer"]["moves"] = {f"offer.{HERE}": mapped}
    files: Files = dataclasses.replace(shipped.files, flows=flows, revision="edited")
    bundle = contents.build(
        flows, revision="edited", topics=contents.topics(files.answers), labels=shipped.words.labels
    )
    return dataclasses.replace(shipped, files=files, bundle=bundle)


def put_inside(world: World, people: int, *, revision: str) -> None:
    """People who answered four questions and wait at the fifth."""
    answers = {"A1": ("y",), "A2": ("none",), "A3": ("adult",)}
    answers |= {f"B0{n}": ("u",) for n in range(2, 5)}
    answers["B01"] = ("y",)
    facts = {"stage": "B", "country": "KG", "recruiter": "agency", "departs": "n"}
    mind = world.app.mind

    def work(tx) -> None:
        for n in range(people):
            phone = world.phone(f"inside-{n}")
            taken = intake.take_in(
                tx, mind, phone.inbound(Heard(Kind.TEXT, "x")), now=world.clock()
            )
            found = contacts.by_contact(tx, taken.contact_id)
            scene = Scene.open(mind, found, now=world.clock())
            language = ("ky", "ru", "tg")[n % 3]
            session = Session(
                revision=revision,
                stack=(Frame("menu", "top"), Frame("offer", HERE)),
                turn=9,
                language=language,
                answers=answers,
                facts=facts,
                waiting=True,
                told=("start.hello",),
            )
            turn.store_session(tx, scene, session)
            contacts.change_contact(
                tx,
                found.contact_id,
                {"language": language, "last_heard_at": world.clock() - timedelta(minutes=1)},
            )
            contacts.change_conversation(tx, found.conversation_id, scene.conversation)
        tx.conn.execute(sa.text("update inbox set state = 'handled', body = null"))

    world.write(work)


def mind_with(world: World, edited: contents.Content) -> Mind:
    return dataclasses.replace(
        world.app.mind,
        current=edited.bundle,
        frozen=edited.frozen,
        bundle_for=edited.bundle_for,
    )


async def answer_all(world: World, people: int) -> None:
    for n in range(people):
        phone = world.phones[f"inside-{n}"]
        # A button of the step that was there when they were asked.
        await phone.deliver(phone.inbound(Heard(Kind.BUTTON, "", f"offer.{HERE}=y")), wait=False)
    for _ in range(people):
        if not await world.app.sender().run_once():
            break


def places(world: World) -> dict[str, int]:
    rows = world.read(sessions.inside)
    return {f"{flow}.{step}": count for _, flow, step, count in rows}


async def test_a_thousand_people_at_a_removed_step_finish_on_their_own_revision(
    world: World,
) -> None:
    """The rule: they finish on the revision they began with, as it was frozen."""
    put_inside(world, PEOPLE, revision=world.app.content.bundle.revision)
    world.app.mind = mind_with(world, without_the_step(None))
    await answer_all(world, PEOPLE)
    assert places(world) == {"offer.B06": PEOPLE}
    failed = world.read(
        lambda tx: tx.conn.execute(
            sa.text("select count(*) from inbox where state='failed'")
        ).scalar()
    )
    assert failed == 0
    assert all(phone.heard for phone in world.phones.values())


async def test_a_map_moves_people_whose_revision_is_gone(world: World) -> None:
    put_inside(world, 60, revision="long-forgotten")
    world.app.mind = mind_with(world, without_the_step("offer.B06"))
    await answer_all(world, 60)
    assert places(world) == {"offer.B06": 60}
    assert all(phone.heard for phone in world.phones.values())


async def test_without_a_map_nobody_is_stranded(world: World) -> None:
    put_inside(world, 60, revision="long-forgotten")
    world.app.mind = mind_with(world, without_the_step(None))
    await answer_all(world, 60)
    assert all(phone.heard for phone in world.phones.values())
    assert sum(places(world).values()) == 60
    for n in range(60):
        await world.phones[f"inside-{n}"].says("меню", wait=False)
    assert places(world) == {"menu.top": 60} or "menu" in next(iter(places(world)))
