"""What a developer's machine is given so that nothing has to be configured: a database and keys."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from bootstrap.postgres import EmbeddedPostgres
from bootstrap.settings import Environment
from bootstrap.target import HOME
from shared_kernel.adapters.settings import Secrets, Settings, read_settings

KEYS = Path(".data/secret_keys")


class Given(Settings):
    """What the environment already says."""

    environment: Environment = Environment.DEVELOPMENT
    database_url: SecretStr | None = None
    public_url: str | None = None
    secret_keys: Secrets | None = None


@contextmanager
def provided(url: str) -> Generator[None]:
    """Provide what the environment lacks: keys, the embedded server while this lasts, its address.

    A server that ran before is left running; one that was started here is stopped at the end.
    Raises WrongSettings and PostgresUnavailable. Does nothing in production.
    """
    given = _given()
    if given.environment is Environment.PRODUCTION:
        yield
        return
    _provide_keys(given)
    if given.public_url is None:
        os.environ["PUBLIC_URL"] = url
    if given.database_url is not None:
        yield
        return
    server = EmbeddedPostgres(HOME)
    was_running = server.status().running
    _point_to(server)
    try:
        yield
    finally:
        if not was_running:
            server.stop()


def adopt() -> None:
    """Let a command work with what `provided` made in this directory, if the environment is empty.

    Raises WrongSettings and PostgresUnavailable.
    """
    given = _given()
    if given.environment is Environment.PRODUCTION or not KEYS.exists():
        return
    _provide_keys(given)
    if given.database_url is None:
        _point_to(EmbeddedPostgres(HOME))


def _given() -> Given:
    return cast("Given", read_settings(Given))


def _point_to(server: EmbeddedPostgres) -> None:
    """Start or adopt the server, and name it to this process and its children."""
    roles = server.start()
    os.environ["DATABASE_URL"] = roles.app_url
    os.environ["MIGRATION_DATABASE_URL"] = roles.owner_url


def _provide_keys(given: Given) -> None:
    if given.secret_keys is not None:
        return
    if not KEYS.exists():
        KEYS.parent.mkdir(exist_ok=True)
        _write_privately(KEYS, secrets.token_urlsafe(48))
    os.environ["SECRET_KEYS_FILE"] = str(KEYS.resolve())


def _write_privately(path: Path, text: str) -> None:
    """Write a file nobody else can read, at once or not at all."""
    partial = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
    partial.replace(path)
