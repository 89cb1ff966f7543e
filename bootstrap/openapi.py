"""The description of the API, and the pages that show it."""

from __future__ import annotations

from fastapi import FastAPI

from bootstrap.settings import PlatformSettings


def describe(app: FastAPI, settings: PlatformSettings) -> None:
    """Serve the OpenAPI document and its pages, where the settings allow it."""
