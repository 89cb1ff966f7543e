"""The settings of the catalog, in variables that start with `CATALOG_`."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from modules.catalog.domain.translations import LOCALE, LOCALE_LENGTH


class CatalogSettings(BaseSettings):
    """What a shop decides about its catalogue."""

    model_config = SettingsConfigDict(env_prefix="CATALOG_", populate_by_name=True)

    trash_days: int = Field(
        30, ge=1, le=3650, description="days after which what was deleted is gone for good"
    )

    locale: str = Field(
        "en",
        pattern=LOCALE,
        max_length=LOCALE_LENGTH,
        description="the language products are written in before they are translated",
    )
    spool_dir: Path | None = Field(
        None,
        description="directory of files that were sent, until they are taken in; default temporary",
    )

    media_dir: Path = Field(
        Path(".data/media"),
        description="directory of the pictures of products, which all processes share",
    )

    @property
    def spool(self) -> Path:
        """The directory of files that were sent."""
        return self.spool_dir or Path(tempfile.gettempdir()) / "catalog-imports"

    @property
    def trash_kept(self) -> timedelta:
        """How long what was deleted can be had back."""
        return timedelta(days=self.trash_days)
