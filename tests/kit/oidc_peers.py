"""Two real OpenID providers, and a browser that signs in with them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

HERE = Path(__file__).parents[1] / "peers" / "oidc"
PATIENCE = 30.0
PEOPLE = ("ada", "grace", "unverified-ivan")


@dataclass(frozen=True, slots=True)
class Peer:
    """A provider. A strict one demands PKCE, answers with `iss`, and counts calls for tokens."""

    name: str
    issuer: str
    strict: bool

    def settings(self) -> dict[str, object]:
        """Return what our settings say of it."""
        return {
            "issuer": self.issuer,
            "client_id": "ashlar",
            "client_secret": f"{self.name}-secret-0123456789-0123456789",
        }

    async def token_calls(self) -> int:
        """Return how often its token endpoint was called."""
        async with httpx2.AsyncClient() as http:
            return int((await http.get(f"{self.issuer}/calls")).text)

    async def sign_in(self, url: str, person: str = "ada") -> httpx2.URL:
        """Sign in as a person would who was sent to `url`; return where they are sent back to."""
        async with httpx2.AsyncClient() as browser:
            if not self.strict:
                answer = await browser.post(url, data={"sub": person})
                return httpx2.URL(answer.headers["location"])
            here = httpx2.URL(url).copy_merge_params({"login_hint": person})
            for _ in range(10):
                answer = await browser.get(here)
                assert answer.is_redirect, answer.text
                here = here.join(answer.headers["location"])
                if "/callback" in here.path:
                    return here
        raise AssertionError("the provider sends the browser round and round")


@contextmanager
def oidc_peers(callback_base: str) -> Generator[Sequence[Peer]]:
    """Start two providers: strict ones where Node is (CI has it), else simple ones."""
    if _node_is_ready():
        with _strict(callback_base) as peers:
            yield peers
    elif os.environ.get("CI") == "true":
        pytest.fail("CI needs Node and the packages of tests/peers/oidc")
    else:
        with _simple("north") as north, _simple("south") as south:
            yield [north, south]


def _node_is_ready() -> bool:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return False
    installed = HERE / "node_modules" / ".package-lock.json"
    wanted = (HERE / "package-lock.json").stat().st_mtime
    if installed.exists() and installed.stat().st_mtime >= wanted:
        return True
    done = subprocess.run([npm, "ci"], cwd=HERE, capture_output=True, timeout=300, check=False)
    if done.returncode == 0:
        installed.touch()
    return done.returncode == 0


@contextmanager
def _strict(callback_base: str) -> Generator[Sequence[Peer]]:
    node = str(shutil.which("node"))
    process = subprocess.Popen(
        [node, "providers.mjs", callback_base],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ports = json.loads(process.stdout.readline())
            yield [Peer(name, f"http://127.0.0.1:{port}", True) for name, port in ports.items()]
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


@contextmanager
def _simple(name: str) -> Generator[Peer]:
    """Start a provider in a process of its own: what it is made of warns of what it uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    claims = [
        f'{{"sub": "{one}", "email": "{one}@example.com", "email_verified": {verified}}}'
        for one in PEOPLE
        for verified in ["false" if one.startswith("unverified") else "true"]
    ]
    users = [part for one in claims for part in ("--user-claims", one)]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *users]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            _wait_for(port)
            yield Peer(name, f"http://127.0.0.1:{port}", False)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the provider does not start")
