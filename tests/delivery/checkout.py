"""Checkouts of this repository to try the two commands in, away from the one under test."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UV = Path(sys.executable).parent / "uv"
# The interpreter of a machine, not the one of the environment that runs the tests.
MACHINE_PYTHON = str(getattr(sys, "_base_executable", sys.executable))


@dataclass(frozen=True)
class Checkout:
    """A directory with do.py in it, and the environment of whoever works there."""

    path: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        return [MACHINE_PYTHON, str(self.path / "do.py"), *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start do.py without waiting for it."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def do(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run do.py to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def machine(home: Path, **more: str) -> dict[str, str]:
    """The environment of a machine with an empty home and no uv on PATH."""
    home.mkdir(parents=True, exist_ok=True)
    dropped = ("UV_", "PYTHON", "VIRTUAL_ENV", "PYTEST", "XDG_")
    kept = {key: text for key, text in os.environ.items() if not key.startswith(dropped)}
    path = [folder for folder in os.get_exec_path() if not (Path(folder) / "uv").exists()]
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join(path), **more}


def full(path: Path) -> Checkout:
    """All that is needed to run the application, where nothing is installed.

    What this machine fetched before is at hand: fetching all of it again would show no more.
    """
    for name in ("bootstrap", "shared_kernel", "modules", "migrations", "requirements"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", path)
    shutil.copy(ROOT / "do.py", path)
    cache = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True)
    return Checkout(path, machine(path.parent / "home", UV_CACHE_DIR=cache.stdout.strip()))


def small(path: Path) -> Checkout:
    """The real do.py over two small locks; what it starts prints the packages it can import."""
    (path / "bootstrap").mkdir(parents=True)
    (path / "bootstrap" / "__init__.py").touch()
    for name in ("cli", "checks"):
        (path / "bootstrap" / f"{name}.py").write_text(PRINTS_WHAT_IS_INSTALLED)
    (path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "uv.txt", path / "requirements")
    write_lock(path, "run", ["idna"])
    write_lock(path, "test", ["idna", "iniconfig"])
    shutil.copy(ROOT / "do.py", path)
    return Checkout(path, machine(path.parent / "home", UV_BIN=str(UV)))


PRINTS_WHAT_IS_INSTALLED = """
import sys
from importlib.util import find_spec
print(*[name for name in ("idna", "iniconfig", "pluggy") if find_spec(name)])
sys.exit(7 if "fail" in sys.argv else 0)
"""


def write_lock(path: Path, name: str, packages: list[str]) -> None:
    """Take the packages' hashed lines from the real lock."""
    lines = (ROOT / "requirements" / "test.txt").read_text().splitlines(keepends=True)
    kept, keep = "", False
    for line in lines:
        keep = line.split("==")[0] in packages if line[0].isalpha() else keep
        kept += line if keep else ""
    assert kept.count("==") == len(packages)
    (path / "requirements" / f"{name}.txt").write_text(kept)
