"""The application as the servers load it: configured from the environment."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI

from bootstrap.api import create_app
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import read_settings


def application() -> FastAPI:
    """Build the application of this process. Raises WrongSettings and CannotAssemble."""
    return create_app(cast("PlatformSettings", read_settings(PlatformSettings)))
