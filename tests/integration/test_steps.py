"""How steps are asked and left is counted as it happened, and nobody is in it."""

from collections import Counter

import sqlalchemy as sa

from hotline.db.models.session import StepRow
from tests.support.world import World


def counted(world: World) -> Counter[tuple[str, str]]:
    rows = world.read(lambda tx: tx.conn.execute(sa.select(StepRow.step, StepRow.outcome)).all())
    return Counter((row[0], row[1]) for row in rows)


async def test_the_first_asking_is_counted_apart_from_the_further_ones(world: World) -> None:
    phone = world.phone()
    await phone.says("Здравствуйте")
    await phone.says("ъъъ ъъъ")
    found = counted(world)
    assert found["start.safe", "asked"] == 1
    assert found["start.safe", "asked_again"] == 1
    assert found["start.safe", "not_understood"] == 1
    await phone.presses("y")
    found = counted(world)
    assert found["start.safe", "answered"] == 1
    assert found["menu.top", "asked"] == 1


async def test_who_goes_elsewhere_has_not_dropped_off(world: World) -> None:
    phone = world.phone()
    await phone.says("Здравствуйте")
    await phone.presses("y")
    await phone.says("язык")
    found = counted(world)
    assert found["menu.top", "moved"] == 1
    assert found["language.which", "asked"] == 1
    await phone.says("меню")
    assert counted(world)["language.which", "moved"] == 1


async def test_a_question_nobody_answered_in_time_has_lapsed(world: World) -> None:
    """The first serious sign asks whether to go on; silence brings a counsellor."""
    phone = world.phone()
    await phone.says("Здравствуйте")
    asked = [step for step in world.app.content.bundle.every_step() if step.silence is not None]
    assert asked, "some step minds silence"
    for code in ("y", "help"):
        await phone.presses(code)
    answers = {
        "safety.A2": ("none", "done"), "safety.A3": ("adult",), "about.R0": ("working",),
        "about.R1": ("KG",), "about.R3": ("agency",), "work.C01": ("y",),
    }  # fmt: skip
    codes = {"C04": "hold", "C06": "y", "C07": "n"}
    for _ in range(30):
        buttons = phone.buttons()
        step = next(iter(buttons.values())).partition("=")[0]
        if any(step == one.key for one in asked):
            break
        for code in answers.get(step, (codes.get(step.partition(".")[2]) or next(iter(buttons)),)):
            if code in phone.buttons():
                await phone.presses(code)
        if "done" in phone.buttons() and phone.buttons()["done"].startswith(step):
            await phone.presses("done")
    else:
        raise AssertionError("no step that minds silence was reached")
    world.clock.on(minutes=61)
    await world.tick()
    assert any(outcome == "lapsed" for _, outcome in counted(world))
