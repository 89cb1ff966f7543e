"""Chromium without a window, driven by its DevTools protocol over a pair of pipes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any

PROGRAM = shutil.which("chromium")

# The protocol comes in on 3 and goes out on 4, whatever numbers our ends have.
STARTER = (
    "import fcntl, os, sys; r, w = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3]);"
    " os.dup2(r, 3); os.dup2(w, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-pipe",
]

Json = dict[str, Any]


@dataclass
class Page:
    """One page of the browser. Everything waits for its answer: call it from a thread."""

    to: IO[bytes]
    out: IO[bytes]
    session: str | None = None

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def call(self, method: str, **params: object) -> Json:
        """Call a method of the protocol, and return its result."""
        number = next(self._numbers)
        said: Json = {"id": number, "method": method, "params": params}
        if self.session is not None:
            said["sessionId"] = self.session
        self.to.write(json.dumps(said).encode() + b"\0")
        self.to.flush()
        while True:
            answer: Json = json.loads(self._message())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: Json = answer["result"]
                return result

    def run(self, script: str) -> Any:
        """Return what a script of the page comes to, as if a person had clicked."""
        found = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait_for(self, event: str) -> None:
        """Return when the browser tells of an event."""
        while json.loads(self._message()).get("method") != event:
            pass

    def _message(self) -> bytes:
        read = bytearray()
        while (one := self.out.read(1)) != b"\0":
            assert one, "the browser ended"
            read += one
        return bytes(read)


@contextmanager
def browsing(profile: Path) -> Generator[Page]:
    """Start the browser, and kill it at the end."""
    assert PROGRAM is not None
    theirs_in, to = os.pipe()
    out, theirs_out = os.pipe()
    start = [sys.executable, "-c", STARTER, str(theirs_in), str(theirs_out)]
    command = [*start, PROGRAM, *OPTIONS, f"--user-data-dir={profile}"]
    with (
        os.fdopen(to, "wb") as writing,
        os.fdopen(out, "rb") as reading,
        subprocess.Popen(
            command,
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield _opened(Page(writing, reading))
        finally:
            process.kill()


def _opened(browser: Page) -> Page:
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
    browser.session = attached["sessionId"]
    return browser
