"""A server that keeps its promises, for journeys on which something is killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres
from tests.bootstrap.embedded import new_home


@pytest.fixture(scope="session")
def durable() -> Iterator[EmbeddedPostgres]:
    """A durable server: a promise of the disk is part of the proof. Its `app` is migrated."""
    with new_home() as home:
        server = EmbeddedPostgres(home)
        migrate.upgrade(server.start().owner_url, app_role="app")
        yield server
