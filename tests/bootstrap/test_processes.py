"""A forked process is to tests what a process is that was started plainly."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.kit.starting import Start, forked, started

pytestmark = pytest.mark.parametrize("start", [started, forked], ids=["started", "forked"])


def test_it_tells_what_it_printed_and_how_it_ended(start: Start) -> None:
    process = start("timeit", "-n1", "-r1", "print('said')", environment={})
    printed, errors = process.communicate(timeout=60)
    assert (process.returncode, printed.split()[0], errors) == (0, "said", "")
    wrong = start("timeit", "raise OSError('why')", environment={})
    assert "OSError: why" in wrong.communicate(timeout=60)[1]
    assert wrong.returncode == 1


def test_it_runs_where_and_in_what_it_is_told_to(start: Start, tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ['TOLD'], 'PYTEST_CURRENT_TEST' in os.environ)"
    process = start("timeit", "-n1", "-r1", code, environment={"TOLD": "so"}, cwd=tmp_path)
    printed, _ = process.communicate(timeout=60)
    assert printed.splitlines()[0] == f"{tmp_path} so False"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_several_run_at_once_and_each_dies_of_its_own_signal(
    start: Start, number: signal.Signals
) -> None:
    both = [start("timeit", "import time; time.sleep(60)", environment={}) for _ in range(2)]
    assert [one.poll() for one in both] == [None, None]
    assert [os.getsid(one.pid) for one in both] == [one.pid for one in both]
    with pytest.raises(subprocess.TimeoutExpired):
        both[0].wait(0.1)
    both[0].send_signal(number)
    both[0].communicate(timeout=60)
    assert (both[0].returncode, both[1].poll()) == (-number, None)
    both[1].kill()
    both[1].communicate(timeout=60)
    assert both[1].returncode == -signal.SIGKILL
