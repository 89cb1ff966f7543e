"""The settings of identity, read from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.adapters.settings import WrongSettings, read_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting and no `.env` behind from outside."""
    for name in ("IDENTITY_ISSUER", "IDENTITY_ISSUER_FILE", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_tokens_are_issued_in_the_name_of_the_public_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example")
    assert _issuer() == "https://api.example"


def test_an_issuer_of_its_own_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://api.example")
    monkeypatch.setenv("IDENTITY_ISSUER", "https://issuer.example")
    assert _issuer() == "https://issuer.example"
    monkeypatch.delenv("IDENTITY_ISSUER")
    given = tmp_path / "issuer"
    given.write_text("https://file.example\n")
    monkeypatch.setenv("IDENTITY_ISSUER_FILE", str(given))
    assert _issuer() == "https://file.example"


def test_a_wrong_issuer_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ISSUER", "canary without scheme")
    with pytest.raises(WrongSettings, match=r"^IDENTITY_ISSUER: ") as caught:
        read_settings(IdentitySettings)
    assert "canary" not in str(caught.value)


def _issuer() -> str:
    return cast("IdentitySettings", read_settings(IdentitySettings)).issuer
