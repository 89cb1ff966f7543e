"""A program: starts others that have nothing left to import, several at once.

Importing the application takes seconds of the processor, which each process would take anew. This
one has imported it, and forks. Whoever speaks to it (`tests.kit.starting`) has the other end of its
standard input, a socket: a byte there asks for a process and carries three descriptors, its
standard output, its standard error, and a socket on which it is described and its pid and its exit
code are told. When there is nobody left to ask, all that still runs is killed.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from types import FrameType

from bootstrap import collector
from bootstrap.modules import discover
from tests.kit.asking import Request, tell

# What the application imports when it begins to do something, and what tests run besides.
LATER = (
    "bootstrap.api",
    "bootstrap.cli.application",
    "bootstrap.doctor",
    "bootstrap.events",
    "bootstrap.example",
    "bootstrap.migrate",
    "bootstrap.revisions",
    "bootstrap.runtime",
    "bootstrap.serving.patience",
    "bootstrap.serving.several",
    "bootstrap.serving.single",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "uvicorn.lifespan.on",
    "uvloop",
)


def main() -> None:
    collector.collect_seldom()
    for name in LATER:
        with suppress(ImportError):  # not every system has all of the servers
            import_module(name)
    discover()
    gc.freeze()  # what no collection touches stays shared, and costs nothing at the end
    with socket.socket(fileno=os.dup(0)) as control:
        request = _Starter(control).serve()
    if request is not None:
        _become(request)


class _Starter:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, socket.socket] = {}
        self._ended, self._ends = socket.socketpair()

    def serve(self) -> Request | None:
        """Start what is asked for. Return in each process started, and what that one is to be."""
        self._ends.setblocking(False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.set_wakeup_fd(self._ends.fileno())
        while True:
            ready, _, _ = select.select([self._control, self._ended], [], [])
            if self._ended in ready:
                self._ended.recv(4096)
                self._tell_ends()
            if self._control in ready:
                asked, descriptors, _, _ = socket.recv_fds(self._control, 1, 3)
                if not asked:
                    self._kill()
                    return None
                if request := self._start(*descriptors):
                    return request

    def _start(self, out: int, err: int, described: int) -> Request | None:
        told = socket.socket(fileno=described)
        with told.makefile(encoding="utf-8") as lines:
            request: Request = json.loads(lines.readline())
        child = os.fork()
        if child == 0:
            self._leave(out, err)
            with told:
                tell(told, os.getpid())  # by then it is all it will be, as after exec
            return request
        os.close(out)
        os.close(err)
        self._running[child] = told
        return None

    def _leave(self, out: int, err: int) -> None:
        """Be a process of its own: nothing of this program's stays open or in force."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for one in (self._ended, self._ends, *self._running.values()):
            one.close()
        for number, descriptor in enumerate((os.open(os.devnull, os.O_RDWR), out, err)):
            os.dup2(descriptor, number)
            os.close(descriptor)

    def _tell_ends(self) -> None:
        for child, told in [*self._running.items()]:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del self._running[child]
                with told:
                    tell(told, os.waitstatus_to_exitcode(status))

    def _kill(self) -> None:
        for child in self._running:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _wake(_: int, __: FrameType | None) -> None:
    """Be there: without a handler the signal would wake nobody."""


def _become(request: Request) -> None:
    """Be the program asked for, to its ordinary end."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["module"], *request["arguments"]]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
