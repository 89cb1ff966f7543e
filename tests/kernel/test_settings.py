"""What a process says that is configured wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import Settings, WrongSettings, read_settings


class Garden(Settings):
    """Settings of which two may come from files."""

    plan: str = "none"
    seeds: str = "none"


def wrong(kind: type[Settings]) -> list[str]:
    with pytest.raises(WrongSettings) as refused:
        read_settings(kind)
    return refused.value.lines


def test_each_file_that_cannot_be_read_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("PLAN_FILE", str(tmp_path / "binary"))
    monkeypatch.setenv("SEEDS_FILE", str(tmp_path / "missing"))
    assert wrong(Garden) == [
        "PLAN_FILE: names no file of text that can be read",
        "SEEDS_FILE: names no file of text that can be read",
    ]


def test_a_value_that_is_wrong_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "canary")
    (line,) = [one for one in wrong(PlatformSettings) if one.startswith("TRUSTED_PROXIES: ")]
    assert "canary" not in line
