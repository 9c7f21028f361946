"""The word lists and models as the product has them, built once for all tests of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline import library
from hotline.understanding import compiling
from hotline.understanding.read import Understanding

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "data" / "understanding"


def example(name: str) -> dict[str, Any]:
    return yaml.safe_load((TESTS / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def data() -> Mapping[str, Any]:
    return library.load(ROOT / "flows").understanding


@pytest.fixture(scope="session")
def compiled(data: Mapping[str, Any], request: pytest.FixtureRequest) -> bytes:
    """Kept between runs under the hash of its data; training takes some seconds."""
    folder = request.config.cache.mkdir("understanding")
    kept = folder / f"{compiling.fingerprint(data)[:16]}.npz"
    if not kept.exists():
        kept.write_bytes(compiling.build(data))
    return kept.read_bytes()


@pytest.fixture(scope="session")
def known(data: Mapping[str, Any], compiled: bytes) -> Understanding:
    return Understanding.from_mapping(data, compiled)
