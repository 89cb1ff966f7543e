"""Which pages passkeys answer to."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.adapters.settings import WrongSettings, read_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting and no `.env` behind from outside."""
    for name in ("IDENTITY_PASSKEY_ORIGINS", "IDENTITY_PASSKEY_DOMAIN", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def ours() -> IdentitySettings:
    """Return what the environment says."""
    return cast("IdentitySettings", read_settings(IdentitySettings))


def test_passkeys_are_made_for_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com:8443")
    found = ours()
    assert found.relying_party_id == "api.example.com"
    assert found.relying_party_origins == ["https://api.example.com:8443"]


def test_a_machine_of_ones_own_is_called_by_its_name() -> None:
    found = ours()
    assert found.relying_party_id == "localhost"
    assert found.relying_party_origins == ["http://localhost:8000"]


def test_several_pages_share_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_PASSKEY_ORIGINS", "https://app.example.com,https://example.com")
    monkeypatch.setenv("IDENTITY_PASSKEY_DOMAIN", "example.com")
    found = ours()
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
def test_pages_that_no_browser_lets_use_them_are_named(
    monkeypatch: pytest.MonkeyPatch, origins: str, domain: str
) -> None:
    monkeypatch.setenv("IDENTITY_PASSKEY_ORIGINS", origins)
    monkeypatch.setenv("IDENTITY_PASSKEY_DOMAIN", domain)
    found = ours()
    assert [one for one in found.unsafe_in_production() if "IDENTITY_PASSKEY_ORIGINS" in one]


@pytest.mark.parametrize(
    "origin", ["app.example.com", "https://", "https://example.com/login", "ftp://example.com", ""]
)
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("IDENTITY_PASSKEY_ORIGINS", origin)
    with pytest.raises(WrongSettings) as refused:
        ours()
    assert "IDENTITY_PASSKEY_ORIGINS" in str(refused.value)
