"""Creates and runs migrations: one Alembic branch and one PostgreSQL schema per module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from bootstrap.modules import discover
from shared_kernel.adapters import outbox

ROOT = Path(__file__).parent.parent / "migrations"


def schemas() -> Mapping[str, MetaData]:
    """Return the metadata of the platform and of every module, by schema."""
    return {"platform": outbox.metadata, **{one.name: one.metadata for one in discover()}}


def config(url: str) -> Config:
    """Return Alembic's configuration for the database at `url` (a postgresql:// URL)."""
    settings = Config()
    settings.set_main_option("script_location", str(ROOT))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(str(ROOT / name) for name in schemas()))
    settings.attributes["url"] = url
    settings.attributes["schemas"] = schemas()
    return settings


def upgrade(url: str, *, app_role: str | None = None) -> None:
    """Bring every schema to its head, and let `app_role` use what is there."""
    settings = config(url)
    settings.attributes["app_role"] = app_role
    command.upgrade(settings, "heads")


def revise(url: str, module: str, message: str) -> None:
    """Write a revision for one module from the difference between its tables and the database."""
    settings = config(url)
    settings.attributes["only"] = module
    folder = ROOT / module
    folder.mkdir(exist_ok=True)
    number = len(list(folder.glob("*.py"))) + 1
    command.revision(
        settings,
        message,
        autogenerate=True,
        head="base" if number == 1 else f"{module}@head",
        branch_label=module if number == 1 else None,
        version_path=str(folder),
        rev_id=f"{module}_{number:04}",
    )
