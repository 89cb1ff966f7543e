"""Looks for what would keep an installation from working, or from being safe."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bootstrap.modules import catalogue_of, discover
from bootstrap.platform import module_settings
from bootstrap.revisions import DatabaseBehind, require_current
from bootstrap.runtime import System
from bootstrap.secure import unsafe
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.adapters.sql import Database
from shared_kernel.application.examination import Examinations, Finding
from shared_kernel.domain import Unavailable

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 15
MOST_SKEW_SECONDS = 2.0
LEAST_DISK = 1024**3

RIGHTS = """
select r.rolsuper or r.rolcreaterole or r.rolcreatedb as mighty,
       exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relowner = r.oid and n.nspname !~ '^pg_') as owner
from pg_roles r where r.rolname = current_user
"""


async def examine(settings: PlatformSettings, *, production: bool) -> list[Finding]:
    """Look at everything. Asks the database, changes nothing."""
    found = [_python(), _disk()]
    database = Database(settings.app_url)
    try:
        found += [one async for one in _database(database, production=production)]
        if all(one.ok for one in found if one.name in {"database", "migrations"}):
            found += await _modules(settings, production=production)
    finally:
        await database.close()
    if production:
        found += _production(settings)
    return found


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", sys.version_info >= OLDEST_PYTHON, version, "install Python 3.11+")


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    detail = f"{free / LEAST_DISK:.1f} GiB free in {Path.cwd()}"
    return Finding("disk", free >= LEAST_DISK, detail, "free at least 1 GiB")


async def _database(database: Database, *, production: bool) -> AsyncIterator[Finding]:
    try:
        row = (await database.reads.fetch("select current_setting('server_version_num')::int"))[0]
    except (Unavailable, OSError) as error:
        yield Finding("database", False, str(error), "start it, or correct DATABASE_URL")
        return
    major = row[0] // 10_000
    yield Finding(
        "database", major >= OLDEST_POSTGRESQL, f"PostgreSQL {major}", "use PostgreSQL 15 or newer"
    )
    yield await _clock(database)
    yield await _migrations(database)
    yield await _rights(database, production=production)


async def _clock(database: Database) -> Finding:
    begun = datetime.now(UTC)
    row = (await database.reads.fetch("select clock_timestamp()"))[0]
    skew = abs((row[0] - begun).total_seconds())
    return Finding(
        "clock",
        skew <= MOST_SKEW_SECONDS,
        f"{skew:.2f} s apart from the database's",
        "let both machines synchronise their clocks (NTP)",
    )


async def _migrations(database: Database) -> Finding:
    try:
        await require_current(database)
    except DatabaseBehind as error:
        return Finding("migrations", False, str(error), "app db migrate")
    return Finding("migrations", True, "current")


async def _rights(database: Database, *, production: bool) -> Finding:
    row = (await database.reads.fetch(RIGHTS))[0]
    fix = "give DATABASE_URL a role of its own, and the owner's to MIGRATION_DATABASE_URL"
    if row["mighty"]:
        return Finding("rights", False, "the application's role may create roles or more", fix)
    if row["owner"]:
        return Finding("rights", not production, "the application's role owns tables", fix)
    return Finding("rights", True, "the application's role may only use what it was granted")


async def _modules(settings: PlatformSettings, *, production: bool) -> Sequence[Finding]:
    """Have every module look at what it has stored."""
    try:
        system = System.of(settings)
    except WrongSettings as error:
        lines = () if production else error.lines  # in production they are looked at anyway
        return [_wrong(one) for one in lines]
    try:
        return await system.assembly.services.get(Examinations)()
    finally:
        await system.platform.database.close()


def _wrong(line: str) -> Finding:
    name, _, problem = line.partition(": ")
    return Finding(name, False, problem, f"correct {name}")


def _production(settings: PlatformSettings) -> Iterator[Finding]:
    lines = [*unsafe(settings), *_unsafe_modules()]
    yield from (_wrong(one) for one in lines)
    if not lines:
        yield Finding("secrets", True, "long, irregular, and the database's connection encrypted")
    yield Finding(
        "ENVIRONMENT", settings.production, settings.environment, "set ENVIRONMENT=production"
    )
    yield Finding(
        "ALLOWED_HOSTS",
        "*" not in settings.allowed_hosts,
        ",".join(settings.allowed_hosts),
        "list the names the application is reached by",
    )
    yield Finding(
        "PUBLIC_URL", settings.public_url.startswith("https://"), settings.public_url, "use https"
    )
    yield Finding(
        "DOCS",
        settings.docs is not True,
        "pages served" if settings.docs else "off",
        "unset DOCS, unless the API is public on purpose",
    )
    roles = catalogue_of(discover()).roles
    yield Finding(
        "policy", bool(roles), f"{len(roles)} roles declared", "declare roles in a module"
    )


def _unsafe_modules() -> list[str]:
    try:
        module_settings(discover(), production=True)
    except WrongSettings as error:
        return error.lines
    return []


def run(settings: PlatformSettings, *, production: bool) -> list[Finding]:
    """Do all that for a command."""
    return asyncio.run(examine(settings, production=production))
