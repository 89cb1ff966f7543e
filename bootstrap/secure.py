"""What is refused in production, although every single value is well formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import WrongSettings

SAMPLE = re.compile(r"change.?me|example|sample|placeholder|your.?secret|only.?for", re.IGNORECASE)
FEWEST_CHARACTERS = 10  # different ones; a random key of 32 has about 20
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})


def require_secure(settings: PlatformSettings) -> None:
    """Raise WrongSettings, with a line per variable, when production would be unsafe."""
    if settings.production and (lines := list(unsafe(settings))):
        raise WrongSettings(lines)


def unsafe(settings: PlatformSettings) -> Iterator[str]:
    """Yield `VARIABLE: what is wrong with it` for all that production must not run with."""
    yield from _weak_keys(settings)
    if "*" in settings.cors_origins:
        yield "CORS_ORIGINS: must name the origins in production, not *"
    if settings.log_level == "DEBUG":
        yield "LOG_LEVEL: DEBUG is for development only"
    yield from _plain_connections(settings)


def _weak_keys(settings: PlatformSettings) -> Iterator[str]:
    for key in settings.secret_keys:
        text = key.get_secret_value()
        if SAMPLE.search(text) or len(set(text)) < FEWEST_CHARACTERS:
            yield "SECRET_KEYS: is a sample or too regular; make one with `openssl rand -hex 32`"
            break


def _plain_connections(settings: PlatformSettings) -> Iterator[str]:
    for name, secret in (
        ("DATABASE_URL", settings.database_url),
        ("MIGRATION_DATABASE_URL", settings.migration_database_url),
    ):
        if (
            secret is not None
            and not settings.database_without_tls
            and is_remote_and_plain(secret.get_secret_value())
        ):
            yield (
                f"{name}: reaches another machine without encryption; add ?sslmode=verify-full "
                "(or, on a network of your own, set DATABASE_WITHOUT_TLS=true)"
            )


def is_remote_and_plain(url: str) -> bool:
    """Whether passwords and data would cross a network that others may read."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = parts.hostname or query.get("host", [""])[0]
    if host in LOOPBACK or host.startswith("/"):
        return False
    return query.get("sslmode", query.get("ssl", [""]))[0] not in ENCRYPTED
