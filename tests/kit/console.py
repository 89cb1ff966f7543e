"""Runs the `console` blocks of a document in one shell and compares what they print."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARK = "=====step"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a document, and what the document says it prints (`...` is anything)."""

    command: str
    expected: str

    def is_met_by(self, printed: str) -> bool:
        """Whether the output is what the document shows."""
        parts = (re.escape(part) for part in self.expected.strip().split("..."))
        return re.fullmatch(".*".join(parts), printed.strip(), re.DOTALL) is not None


def steps_of(document: Path) -> list[Step]:
    """Return the commands of all `console` blocks, in order."""
    return [step for block in BLOCK.findall(document.read_text("utf-8")) for step in _steps(block)]


def outputs_of(
    steps: list[Step],
    directory: Path,
    environment: Mapping[str, str],
    replace: Mapping[str, str],
    descriptors: Sequence[int] = (),
) -> list[str]:
    """Run the commands in one bash, so that variables last, and return what each printed."""
    script = "".join(f"{step.command}\necho; echo '{MARK}'\n" for step in steps)
    for old, new in replace.items():
        script = script.replace(old, new)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        pass_fds=descriptors,
        check=False,
    )
    outputs = done.stdout.split(f"\n{MARK}\n")[: len(steps)]
    assert len(outputs) == len(steps), done.stdout + done.stderr
    for old, new in replace.items():
        outputs = [one.replace(new, old) for one in outputs]
    return outputs


def _steps(block: str) -> list[Step]:
    steps: list[Step] = []
    command: list[str] = []
    expected: list[str] = []
    going_on = False
    for line in block.splitlines():
        if line.startswith("$ ") or going_on:
            if not going_on:
                _close(steps, command, expected)
            command.append(line.removeprefix("$ ") if not going_on else line)
            going_on = line.endswith("\\")
        else:
            expected.append(line)
    _close(steps, command, expected)
    return steps


def _close(steps: list[Step], command: list[str], expected: list[str]) -> None:
    if command:
        steps.append(Step("\n".join(command), "\n".join(expected)))
    command.clear()
    expected.clear()
