"""Types commands of `app`, and tells how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from tests.kit import starting
from tests.kit.starting import Start


def app(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    start: Start = starting.forked,
) -> CompletedProcess[str]:
    """Run `app` with arguments, in a directory, with nothing of ours in its environment."""
    process = start("bootstrap.cli", *arguments, cwd=cwd, environment=environment or {})
    printed, errors = process.communicate(timeout=60)
    return CompletedProcess(arguments, process.wait(), printed, errors)
