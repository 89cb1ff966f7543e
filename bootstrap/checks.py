"""Everything that must hold: format, lint, types, boundaries, locks and tests, side by side.

`python3 do.py test [--only NAME] [pytest options]` prints a line for each check, in full only what
failed, and the tests' own output last. The exit code is 1 if anything failed.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
TOOLS = sysconfig.get_path("scripts")


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 when something holds."""

    name: str
    command: tuple[str, ...]

    def argv(self) -> list[str]:
        """The command line, with this environment's tools and never others on PATH."""
        tool, *arguments = self.command
        program = sys.executable if tool == "python" else shutil.which(tool, path=TOOLS)
        if program is None:
            raise SystemExit(f"{tool} is not installed; run: python3 do.py test")
        return [program, *arguments]


TESTS = Check("tests", ("python", "-m", "pytest"))
# Quick ones first, so that their results are; the tests run beside all of them.
OTHERS = (
    Check("format", ("ruff", "format", "--check", "--output-format", "concise", ".")),
    Check("lint", ("ruff", "check", "--quiet", ".")),
    Check("locks", ("python", "-m", "bootstrap.locks", "--check")),
    Check("boundaries", ("lint-imports", "--config", "importlinter.ini")),
    Check("mypy", ("mypy",)),
    Check("basedpyright", ("basedpyright",)),
)
NAMES = [check.name for check in (*OTHERS, TESTS)]


def environment() -> dict[str, str]:
    """What the checks run in. Byte code is kept, or hundreds of processes would compile it anew."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "COLUMNS": "160"}


@dataclass
class Running:
    """A check under way; its output goes to a file, so that it cannot block on a full pipe."""

    check: Check
    output: Path
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether it ended, and not well."""
        return self.process.returncode != 0

    def __post_init__(self) -> None:
        self.watch = Thread(target=self._watch, daemon=True)
        self.watch.start()

    def _watch(self) -> None:
        self.process.wait()
        self.seconds = time.monotonic() - self.started

    def report(self) -> None:
        """Wait for its end; say how it went and how long it took."""
        self.watch.join()
        say(f"{'FAILED' if self.failed else 'ok':8}{self.check.name:14}{self.seconds:6.1f} s")


class Checks:
    """The checks of one run, in a directory for their output."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.running: list[Running] = []

    def start(self, check: Check, extra: Iterable[str] = (), *, low: bool = False) -> Running:
        """Start a check; a low one yields the processors to the tests, which last longest."""
        nice = shutil.which("nice") if low else None
        output = self.directory / check.name
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*([nice, "-n", "10"] if nice else []), *check.argv(), *extra],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.running.append(Running(check, output, process))
        return self.running[-1]

    def finish(self, check: Check) -> Running:
        """Run a check to its end and report it."""
        running = self.start(check, low=True)
        running.report()
        return running

    def stop(self) -> None:
        """End what is still running: nobody is left to read it."""
        for running in self.running:
            if running.process.poll() is None:
                running.process.terminate()
        for running in self.running:
            running.process.wait()


def _end(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


@contextmanager
def checks() -> Generator[Checks]:
    """Leaves no process behind, also when this one is asked to end."""
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory() as name:
        run = Checks(Path(name))
        try:
            yield run
        finally:
            run.stop()


def run_others(run: Checks, wanted: list[Check]) -> list[Running]:
    """All checks but the tests, a few at a time; the ones that failed, with their output."""
    lanes = ThreadPoolExecutor(max_workers=max(2, (os.cpu_count() or 1) // 2))
    try:
        futures = [lanes.submit(run.finish, check) for check in wanted]
        ended = [future.result() for future in as_completed(futures)]
    finally:
        lanes.shutdown(wait=False, cancel_futures=True)
    failed = [running for running in ended if running.failed]
    for running in failed:
        say(
            f"\n--- {running.check.name} ---\n{running.output.read_text(errors='replace').rstrip()}"
        )
    return failed


def show(running: Running) -> None:
    """Pass on what the tests print, as they print it."""
    say("\n--- tests ---")
    with running.output.open("rb") as output:
        ended = False
        while not ended:
            ended = running.process.poll() is not None
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
            if not ended:
                time.sleep(0.1)


def say(text: str) -> None:
    print(text, flush=True)


def main(arguments: list[str]) -> int:
    """Run what is asked for and print how it went; 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="do.py test", allow_abbrev=False, description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be repeated")
    options, extra = parser.parse_known_args(arguments)
    only = options.only or NAMES
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    with checks() as run:
        tests = run.start(TESTS, [*colour, *extra]) if TESTS.name in only else None
        failed = run_others(run, [check for check in OTHERS if check.name in only])
        if tests:
            show(tests)
            tests.report()
            failed += [tests] if tests.failed else []
    if failed:
        print("failed:", ", ".join(r.check.name for r in failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
