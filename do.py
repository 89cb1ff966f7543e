#!/usr/bin/env python3
"""Everything this repository does, with Python 3.11 or newer and nothing else installed.

python3 do.py run [options]     install what is missing, then serve with demo data
python3 do.py test [options]    every check and every test; pytest's options are passed on
python3 do.py app [arguments]   the command line of the application
python3 do.py lock [--upgrade]  write requirements/*.txt anew from pyproject.toml

Dependencies go to .venv, tools to .tools; nothing outside this directory is changed.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python may be the one that reads this
    newer = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
    hint = (
        f"try: {newer[0]} do.py" if newer else "install one (Debian, Ubuntu: apt install python3)"
    )
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; {hint}")

if sys.platform == "win32":
    import msvcrt

    def lock_file(file: IO[str], *, wait: bool) -> None:
        """Raises OSError when it is taken and there is no waiting."""
        while True:
            try:
                return msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
            time.sleep(0.2)
else:
    import fcntl

    def lock_file(file: IO[str], *, wait: bool) -> None:
        """Raises OSError when it is taken and there is no waiting."""
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


ROOT = Path(__file__).resolve().parent
TOOLS, VENV = ROOT / ".tools", ROOT / ".venv"
SCRIPTS, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
PYTHON = VENV / SCRIPTS / ("python" + EXE)
STAMP = VENV / "installed"  # written last: without it .venv is unfinished and is made anew
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

ADVICE = """Check the network, then either install pip and venv (Debian, Ubuntu: apt install \
python3-venv)
or install uv itself and put it on PATH or name it in UV_BIN."""

Held = tuple[int, ...]  # the installation lock, as file descriptors for children to inherit

# command -> the locked set it needs, and what it starts
COMMANDS = {
    "run": ("run", ["bootstrap.cli", "dev"]),
    "app": ("run", ["bootstrap.cli"]),
    "test": ("test", ["bootstrap.checks"]),
    "lock": ("test", ["bootstrap.locks"]),
}


def main(arguments: list[str]) -> None:
    """Install what the command needs, then become it."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        sys.exit(0 if arguments and arguments[0] in ("help", "-h", "--help") else 2)
    needs, module = COMMANDS[arguments[0]]
    try:
        # Broken locks must not stop the command that repairs them.
        if arguments[0] != "lock" or not (VENV / SCRIPTS / ("uv" + EXE)).exists():
            install(needs)
    except OSError as problem:
        sys.exit(f"do.py could not install into {ROOT}: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    if arguments[0] != "app":  # its arguments may be paths, meant from where the user is
        os.chdir(ROOT)
    os.environ["PYTHONPATH"] = str(ROOT)  # and with -P not whatever lies where the user is
    become([str(PYTHON), "-P", "-m", *module, *arguments[1:]])


def become(command: list[str]) -> None:
    """Replace this process, so that signals reach the application itself."""
    if os.name == "nt":  # exec on Windows returns to the shell at once
        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def install(name: str) -> None:
    """Make .venv hold exactly the locked set; costs nothing when it already does."""
    if satisfied(name):
        return
    with alone() as held:
        if satisfied(name):  # another do.py did it while this one waited
            return
        version, installed = [*recorded().split(), "", ""][:2]
        if installed == "test":  # never takes the test tools away again
            name = installed
        tool = uv(held)
        if version != VERSION:
            say(f"making .venv for Python {VERSION}")
            shutil.rmtree(VENV, ignore_errors=True)
            run(held, tool, "venv", "--quiet", "--python", sys.executable, str(VENV))
        say(f"installing requirements/{name}.txt")
        STAMP.unlink(missing_ok=True)
        sync = [tool, "pip", "sync", *quiet(), "--require-hashes", "--compile-bytecode"]
        run(held, *sync, "--python", str(PYTHON), str(ROOT / "requirements" / f"{name}.txt"))
        STAMP.write_text(stamp(name))


def satisfied(name: str) -> bool:
    """Whether .venv holds the set; the tests' set holds all that running needs."""
    return recorded() in (stamp(name), stamp("test"))


def recorded() -> str:
    """What the last finished installation wrote, or nothing if its Python is gone."""
    return STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""


def stamp(name: str) -> str:
    """The line that stands for a finished installation of the set as locked now."""
    return f"{VERSION} {name} {digest(name)}"


def digest(name: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


def uv(held: Held) -> str:
    """The installer: the user's own, or the locked one, fetched with pip into .tools."""
    own = os.environ.get("UV_BIN") or shutil.which("uv")
    if own and not failure(held, own, "--version"):
        return own
    home = TOOLS / f"uv-{digest('uv')[:12]}"
    if not home.exists():
        say("fetching uv, the installer")
        fetch_uv(held, TOOLS / "uv.partial").rename(home)  # only ever there as a whole
    return str(next(home.glob(f"*/uv{EXE}")))


def fetch_uv(held: Held, target: Path) -> Path:
    """Try the two ways that between them work everywhere; say what to do when neither does."""
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip += ["--require-hashes", "-r", str(ROOT / "requirements" / "uv.txt")]
    shutil.rmtree(target, ignore_errors=True)
    # PEP 668 allows --target where plain pip is refused, and it takes a third of the time.
    if failure(held, sys.executable, *pip, "--target", str(target)):
        shutil.rmtree(target, ignore_errors=True)
        problem = failure(held, sys.executable, "-m", "venv", str(target)) or failure(
            held, str(target / SCRIPTS / f"python{EXE}"), *pip
        )
        if problem:
            sys.exit(
                f"[do] could not install uv, which installs everything else:\n{problem}\n{ADVICE}"
            )
    return target


def failure(held: Held, *command: str) -> str:
    """Run quietly; the last words of what failed, empty when it went well."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, pass_fds=held)
    except OSError as problem:
        return str(problem)
    return ((done.stderr or done.stdout).strip()[-800:] or "failed") if done.returncode else ""


def run(held: Held, *command: str) -> None:
    """Run in the user's sight; end when it fails."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    code = subprocess.run(command, check=False, env=environment, pass_fds=held).returncode
    if code:
        sys.exit(f"[do] installing failed: {Path(command[0]).name} {command[1]} exited with {code}")


@contextlib.contextmanager
def alone() -> "Generator[Held]":
    """Hold the installation lock.

    Children inherit it and the system releases it with its last holder: when do.py is killed,
    the next one waits for the orphan that is still writing, and never for longer.
    """
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("a") as file:
        try:
            lock_file(file, wait=False)
        except OSError:
            say("waiting for another do.py to finish installing")
            lock_file(file, wait=True)
        yield () if os.name == "nt" else (file.fileno(),)


def quiet() -> list[str]:
    return [] if sys.stderr.isatty() else ["--quiet"]


def say(text: str) -> None:
    print(f"[do] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
