"""Which pages passkeys answer to."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from modules.identity.adapters.settings import IdentitySettings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting and no `.env` behind from outside."""
    for name in ("IDENTITY_PASSKEY_ORIGINS", "IDENTITY_PASSKEY_DOMAIN", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_passkeys_are_made_for_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com:8443")
    found = IdentitySettings()
    assert found.relying_party_id == "api.example.com"
    assert found.relying_party_origins == ["https://api.example.com:8443"]


def test_a_machine_of_ones_own_is_called_by_its_name() -> None:
    found = IdentitySettings()
    assert found.relying_party_id == "localhost"
    assert found.relying_party_origins == ["http://localhost:8000"]


def test_several_pages_share_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_PASSKEY_ORIGINS", "https://app.example.com,https://example.com")
    monkeypatch.setenv("IDENTITY_PASSKEY_DOMAIN", "example.com")
    found = IdentitySettings()
    assert found.relying_party_id == "example.com"
    assert found.relying_party_origins == ["https://app.example.com", "https://example.com"]
    assert not [one for one in found.unsafe_in_production() if "PASSKEY" in one]


@pytest.mark.parametrize(
    ("origins", "domain"),
    [
        ("https://example.org", "example.com"),
        ("https://notexample.com", "example.com"),
        ("http://app.example.com", "example.com"),
        ("https://a.example.com,https://b.example.com", ""),
    ],
)
def test_pages_that_no_browser_lets_use_them_are_named(origins: str, domain: str) -> None:
    found = IdentitySettings(passkey_origins=origins.split(","), passkey_domain=domain)
    assert [one for one in found.unsafe_in_production() if "IDENTITY_PASSKEY_ORIGINS" in one]


@pytest.mark.parametrize(
    "origin", ["app.example.com", "https://", "https://example.com/login", "ftp://example.com", ""]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError):
        IdentitySettings(passkey_origins=[origin])
