"""Who runs the server, and where its files lie.

PostgreSQL refuses to run as root. Root therefore runs it as an unprivileged account, and keeps
the data where that account can reach it: in the home directory it was given when all directories
above allow it, else in a directory of its own. Other people's directories are never opened up.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.errors import PostgresUnavailable


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system account."""

    name: str
    uid: int
    gid: int

    def can_enter(self, directory: Path) -> bool:
        """Whether every existing directory down to this one lets the account through."""
        return all(self._may(0o1, step) for step in [directory, *directory.parents])

    def can_execute(self, file: Path) -> bool:
        """Whether the account can reach, read and run the file."""
        return self.can_enter(file.parent) and self._may(0o5, file.resolve())

    def _may(self, rights: int, path: Path) -> bool:
        try:
            found = path.stat()
        except FileNotFoundError:
            return True
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return (found.st_mode >> shift) & rights == rights


def server_account() -> Account | None:
    """The account to run the server as; None when the current user can run it."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - the module does not exist on Windows

    for name in ("postgres", "_postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody "
        "to run it as. Start the application as an ordinary user, or set DATABASE_URL."
    )


def place(home: Path, account: Account | None, *, durable: bool) -> Path:
    """The directory that holds the clusters of this home; does not create it."""
    if account is None or account.can_enter(home):
        return home
    name = f"app-postgres-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    if not durable:
        return Path(tempfile.gettempdir()) / name
    # Not /var/tmp: systems delete what has not been touched there for a month.
    return Path("/var/db" if sys.platform == "darwin" else "/var/lib") / name


def prepare(directory: Path, account: Account | None) -> None:
    """Create the directory and what is missing above it."""
    missing = [step for step in [directory, *directory.parents] if not step.exists()]
    for step in reversed(missing):
        step.mkdir(exist_ok=True)
        if account:  # the umask may have closed what this call itself created
            step.chmod(0o755)
    if account:
        _refuse_foreign(directory)


def _refuse_foreign(directory: Path) -> None:
    found = directory.lstat()
    if directory.is_symlink() or found.st_uid != 0 or found.st_mode & 0o022:
        raise PostgresUnavailable(
            f"Root was to keep PostgreSQL's data in {directory}, but that is a link, or belongs to "
            "somebody else. Run as the user it belongs to, or remove it and start again."
        )
