"""Contents of media on disk: whole or not there, and not forgotten while they are kept anew."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modules.catalog.adapters.media import DiskMediaStorage
from modules.catalog.domain.media import MediaUnavailable

NAME = "ab" + "0" * 62


async def test_a_content_comes_back_and_only_its_own_account_can_read_it(tmp_path: Path) -> None:
    storage = DiskMediaStorage(tmp_path / "media")
    await storage.keep(NAME, b"one")
    assert await storage.read(NAME) == b"one"
    assert [one.name for one in (tmp_path / "media" / "ab").iterdir()] == [NAME]
    assert (tmp_path / "media" / "ab" / NAME).stat().st_mode & 0o077 == 0


async def test_nothing_stays_of_what_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "no space left")

    storage = DiskMediaStorage(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MediaUnavailable):
        await storage.keep(NAME, b"one")
    assert [*(tmp_path / "ab").iterdir()] == []


async def test_what_is_kept_anew_is_not_forgotten(tmp_path: Path) -> None:
    storage, past = DiskMediaStorage(tmp_path), datetime.now(UTC) - timedelta(hours=1)
    await storage.keep(NAME, b"one")
    os.utime(tmp_path / "ab" / NAME, (0, 0))
    assert await storage.kept_before(past) == [NAME]
    await storage.keep(NAME, b"one")
    assert await storage.forget([NAME], kept_before=past) == 0
    assert await storage.read(NAME) == b"one"
    os.utime(tmp_path / "ab" / NAME, (0, 0))
    assert await storage.forget([NAME], kept_before=past) == 1
    with pytest.raises(MediaUnavailable):
        await storage.read(NAME)


async def test_an_empty_storage_has_nothing_to_forget(tmp_path: Path) -> None:
    storage = DiskMediaStorage(tmp_path / "none")
    assert await storage.kept_before(datetime.now(UTC)) == []
    assert await storage.forget([NAME], kept_before=datetime.now(UTC)) == 0
