"""What the platform itself gives to every module: clock, database, outbox, signals, settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bootstrap.modules import catalogue_of, subscriber_names
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.idempotency import SqlKeyedRequests
from shared_kernel.adapters.limits import SqlRateLimiter
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.settings import Settings, WrongSettings, read_settings
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import Database, Outbox, PoolSizes
from shared_kernel.adapters.upkeep import Upkeep
from shared_kernel.application import Clock, PermissionCatalogue, RateLimiter
from shared_kernel.application.idempotency import KeyedRequests
from shared_kernel.module import Module


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Platform:
    """The parts of one process."""

    settings: PlatformSettings
    database: Database
    signals: Signals
    upkeep: Upkeep
    ports: dict[type[Any], Any]


def platform_for(settings: PlatformSettings, found: Sequence[Module]) -> Platform:
    """Make the parts of one process. Nothing is opened yet."""
    sizes = PoolSizes(
        writes=settings.database_write_connections, reads=settings.database_read_connections
    )
    database = Database(settings.app_url, sizes)
    signals = Signals(database)
    secret_keys = SecretKeys(settings.keys)
    keyed_requests = SqlKeyedRequests(database)
    ports: dict[type[Any], Any] = {
        Clock: SystemClock(),
        Database: database,
        KeyedRequests: keyed_requests,
        Outbox: SqlOutbox(subscriber_names(found), signals.send),
        PermissionCatalogue: catalogue_of(found),
        RateLimiter: SqlRateLimiter(database, secret_keys),
        SecretKeys: secret_keys,
        Signals: signals,
        PlatformSettings: settings,
    }
    own = module_settings(found, production=settings.production)
    upkeep = Upkeep("the platform", keyed_requests.forget)
    return Platform(settings, database, signals, upkeep, ports | own)


def module_settings(found: Iterable[Module], *, production: bool) -> dict[type[Any], Any]:
    """Return the settings of the modules. Raises WrongSettings, also on unsafe ones."""
    kinds = [module.settings for module in found if module.settings is not None]
    read: dict[type[Any], Any] = {}
    wrong: list[str] = []
    for kind in kinds:
        try:
            read[kind] = read_settings(kind)
        except WrongSettings as error:
            wrong.extend(error.lines)
        if production and isinstance(own := read.get(kind), Settings):
            wrong.extend(own.unsafe_in_production())
    if wrong:
        raise WrongSettings(wrong)
    return read
