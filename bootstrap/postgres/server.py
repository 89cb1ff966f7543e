"""The embedded server: start or adopt it, stop it, make its database anew."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres import account as accounts
from bootstrap.postgres import archive, provision
from bootstrap.postgres.binaries import Binaries, find_binaries, within_reach
from bootstrap.postgres.cluster import APP, OWNER, SUPERUSER, Cluster
from bootstrap.postgres.connection import Client, libpq_environment, local_url
from bootstrap.postgres.errors import PostgresUnavailable, explained
from bootstrap.postgres.handshake import Answer, ask
from bootstrap.postgres.launch import Launch
from bootstrap.postgres.lock import locked
from bootstrap.postgres.process import lives_as_postgres_in, run

DATABASE = "app"
# Recovery after a crash replays the log and may take minutes on a large database.
_PATIENCE = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Roles:
    """Addresses of the application's database, one per role.

    `owner_url` migrates: it owns the database and may create roles. `app_url` serves: it may
    connect, and do what the migrations grant it.
    """

    owner_url: str
    app_url: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the server is; `port` and `pid` are None while it does not run."""

    running: bool
    port: int | None
    pid: int | None
    version: str
    data_directory: Path
    binaries: str


class EmbeddedPostgres:
    """The PostgreSQL server of one `home` directory, for development and tests only.

    The server outlives the process that started it, and is adopted by the next one. Not durable
    means: faster, and lost with the machine's power; for tests. `port` asks for one port and no
    other. Everything raises `PostgresUnavailable` with a message for the person in front of it.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        binaries: Binaries | None = None,
    ) -> None:
        self.binaries = binaries or find_binaries()
        self._home = home.resolve()
        self._port = port
        self._durable = durable
        self._account = accounts.server_account()
        self._root = accounts.place(self._home, self._account, durable=durable)
        directory = self._root / f"pg{self.binaries.major}"
        self._cluster = Cluster(directory, self.binaries.major, self._account)

    def start(self) -> Roles:
        """Make sure that the server runs and its database exists.

        Safe to call from several processes at once: one starts the server, the others adopt it.
        """
        with self._alone("start"):
            port = self._running()
        return Roles(self._url(OWNER, port, DATABASE), self._url(APP, port, DATABASE))

    def stop(self) -> None:
        """End the server: open transactions are rolled back, committed ones are on disk."""
        if not self._root.is_dir():
            return
        with self._alone("start"):
            if self._find_server() is None:
                return
            data = str(self._cluster.data)
            options = ("stop", "--mode=fast", "--wait", "--timeout=60", "--pgdata", data)
            ended = run([self._reachable().tool("pg_ctl"), *options], account=self._account)
        if ended.code:
            raise PostgresUnavailable(
                f"Stopping the PostgreSQL server in {data} failed: {ended.last_words} "
                f"Its log is {self._cluster.log}."
            )

    def status(self) -> Status:
        """How things are now; starts and creates nothing."""
        with explained(f"Looking at PostgreSQL in {self._root}"):
            noted = self._cluster.pid_file() if self._cluster.exists() else None
            running = noted is not None and self._ask(noted.port) is Answer.OURS
        return Status(
            running=running,
            port=noted.port if noted and running else None,
            pid=noted.pid if noted and running else None,
            version=self.binaries.version,
            data_directory=self._cluster.data,
            binaries=f"{self.binaries.source}: {self.binaries.directory}",
        )

    def reset(self) -> None:
        """Drop the application's database, connected or not, and make an empty one."""
        with self._alone("restore"), self._alone("start"):
            port = self._running()
            self._cluster.provisioned.unlink(missing_ok=True)
            self._admin(port).execute(provision.DROP)
            self._provision(port)

    def psql_command(self) -> list[str]:
        """The command of an interactive psql; it needs `psql_environment()`."""
        return [str(self.binaries.tool("psql"))]

    def psql_environment(self) -> dict[str, str]:
        """What makes psql connect as the owner of the database, the password included."""
        return libpq_environment(self.start().owner_url)

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for what the owner may not do, such as creating databases for tests."""
        with self._alone("start"):
            return self._url(SUPERUSER, self._running(), database)

    def backup(self, file: Path) -> None:
        """Write the database to a file in pg_dump's custom format."""
        archive.dump(self._client(self.superuser_url(DATABASE)), file)

    def restore(self, file: Path) -> None:
        """Replace the database by the content of a backup.

        The backup is loaded beside it first, so that a broken file changes nothing. Connections
        to the old database are ended.
        """
        archive.check(self._client(self.superuser_url()), file)
        with self._alone("restore"):
            admin = self._client(self.superuser_url())
            named = archive.roles_named_in(admin, file)
            admin.execute(archive.create_roles(named, OWNER))
            admin.execute(provision.DROP_RESTORED + provision.CREATE_RESTORED)
            try:
                archive.load(self._client(self.superuser_url("app_restored")), file)
                self._swap()
            finally:
                admin.execute(provision.DROP_RESTORED)

    def _swap(self) -> None:
        with self._alone("start"):
            port = self._running()
            self._cluster.provisioned.unlink(missing_ok=True)
            try:
                self._admin(port).execute(provision.SWAP)
            finally:
                self._provision(port)

    def _running(self) -> int:
        """The port of the server, started if need be, with roles and database in place."""
        if not self._cluster.exists():
            self._cluster.make(self._reachable(), durable=self._durable)
        port = self._find_server()
        if port is None:
            port = Launch(self._cluster, self._reachable(), durable=self._durable).on(self._port)
        elif self._port not in {None, port}:
            raise PostgresUnavailable(
                f"Port {self._port} was asked for, but the PostgreSQL server of {self._home} "
                f"already runs on port {port}. Stop it first, or do not ask for a port."
            )
        if not self._cluster.provisioned.exists():
            self._provision(port)
        return port

    def _find_server(self) -> int | None:
        """The port of a running server of ours; clears away the traces of a dead one."""
        deadline = time.monotonic() + _PATIENCE
        while noted := self._cluster.pid_file():
            answer = self._ask(noted.port)
            if answer is Answer.OURS:
                return noted.port
            if not lives_as_postgres_in(noted.pid, self._cluster.data):
                self._cluster.forget_dead_server()
                return None
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"The PostgreSQL server of {self._cluster.data} (pid {noted.pid}) does not "
                    f"answer on port {noted.port}. Look into {self._cluster.log}; end that process "
                    "if it hangs, and start again."
                )
            time.sleep(0.1)
        return None

    def _provision(self, port: int) -> None:
        """Create or repair roles and database; a mark tells that it was completed."""
        owner, app = self._cluster.password(OWNER), self._cluster.password(APP)
        self._admin(port).execute(provision.PROVISION.format(owner=owner, app=app))
        self._cluster.provisioned.touch()

    def _ask(self, port: int) -> Answer:
        return ask(port, SUPERUSER, self._cluster.password(SUPERUSER))

    def _url(self, role: str, port: int, database: str) -> str:
        return local_url(role, self._cluster.password(role), port, database)

    def _admin(self, port: int) -> Client:
        return self._client(self._url(SUPERUSER, port, "postgres"))

    def _client(self, url: str) -> Client:
        # Any other way to authenticate would hand the password to whoever listens.
        only = {"PGSSLMODE": "disable", "PGREQUIREAUTH": "scram-sha-256"}
        return Client(self.binaries, libpq_environment(url) | only)

    def _reachable(self) -> Binaries:
        return within_reach(self.binaries, self._account, self._root)

    @contextmanager
    def _alone(self, purpose: str) -> Generator[None]:
        """Keep other processes from doing the same; explain what the system refuses."""
        with explained(f"Using PostgreSQL in {self._root}"):
            accounts.prepare(self._root, self._account)
            self._leave_note()
            with locked(self._root / f"{purpose}.lock"):
                yield

    def _leave_note(self) -> None:
        if self._root != self._home:
            accounts.prepare(self._home, None)
            (self._home / "LOCATION").write_text(f"{self._root}\n")
