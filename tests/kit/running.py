"""A running application over a database of the tests."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from bootstrap.api import create_app
from bootstrap.settings import PlatformSettings
from modules.catalog.adapters.settings import CatalogSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.kit.cluster import TestDatabase

SECRET = "only-for-tests-" + "0123456789abcdef" * 2


# All tests come from one address, and register and sign in all the time; most read no mail.
ROOMY: Mapping[str, Any] = {
    "require_verified_email": False,
    "attempts_per_client": 100_000,
    "refreshes_per_client": 100_000,
    "attempts_per_network": 100_000,
    "attempts_in_all": 100_000,
    "failures_per_account": 1_000,
    "failures_per_day": 1_000,
    "mails_per_address": 1_000,
}


# Less than any installation may set. Most tests are about what passwords open, not about hashes.
CHEAP: Mapping[str, Any] = {"argon2_memory_kib": 64, "argon2_passes": 1}


def identity_settings(**changes: Any) -> IdentitySettings:
    """Return settings of identity with room for many attempts and with cheap hashes.

    The defaults otherwise.
    """
    return with_dear_hashes(**changes).model_copy(update=CHEAP)


def with_dear_hashes(**changes: Any) -> IdentitySettings:
    """Return the same with hashes that cost what they do in an installation."""
    return IdentitySettings(**{**ROOMY, **changes})


def settings_for(database: TestDatabase, **changes: Any) -> PlatformSettings:
    """Return settings for the application over the database; nothing is read from outside."""
    values: dict[str, Any] = {
        "database_url": database.app_url,
        "secret_keys": SECRET,
        "_env_file": None,
        **changes,
    }
    return PlatformSettings(**values)


@asynccontextmanager
async def running(
    settings: PlatformSettings, *, replace: Mapping[type[Any], Any] | None = None
) -> AsyncGenerator[FastAPI]:
    """Start the application, and stop it at the end. There is room for many attempts."""
    with tempfile.TemporaryDirectory(prefix="media-") as folder:
        parts: dict[type[Any], Any] = {
            IdentitySettings: identity_settings(),
            CatalogSettings: CatalogSettings(
                locale="en", spool_dir=None, trash_days=30, media_dir=Path(folder)
            ),
            **(replace or {}),
        }
        app = create_app(settings, replace=parts)
        async with app.router.lifespan_context(app):
            yield app


def client_of(app: FastAPI, **options: Any) -> httpx2.AsyncClient:
    """Return a client that talks to the application in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", **options)
