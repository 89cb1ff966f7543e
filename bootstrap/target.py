"""The database that commands work on: the one the environment names, or the embedded one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bootstrap.postgres import EmbeddedPostgres
from shared_kernel.adapters.settings import Settings, read_settings

HOME = Path(".data/postgres")


@dataclass(frozen=True, slots=True)
class Target:
    """`owner_url` migrates; `app_role` is given run-time rights, None when it is the owner."""

    owner_url: str
    app_role: str | None


class Addresses(Settings):
    """Where the database is; with neither, it is the embedded one."""

    database_url: SecretStr | None = None
    migration_database_url: SecretStr | None = None


def target() -> Target:
    """Return the database to migrate; the embedded one is started.

    Raises WrongSettings and PostgresUnavailable.
    """
    found = cast("Addresses", read_settings(Addresses))
    app, owner = found.database_url, found.migration_database_url
    chosen = owner or app
    if chosen is None:
        roles = EmbeddedPostgres(HOME).start()
        return _target(roles.owner_url, roles.app_url)
    return _target(chosen.get_secret_value(), (app or chosen).get_secret_value())


def _target(owner_url: str, app_url: str) -> Target:
    owner, app = (unquote(urlsplit(url).username or "") for url in (owner_url, app_url))
    return Target(owner_url, app if app != owner else None)
