"""One cluster on disk: a directory with the data, the passwords, the log and the last port.

It appears whole, by one rename, or not at all. A directory is kept per major version
(`pg18/`), because no version reads the data of another.
"""

import contextlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.account import Account
from bootstrap.postgres.binaries import Binaries
from bootstrap.postgres.errors import PostgresUnavailable
from bootstrap.postgres.process import run

SUPERUSER, OWNER, APP = "postgres", "app_owner", "app"
_LARGEST_LOG = 10_000_000  # bytes

_SETTINGS = """\
# Written at every start. Settings of your own belong in postgresql.conf, below the include.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
"""
# For tests: several applications in each of several workers, each with the pools of production.
_NOT_DURABLE = """\
max_connections = 1000
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = '1GB'
"""


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a server wrote about itself; it may be long dead."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """The files of one cluster; `account` owns the data, the current user the rest."""

    directory: Path
    major: int
    account: Account | None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def provisioned(self) -> Path:
        """A mark: roles and database are complete. Absent while they are being changed."""
        return self.directory / "provisioned"

    @property
    def _port_file(self) -> Path:
        return self.directory / "port"

    def password(self, role: str) -> str:
        """The generated password of a role."""
        return (self.directory / f"password.{role}").read_text()

    def pid_file(self) -> PidFile | None:
        """The server's own note, if there is a whole one."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return PidFile(int(lines[0]), int(lines[3]))
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def forget_dead_server(self) -> None:
        """Remove the note of a server that is known to be gone.

        PostgreSQL itself refuses to start over it when the pid lives on as a zombie or was given
        to another process.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def last_port(self) -> int | None:
        """The port of the last start."""
        try:
            return int(self._port_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def remember_port(self, port: int) -> None:
        """Keep the port for the next start."""
        self._port_file.write_text(str(port))

    def exists(self) -> bool:
        """Whether there is a cluster; refuses one of another version."""
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return False
        if found != str(self.major):
            raise PostgresUnavailable(
                f"The data in {self.data} is of PostgreSQL {found}, the programs found are of "
                f"PostgreSQL {self.major}, and no version reads another's data. Nothing was "
                f"touched. Install PostgreSQL {found}, or move the directory away to begin anew."
            )
        return True

    def make(self, binaries: Binaries, *, durable: bool) -> None:
        """Create the cluster; what is no cluster but has its name is put aside."""
        if self.directory.exists():
            self.directory.rename(self.directory.with_name(f"pg{self.major}.broken-{_stamp()}"))
        new = self.directory.with_name(f"{self.directory.name}.new-{secrets.token_hex(4)}")
        try:
            self._fill(new, binaries, durable=durable)
            new.rename(self.directory)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _fill(self, new: Path, binaries: Binaries, *, durable: bool) -> None:
        new.mkdir(mode=0o755 if self.account else 0o700)
        if self.account:
            new.chmod(0o755)  # the account must pass through, whatever the umask
        for role in (SUPERUSER, OWNER, APP):
            write_private(new / f"password.{role}", secrets.token_urlsafe(24))
        (new / "data").mkdir(mode=0o700)
        given = new / "password.initdb"
        write_private(given, (new / f"password.{SUPERUSER}").read_text())
        self._hand_over(new / "data", given)
        self._initdb(new / "data", given, binaries, durable=durable)
        given.unlink()
        with (new / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude 'embedded.conf'\n")

    def _initdb(self, data: Path, password: Path, binaries: Binaries, *, durable: bool) -> None:
        options = ["--username", SUPERUSER, "--encoding", "UTF8", "--auth", "scram-sha-256"]
        options += ["--pwfile", str(password), "--no-instructions", *_locale(self.major)]
        options += [] if durable else ["--no-sync"]
        options += [] if self.major >= 18 else ["--data-checksums"]
        command: list[str | Path] = [binaries.tool("initdb"), "--pgdata", data, *options]
        ended = run(command, account=self.account)
        if ended.code:
            raise PostgresUnavailable(
                f"Creating the PostgreSQL data directory {self.data} failed: {ended.last_words} "
                f"Nothing was left behind; remove the cause and start again."
            )

    def configure(self, port: int, *, durable: bool) -> None:
        """Write the settings for the next start, and see to the log and what lies around."""
        for leftover in self.directory.parent.glob(f"{self.directory.name}.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)  # of an attempt that was killed
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        settings = self.data / "embedded.conf"
        text = _SETTINGS.format(port=port) + ("" if durable else _NOT_DURABLE)
        write_private(settings, text)
        with self.log.open("a"):
            self.log.chmod(0o600)
        self._hand_over(settings, self.log)

    def _hand_over(self, *files: Path) -> None:
        if self.account:
            for file in files:
                os.chown(file, self.account.uid, self.account.gid, follow_symlinks=False)


def write_private(file: Path, text: str) -> None:
    """Write a file only its owner can read, from its first moment on."""
    with contextlib.suppress(FileNotFoundError):
        file.unlink()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(text)


def _locale(major: int) -> list[str]:
    """The same order of strings on every system: by code point, with Unicode's upper and lower."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    linux = Path("/proc").is_dir()  # others have no locale of this name
    return ["--locale=C", *(["--lc-ctype=C.UTF-8"] if linux else [])]


def _stamp() -> str:
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime())
