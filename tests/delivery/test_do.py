"""The two commands, as somebody meets them on a machine that has Python and nothing else."""

import ast
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.delivery import checkout
from tests.delivery.checkout import Checkout

INSTALLING = "[do] installing"


@pytest.fixture
def small(tmp_path: Path) -> Checkout:
    return checkout.small(tmp_path / "checkout")


@pytest.fixture
def old_python() -> str:
    """Any Python before 3.11 that starts; version managers keep theirs beside PATH."""
    names = [f"python3.{minor}" for minor in range(6, 11)]
    found = [path for name in names if (path := shutil.which(name))]
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for python in [
        *(str(path) for name in names for path in managed.glob(f"*/bin/{name}")),
        *found,
    ]:
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip("no Python older than 3.11 on this machine")


def test_an_empty_machine_gets_all_it_needs_once(tmp_path: Path) -> None:
    """Without uv: the way everybody goes first."""
    fresh = checkout.full(tmp_path / "checkout")

    first, second = [fresh.do("app", "serve", "--help") for _ in range(2)]

    assert first.returncode == 0, first.stderr
    assert INSTALLING in first.stderr
    assert "--workers" in first.stdout == second.stdout
    assert second.stderr == "", "nothing is installed again"


def test_the_commands_exit_code_is_that_of_what_it_starts(small: Checkout) -> None:
    assert small.do("app").returncode == 0
    assert small.do("app", "fail").returncode == 7


def test_killed_in_the_middle_it_starts_over(small: Checkout) -> None:
    process = small.start("app")
    assert process.stderr is not None
    while INSTALLING not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (small.path / ".venv" / "installed").exists()

    again = small.do("app")

    assert again.returncode == 0, again.stderr
    assert again.stdout.split() == ["idna"]


def test_half_an_environment_is_never_used(small: Checkout) -> None:
    """A package whose files are missing looks installed to the installer."""
    small.do("app")
    (small.path / ".venv" / "installed").unlink()
    shutil.rmtree(next((small.path / ".venv").glob("lib/*/site-packages/idna")))

    assert small.do("app").stdout.split() == ["idna"]


def test_two_at_once_install_once(small: Checkout) -> None:
    both = [small.start("app"), small.start("app")]
    texts = [process.communicate(timeout=60) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert [out.split() for out, _ in texts] == [["idna"], ["idna"]]
    assert sum(INSTALLING in err for _, err in texts) == 1


def test_running_keeps_the_test_tools(small: Checkout) -> None:
    assert small.do("test").stdout.split() == ["idna", "iniconfig"]
    assert small.do("app").stdout.split() == ["idna", "iniconfig"]
    checkout.write_lock(small.path, "run", ["idna", "pluggy"])
    checkout.write_lock(small.path, "test", ["idna", "iniconfig", "pluggy"])
    assert small.do("app").stdout.split() == ["idna", "iniconfig", "pluggy"]


def test_the_test_tools_come_after_running(small: Checkout) -> None:
    assert "iniconfig" not in small.do("app").stdout
    assert "iniconfig" in small.do("test").stdout


def test_a_changed_lock_is_installed(small: Checkout) -> None:
    small.do("app")
    checkout.write_lock(small.path, "run", ["idna", "pluggy"])

    assert small.do("app").stdout.split() == ["idna", "pluggy"]


@pytest.mark.parametrize("hashes", [" \\\n    --hash=sha256:" + "0" * 64, ""])
def test_a_package_that_is_not_the_locked_file_is_refused(small: Checkout, hashes: str) -> None:
    lock = small.path / "requirements" / "run.txt"
    lock.write_text(lock.read_text().split(" \\")[0] + hashes + "\n")

    refused = small.do("app")

    assert refused.returncode == 1
    assert "hash" in refused.stderr.lower()
    assert not (small.path / ".venv" / "installed").exists()


def test_without_a_way_to_get_uv_it_says_what_to_do(small: Checkout) -> None:
    unreachable = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null"}
    environment = {**small.environment, **unreachable, "UV_BIN": ""}

    stuck = Checkout(small.path, environment).do("app")

    assert stuck.returncode == 1
    assert "could not install uv" in stuck.stderr
    assert "apt install python3-venv" in stuck.stderr
    assert "Traceback" not in stuck.stderr


@pytest.mark.parametrize("arguments", [(), ("nonsense",)])
def test_an_unknown_command_is_answered_with_what_there_is(
    small: Checkout, arguments: tuple[str, ...]
) -> None:
    answer = small.do(*arguments)

    assert answer.returncode == 2
    assert "do.py run" in answer.stdout


def test_an_old_python_is_told_so(old_python: str) -> None:
    command = [old_python, str(checkout.ROOT / "do.py"), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed, this is 3.")


def test_an_old_python_can_read_it_that_far() -> None:
    """A syntax error would be all that it says."""
    ast.parse((checkout.ROOT / "do.py").read_text(), feature_version=(3, 8))
