"""Settings of access."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from modules.access.domain import ROLE_NAME
from modules.access.public import ADMINISTRATOR, VIEWER
from shared_kernel.adapters.settings import Settings


class AccessSettings(Settings):
    """What every account may do, and who comes first."""

    model_config = SettingsConfigDict(env_prefix="ACCESS_")

    default_role: str = Field(
        VIEWER,
        pattern=ROLE_NAME,
        description="the role every signed-in account holds without an assignment",
    )
    first_administrator: str = Field(
        "admin@example.com",
        max_length=254,
        description="e-mail address of the administrator made on a new installation",
    )

    decision_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="how many days it is kept why somebody was refused",
    )

    @property
    def refusals_last(self) -> timedelta:
        """How long refusals are kept."""
        return timedelta(days=self.decision_days)

    @field_validator("default_role")
    @classmethod
    def _is_not_everything(cls, value: str) -> str:
        if value == ADMINISTRATOR:
            raise ValueError("must not make everybody an administrator")
        return value
