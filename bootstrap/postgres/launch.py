"""Starting the server process: which port, and what to do when the first try fails."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.binaries import Binaries
from bootstrap.postgres.cluster import Cluster
from bootstrap.postgres.errors import PostgresUnavailable
from bootstrap.postgres.handshake import any_free_port, is_free
from bootstrap.postgres.process import Finished, run

_FIRST_CHOICE = 54329
_PORT_LOST = ("could not create any TCP/IP sockets", "Address already in use")
# After a kill -9 of the server its sessions hold the shared memory until they notice.
_SESSIONS_LEFT = ("pre-existing shared memory block", "already in use by a running")
_TRIES = 20
_RECOVERY = 300  # seconds pg_ctl waits for a server that replays its log


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of the server of a cluster; the caller holds the lock."""

    cluster: Cluster
    binaries: Binaries
    durable: bool

    def on(self, wanted: int | None) -> int:
        """Start the server on the wanted port, or on the last one or any that is free."""
        ports = self._ports(wanted)
        port = next(ports)
        ended = self._start(port)
        for _ in range(_TRIES):
            if ended.code == 0:
                self.cluster.remember_port(port)
                return port
            if any(sign in ended.text for sign in _PORT_LOST):
                port = next(ports)
            elif any(sign in ended.text for sign in _SESSIONS_LEFT):
                time.sleep(0.5)
            else:
                break
            ended = self._start(port)
        raise PostgresUnavailable(
            f"The PostgreSQL server in {self.cluster.data} did not start: {ended.last_words} "
            f"Its log is {self.cluster.log}; remove the cause and start again."
        )

    def _ports(self, wanted: int | None) -> Iterator[int]:
        if wanted is not None:
            if is_free(wanted):
                yield wanted
            raise PostgresUnavailable(
                f"Port {wanted} was asked for, but something else listens on it. "
                "Ask for another port, or for none to have a free one found."
            )
        for port in (self.cluster.last_port(), _FIRST_CHOICE):
            if port and is_free(port):
                yield port
        while True:
            yield any_free_port()

    def _start(self, port: int) -> Finished:
        self.cluster.configure(port, durable=self.durable)
        before = self.cluster.log.stat().st_size
        options = ("start", "--wait", f"--timeout={_RECOVERY}", "--silent")
        files = ("--pgdata", str(self.cluster.data), "--log", str(self.cluster.log))
        command: list[str | Path] = [self.binaries.tool("pg_ctl"), *options, *files]
        ended = run(command, account=self.cluster.account, timeout=_RECOVERY + 30)
        with self.cluster.log.open(errors="replace") as log:
            log.seek(before)
            return Finished(ended.code, ended.text + log.read())
