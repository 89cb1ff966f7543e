"""How mail is configured, and what production refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bootstrap.api import create_app
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.adapters.settings import WrongSettings, read_settings
from tests.kit.cluster import TestDatabase
from tests.kit.running import settings_for

SENT: dict[str, Any] = {"smtp_host": "smtp.example.org", "mail_from": "no-reply@example.org"}
SAFE = {**SENT, "link_base_url": "https://app.example.org"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no `.env` behind from outside."""
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def unsafe(**given: Any) -> list[str]:
    """The variables production would not run with."""
    lines = IdentitySettings(**given).unsafe_in_production()
    return [line.partition(":")[0] for line in lines]


def test_a_well_configured_installation_is_safe() -> None:
    assert unsafe(**SAFE) == []
    assert unsafe(**{**SAFE, "smtp_host": "127.0.0.1", "smtp_security": "none"}) == []
    assert unsafe(without_mail=True) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("smtp_host", ""),
        ("smtp_security", "none"),
        ("mail_from", "no-reply@localhost.localdomain"),
        ("link_base_url", "http://app.example.org"),
    ],
)
def test_what_is_unsafe_is_named(variable: str, value: str) -> None:
    assert unsafe(**{**SAFE, variable: value}) == [f"IDENTITY_{variable.upper()}"]


def test_production_does_not_start_without_mail_unless_that_is_wanted(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = settings_for(database, environment="production")
    with pytest.raises(WrongSettings, match=r"IDENTITY_SMTP_HOST: .*IDENTITY_WITHOUT_MAIL"):
        create_app(production)
    monkeypatch.setenv("IDENTITY_WITHOUT_MAIL", "true")
    create_app(production)
    monkeypatch.delenv("IDENTITY_WITHOUT_MAIL")
    create_app(settings_for(database))


def test_the_password_can_come_from_a_file_and_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("CANARY\n")
    monkeypatch.setenv("IDENTITY_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    settings = cast("IdentitySettings", read_settings(IdentitySettings))
    assert settings.smtp_secret == "CANARY"
    assert "CANARY" not in repr(settings)


def test_links_begin_with_the_public_address_or_that_of_a_front_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.org")
    assert _read().link_base_url == "https://api.example.org"
    monkeypatch.setenv("IDENTITY_LINK_BASE_URL", "https://app.example.org/account")
    assert _read().link_base_url == "https://app.example.org/account"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LINK_BASE_URL", "https://app.example.org/?next="),
        ("LINK_BASE_URL", "https://app.example.org/#"),
        ("LINK_BASE_URL", "javascript:alert(1)"),
        ("LINK_BASE_URL", "https://user@evil.test"),
        ("MAIL_FROM", "no-reply@example.org\nBcc: x@example.org"),
        ("MAIL_FROM", "Service <no-reply@example.org>"),
        ("MAIL_SERVICE", "Ash\nlar"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_SECONDS", "600"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"IDENTITY_{variable}", value)
    with pytest.raises(WrongSettings) as caught:
        _read()
    (line,) = caught.value.lines
    assert line.startswith(f"IDENTITY_{variable}: ")
    assert value not in line


def _read() -> IdentitySettings:
    return cast("IdentitySettings", read_settings(IdentitySettings))
