"""What production refuses to start with."""

from __future__ import annotations

from typing import Any

import pytest

from bootstrap.secure import is_remote_and_plain, require_secure
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import WrongSettings

KEY = "q8Zt3LxW0vYk7NfR2sJb5HgD9mPcA4eU6iTo1XyV"
REMOTE = "postgresql://app:secret@db.example.org/app"


def settings(**changes: Any) -> PlatformSettings:
    values: dict[str, Any] = {
        "environment": "production",
        "database_url": "postgresql://app:secret@127.0.0.1/app",
        "secret_keys": KEY,
        "_env_file": None,
    }
    return PlatformSettings(**{**values, **changes})


def test_a_well_configured_installation_starts() -> None:
    require_secure(settings())
    require_secure(settings(database_url=f"{REMOTE}?sslmode=verify-full"))
    require_secure(settings(database_url=REMOTE, database_without_tls=True))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("secret_keys", "change-me-" * 4),
        ("secret_keys", "a" * 64),
        ("secret_keys", f"{KEY},{'example-' * 5}"),
        ("cors_origins", "https://a.example,*"),
        ("log_level", "DEBUG"),
        ("database_url", REMOTE),
        ("database_url", f"{REMOTE}?sslmode=prefer"),
        ("migration_database_url", REMOTE),
    ],
)
def test_what_is_unsafe_is_refused_in_production_only(variable: str, value: str) -> None:
    with pytest.raises(WrongSettings) as refused:
        require_secure(settings(**{variable: value}))
    (line,) = refused.value.lines
    assert line.startswith(f"{variable.upper()}: ")
    assert value not in line or value == "DEBUG"
    require_secure(settings(**{variable: value, "environment": "development"}))


def test_loopback_and_sockets_need_no_encryption() -> None:
    for url in (
        "postgresql://app@localhost/app",
        "postgresql://app@[::1]:5433/app",
        "postgresql:///app?host=/run/postgresql",
    ):
        assert not is_remote_and_plain(url), url
    assert is_remote_and_plain("postgresql://app@10.0.0.7/app")
    assert is_remote_and_plain("postgresql:///app?host=db.example.org")


def test_documentation_is_off_in_production_unless_asked_for() -> None:
    assert not settings().docs_served
    assert settings(docs=True).docs_served
    assert settings(environment="development").docs_served
