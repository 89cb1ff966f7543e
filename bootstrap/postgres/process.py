"""Running PostgreSQL's programs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.account import Account
from bootstrap.postgres.errors import PostgresUnavailable


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended, with all it said."""

    code: int
    text: str

    @property
    def last_words(self) -> str:
        """The lines that name the failure, on one line."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        telling = [line for line in lines if any(sign in line for sign in _SIGNS)]
        return " ".join((telling or lines)[-3:]) or f"exit code {self.code}"


_SIGNS = ("FATAL", "PANIC", "ERROR", "error:", "could not", "No space", "Permission")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings that would redirect PostgreSQL's programs.

    `LC_ALL=C` keeps their messages in the one language this package reads.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"} | dict(extra or {})


def run(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    extra: Mapping[str, str] | None = None,
    script: str = "",
    timeout: float | None = 120,
) -> Finished:
    """Run a program to its end (`timeout` in seconds) and keep what it said.

    Output goes to a file, not a pipe: a server started by the program inherits the handle, and
    a pipe would never close.
    """
    with tempfile.TemporaryFile() as said, _in_time(command, timeout):
        ended = subprocess.run(  # noqa: S603 - the programs come from find_binaries
            [str(part) for part in command],
            input=script.encode(),
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/" if account else None,
            env=environment(extra),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            timeout=timeout,
            check=False,
            creationflags=_creation_flags(),
        )
        said.seek(0)
        return Finished(ended.returncode, said.read().decode(errors="replace"))


@contextmanager
def _in_time(command: Sequence[str | Path], timeout: float | None) -> Generator[None]:
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise PostgresUnavailable(
            f"The program {command[0]} was ended because it had not finished after {timeout} "
            "seconds. The machine may be overloaded, or its disk may hang; try again."
        ) from error


def _creation_flags() -> int:
    """Keep a Ctrl-C in the terminal for the application; the server it started lives on.

    On Unix pg_ctl sees to that itself (setsid).
    """
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def lives_as_postgres_in(pid: int, data: Path) -> bool:
    """Whether `pid` may be the server of this data directory.

    Used only to leave a pid file alone while its owner may be alive; a zombie, or another
    program that was given the same pid, is not its owner.
    """
    if sys.platform == "linux":
        return _linux_process_is(pid, data)
    if sys.platform == "win32":
        listing = run(["tasklist", "/NH", "/FI", f"PID eq {pid}"])
        return "postgres" in listing.text.lower()
    listing = run(["ps", "-o", "stat=", "-o", "command=", "-p", str(pid)])
    return "postgres" in listing.text and not listing.text.lstrip().startswith("Z")


def _linux_process_is(pid: int, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return False
    if rest.split()[0] in {"Z", "X"}:
        return False
    try:
        return (process / "cwd").readlink() == data
    except OSError:  # root without CAP_SYS_PTRACE, as in a container, may not look
        return name.startswith("postgres")
