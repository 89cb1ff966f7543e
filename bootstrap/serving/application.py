"""The application as the servers load it: configured from the environment."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI

from bootstrap import logging
from bootstrap.api import create_app
from bootstrap.secure import require_secure
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import read_settings

# How the servers name what they load.
APPLICATION = "bootstrap.serving.application:application"


def application() -> FastAPI:
    """Build the application of this process. Raises WrongSettings and CannotAssemble."""
    settings = cast("PlatformSettings", read_settings(PlatformSettings))
    require_secure(settings)
    logging.configure(settings.log_level, production=settings.production)
    return create_app(settings)
