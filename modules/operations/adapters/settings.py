"""Settings of operations."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared_kernel.adapters.settings import Settings


class OperationsSettings(Settings):
    """How many are done at once, and how long they are kept."""

    model_config = SettingsConfigDict(env_prefix="OPERATIONS_")

    at_once: int = Field(2, ge=1, le=50, description="how many are done at once, per process")
    keep_days: int = Field(
        30, ge=1, le=3650, description="how long an operation and its results can be read"
    )
