"""What is told to people about keeping and deleting is what happens."""

import sqlalchemy as sa

from hotline.jobs import timers
from tests.support.world import World


def count(world: World, table: str, where: str = "1=1") -> int:
    sql = f"select count(*) from {table} where {where}"  # noqa: S608 - our own names
    return world.read(lambda tx: tx.conn.execute(sa.text(sql)).scalar())


async def retain(world: World) -> int:
    return await timers.retain(world.app.store, world.clock)


async def test_lines_go_after_thirty_days_without_activity(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    world.clock.on(days=29)
    assert await retain(world) == 0
    await phone.says("я снова здесь")
    world.clock.on(days=29)
    assert await retain(world) == 0
    world.clock.on(days=2)
    assert await retain(world) == 1
    assert count(world, "messages") == count(world, "outbox") == count(world, "sessions") == 0
    assert count(world, "inbox", "body is not null") == 0
    await phone.says("здравствуйте")
    assert "?" in phone.last  # she is greeted as somebody new


async def test_a_waiting_person_is_not_forgotten(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.says("оператор")
    world.clock.on(days=40)
    assert await retain(world) == 0
    assert count(world, "messages") > 0


async def test_identifiers_go_after_ninety_days(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    world.clock.on(days=91)
    assert await retain(world) == 2  # lines and identifiers
    assert count(world, "contacts", "address_index like 'shredded:%'") == 1
    assert count(world, "key_wraps") == 0
    assert await retain(world) == 0
    await phone.says("салам")
    assert count(world, "contacts") == 2


async def test_delete_my_data_hides_at_once_and_destroys_after_a_day(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.says("удалить")
    await phone.says("да")
    assert count(world, "tasks", "kind = 'delete_asked'") == 1
    world.clock.on(hours=23)
    await world.tick()
    assert count(world, "messages") > 0
    world.clock.on(hours=2)
    await world.tick()
    assert count(world, "messages") == count(world, "outbox") == count(world, "key_wraps") == 0
    await phone.says("салам")
    assert "?" in phone.last


async def test_a_legal_hold_stops_deletion(world: World) -> None:
    phone = world.phone()
    await phone.says("здравствуйте")
    await phone.says("да")
    await phone.says("оператор")
    await phone.says("стоп")
    world.write(lambda tx: tx.conn.execute(sa.text("update cases set legal_hold = true")))
    world.clock.on(days=100)
    assert await retain(world) == 0
