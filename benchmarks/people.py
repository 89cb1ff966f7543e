"""Somebody who signs in to the application under measurement."""

from __future__ import annotations

import json
import urllib.request
from typing import cast

from bootstrap.runtime import System
from bootstrap.settings import PlatformSettings
from modules.access.application.administering.administrators import AppointAdministrator
from shared_kernel.adapters.settings import read_settings
from shared_kernel.module import Services

EMAIL = "bench@example.com"
PASSWORD = "eight slabs of grey slate"  # noqa: S105 - of a database that lives as long as the run


async def appoint() -> None:
    """Make an administrator in the database that the environment names."""
    system = System.of(cast("PlatformSettings", read_settings(PlatformSettings)))

    async def work(services: Services) -> None:
        await services.get(AppointAdministrator)(EMAIL, PASSWORD)

    await system.run(work)


def credentials() -> bytes:
    """Return the body of a sign-in."""
    return json.dumps({"email": EMAIL, "password": PASSWORD}).encode()


def sign_in(port: int) -> str:
    """Sign in and return the access token."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/identity/login",
        credentials(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
        return str(json.load(answer)["access_token"])
