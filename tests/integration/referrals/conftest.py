"""`world`: an operator with a person, on each database."""

from collections.abc import Iterator

import pytest

from tests.integration.referrals.world import World, build, closing


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    yield from closing(build(database_url))
