"""Contents of media on disk: whole or not there, and not forgotten while they are kept anew."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modules.catalog.adapters.media import DiskMediaStorage
from modules.catalog.domain.media import MediaUnavailable

NAME = "ab" + "0" * 62


async def _kept_before(storage: DiskMediaStorage, moment: datetime) -> list[str]:
    return [name async for names in storage.kept_before(moment) for name in names]


async def test_a_content_comes_back_and_only_its_own_account_can_read_it(tmp_path: Path) -> None:
    storage = DiskMediaStorage(tmp_path / "media")
    await storage.keep(NAME, b"one")
    assert await storage.read(NAME) == b"one"
    assert [one.name for one in (tmp_path / "media" / "ab").iterdir()] == [NAME]
    assert (tmp_path / "media" / "ab" / NAME).stat().st_mode & 0o077 == 0


async def test_nothing_stays_of_what_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "no space left")

    storage, other = DiskMediaStorage(tmp_path), "ab" + "1" * 62
    await storage.keep(other, b"other")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MediaUnavailable):
        await storage.keep(NAME, b"one")
    assert [one.name for one in (tmp_path / "ab").iterdir()] == [other]
    assert "no space left" in caplog.text


async def test_what_is_kept_anew_is_not_forgotten(tmp_path: Path) -> None:
    storage, past = DiskMediaStorage(tmp_path), datetime.now(UTC) - timedelta(hours=1)
    await storage.keep(NAME, b"one")
    os.utime(tmp_path / "ab" / NAME, (0, 0))
    assert await _kept_before(storage, past) == [NAME]
    await storage.keep(NAME, b"one")
    assert await storage.forget([NAME], kept_before=past) == 0
    assert await storage.read(NAME) == b"one"
    os.utime(tmp_path / "ab" / NAME, (0, 0))
    assert await storage.forget([NAME], kept_before=past) == 1
    with pytest.raises(MediaUnavailable):
        await storage.read(NAME)


async def test_an_empty_storage_has_nothing_to_forget(tmp_path: Path) -> None:
    storage = DiskMediaStorage(tmp_path / "none")
    assert await _kept_before(storage, datetime.now(UTC)) == []
    assert await storage.forget([NAME], kept_before=datetime.now(UTC)) == 0
    assert not await storage.begin_sweep(unless_since=datetime.now(UTC))


async def test_one_of_all_processes_sweeps_now_and_then(tmp_path: Path) -> None:
    one, other = DiskMediaStorage(tmp_path), DiskMediaStorage(tmp_path)
    now = datetime.now(UTC)
    first = [await each.begin_sweep(unless_since=now - timedelta(hours=1)) for each in (one, other)]
    assert first == [True, False]
    assert await other.begin_sweep(unless_since=now + timedelta(hours=1))


async def test_two_that_sweep_at_once_take_each_content_once(tmp_path: Path) -> None:
    one, other = DiskMediaStorage(tmp_path), DiskMediaStorage(tmp_path)
    names = [f"{number:02x}" * 32 for number in range(64)]
    await asyncio.gather(*(one.keep(name, b"one") for name in names))
    late = datetime.now(UTC) + timedelta(hours=1)
    listed = [await _kept_before(each, late) for each in (one, other)]
    assert [sorted(each) for each in listed] == [names, names]
    gone = await asyncio.gather(*(each.forget(names, kept_before=late) for each in (one, other)))
    assert sum(gone) == len(names)
    assert await _kept_before(one, late) == []
