"""The test command: a line for each check, in full only what failed, the tests last."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.delivery.checkout import ROOT

GOOD = '"""Add."""\n\n\ndef test_addition() -> None:\n    assert 1 + 1 == 2\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The check runner over a project of one file."""
    (tmp_path / "bootstrap").mkdir()
    for name in ("__init__.py", "checks.py"):
        shutil.copy(ROOT / "bootstrap" / name, tmp_path / "bootstrap")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_sum.py").write_text(GOOD)
    return tmp_path


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bootstrap.checks", *arguments]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=project, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def check(project: Path, *arguments: str) -> tuple[int, str]:
    process = start(project, *arguments)
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def only(*names: str) -> list[str]:
    return [argument for name in names for argument in ("--only", name)]


def test_what_holds_is_one_line_and_the_tests_close(project: Path) -> None:
    code, text = check(project, *only("format", "lint", "tests"), "-n0", "-p", "no:cacheprovider")

    assert code == 0, text
    lines = text.split("\n--- tests ---\n")[0].splitlines()
    assert [line.split()[:2] for line in sorted(lines)] == [["ok", "format"], ["ok", "lint"]]
    assert "1 passed in" in text.splitlines()[-2]
    assert text.splitlines()[-1].split()[:2] == ["ok", "tests"]


def test_what_fails_is_shown_in_full_and_named(project: Path) -> None:
    (project / "tests" / "test_sum.py").write_text(GOOD.replace("1 + 1", "os.sep + 1"))

    code, text = check(project, *only("format", "lint"))

    assert code == 1
    assert "undefined name" in text.lower()
    assert "FAILED  lint" in text
    assert "ok      format" in text
    assert text.endswith("failed: lint\n")


def test_a_failing_test_fails_the_command(project: Path) -> None:
    (project / "tests" / "test_sum.py").write_text(GOOD.replace("== 2", "== 3"))

    code, text = check(project, *only("tests"), "-n0")

    assert code == 1
    assert "1 failed in" in text
    assert text.endswith("failed: tests\n")


def test_arguments_go_to_pytest(project: Path) -> None:
    code, text = check(project, *only("tests"), "-n0", "-k", "nothing_like_it")

    assert code == 1, "that no test ran is no success"
    assert "1 deselected" in text


def test_asked_to_end_it_leaves_nothing_running(project: Path) -> None:
    alive = project / "alive"
    (project / "tests" / "test_sum.py").write_text(
        "import os, pathlib, time\n\n\ndef test_forever() -> None:\n"
        f"    pathlib.Path({str(alive)!r}).write_text(str(os.getpid()))\n    time.sleep(60)\n"
    )
    process = start(project, *only("tests"), "-n0")
    deadline = time.monotonic() + 20
    while not (alive.exists() and alive.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(alive.read_text()), 0)
