"""`make_site` builds a site on a database of its own; `site` is one on SQLite."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Databases
from tests.web.site import MakeSite, Site, make_site as build


@pytest.fixture
def make_site(databases: Databases, tmp_path: Path) -> Iterator[MakeSite]:
    """`make_site(backend="sqlite", **changes)`: changes are fields of the web context."""
    made: list[tuple[Site, str]] = []

    def make(backend: str = "sqlite", **changes: Any) -> Site:
        url = databases.fresh(backend)
        site = build(url, tmp_path, **changes)
        made.append((site, url))
        return site

    yield make
    for site, url in made:
        site.ctx.store.close()
        databases.drop(url)


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site()


@pytest.fixture
def make_app(make_site: MakeSite) -> MakeSite:
    """The same under the name of what most tests want of it: `make_app().app`."""
    return make_site
