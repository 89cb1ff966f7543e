"""The dependency locks: what each holds, and whether they still say what pyproject.toml asks for.

The locks carry hashes and no addresses, so that they install alike from any mirror. Run as
`python -m bootstrap.locks [--check | --upgrade]`; the exit code of a failed check is 1.
"""

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# file in requirements/ -> what uv resolves for it
LOCKS = {
    "uv.txt": ["--group", "install"],
    "production.txt": ["pyproject.toml"],
    "run.txt": ["pyproject.toml", "--group", "local"],
    "test.txt": ["pyproject.toml", "--group", "test"],
}
COMPILE = [
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version=3.11",  # the oldest supported: the lock must not depend on who writes it
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
]


class Unresolvable(Exception):
    """uv could not make a lock; the text is what it printed."""


def uv() -> str:
    """The locked uv of the test tools: another version may word the locks differently."""
    return str(Path(sysconfig.get_path("scripts")) / ("uv.exe" if os.name == "nt" else "uv"))


def write_locks(root: Path, *options: str) -> None:
    """Resolve pyproject.toml into requirements/, keeping locked versions that still fit.

    Raises Unresolvable.
    """
    (root / "requirements").mkdir(exist_ok=True)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    running = [
        subprocess.Popen(
            [uv(), *COMPILE, *options, *sources, "--output-file", f"requirements/{name}"],
            cwd=root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, sources in LOCKS.items()
    ]
    problems = [process.communicate()[1] for process in running]
    if any(process.returncode for process in running):
        raise Unresolvable("\n".join(filter(None, problems)).strip())


def stale(root: Path) -> str:
    """The difference between the locks and what they should be; empty when they are up to date.

    Asks the network only when the answer is not in uv's cache. Raises Unresolvable.
    """
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        shutil.copy(root / "pyproject.toml", fresh)
        shutil.copytree(root / "requirements", fresh / "requirements")
        try:
            write_locks(fresh, "--offline")
        except Unresolvable:
            write_locks(fresh)
        return "".join(_difference(root, fresh, lock) for lock in LOCKS)


def _difference(root: Path, fresh: Path, name: str) -> str:
    there = root / "requirements" / name
    old = there.read_text().splitlines(keepends=True) if there.exists() else []
    new = (fresh / "requirements" / name).read_text().splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, f"requirements/{name}", "as it should be", n=0))


def main(arguments: list[str]) -> int:
    """Write the locks, or with --check only compare them."""
    parser = argparse.ArgumentParser(prog="do.py lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when stale")
    parser.add_argument("--upgrade", action="store_true", help="move to the newest versions")
    options = parser.parse_args(arguments)
    try:
        difference = stale(ROOT) if options.check else ""
        if not options.check:
            write_locks(ROOT, *(["--upgrade"] if options.upgrade else []))
    except Unresolvable as problem:
        print(problem, file=sys.stderr)
        return 1
    if difference:
        print(difference, "The locks are stale; write them with: python3 do.py lock", sep="\n")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
