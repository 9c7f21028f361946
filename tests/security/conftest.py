"""The whole hotline on both databases, seen by somebody who means harm."""

from tests.integration.conftest import world

__all__ = ["world"]
