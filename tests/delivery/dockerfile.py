"""Reads a Dockerfile, and carries out its steps in directories where no container engine is."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

PLACES = re.compile(r"(?<![\w.])/(?=(?:app|opt|usr/local|var/lib)\b)")


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile, continuation lines joined."""

    name: str
    text: str

    def arguments(self) -> list[str]:
        """The words, or the items of the exec form."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def parse(text: str) -> list[Instruction]:
    """The instructions, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [Instruction(name.upper(), rest.strip()) for name, rest in pairs]


def context(root: Path) -> list[Path]:
    """The files that .dockerignore lets through, as paths from the root; the last rule wins."""
    rules = [
        line.strip()
        for line in (root / ".dockerignore").read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    kept: list[Path] = []
    for folder, names, files in os.walk(root):
        here = Path(folder).relative_to(root)
        if here == Path():  # nothing is let in below these, and they are large
            names[:] = [name for name in names if _may_hold(name, rules)]
        kept += [here / name for name in files if _let_in(here / name, rules)]
    return sorted(kept)


def _may_hold(name: str, rules: list[str]) -> bool:
    return any(rule.startswith("!" + name) for rule in rules)


def _let_in(path: Path, rules: list[str]) -> bool:
    excluded = False
    for rule in rules:
        pattern = rule.lstrip("!").rstrip("/")
        if any(_matches(part, pattern) for part in [path, *path.parents[:-1]]):
            excluded = not rule.startswith("!")
    return not excluded


def _matches(path: Path, pattern: str) -> bool:
    """Docker's rules: `*` stays within a name, `**/` is any number of directories."""
    if pattern.startswith("**/"):
        return fnmatch(path.name, pattern[3:])
    return len(path.parts) == pattern.count("/") + 1 and fnmatch(path.as_posix(), pattern)


@dataclass
class Stage:
    """One stage of a build: a directory that stands for its root, and what is said about it."""

    root: Path
    environment: dict[str, str]
    workdir: str = "/"
    config: dict[str, Instruction] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """Whose a directory is, where that was said; nobody but root could do it here."""

    def inside(self, path: str) -> Path:
        """Where a path of the image lies in the directory."""
        absolute = path if path.startswith("/") else f"{self.workdir}/{path}"
        return self.root / absolute.lstrip("/")

    def translated(self, text: str) -> str:
        """The text with the image's paths led into the directory."""
        return PLACES.sub(f"{self.root}/", text)

    def variables(self) -> dict[str, str]:
        return {name: self.translated(text) for name, text in self.environment.items()}


class Replay:
    """Builds an image's file tree from a Dockerfile; unknown instructions are refused."""

    def __init__(self, source: Path, target: Path, base: Callable[[Path], None]) -> None:
        self.source, self.target, self.base = source, target, base
        self.stages: dict[str, Stage] = {}
        self.files = context(source)
        self.stage: Stage | None = None

    def build(self) -> Stage:
        """Carry out every instruction; the last stage is the image."""
        steps: dict[str, Callable[[Stage, Instruction], None]] = {
            "WORKDIR": self._workdir,
            "ENV": self._env,
            "COPY": self._copy,
            "RUN": self._run,
        }
        told = {"USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
        for step in parse((self.source / "Dockerfile").read_text()):
            if step.name == "FROM":
                self._from(step)
            elif self.stage is not None and step.name in told:
                self.stage.config[step.name] = step
            elif self.stage is not None:
                steps[step.name](self.stage, step)
            elif step.name != "ARG":
                raise AssertionError(f"{step.name} before the first FROM")
        assert self.stage is not None
        return self.stage

    def _from(self, step: Instruction) -> None:
        name = step.arguments()[-1] if " AS " in step.text else f"stage-{len(self.stages)}"
        root = self.target / name
        bare = self.target / "base"  # of all stages: the Dockerfile names one image
        if not bare.exists():
            self.base(bare)
        link_tree(bare, root)
        path = f"{root}/usr/local/bin:/usr/bin:/bin"
        libraries = f"{root}/usr/local/lib"  # where a shared libpython lies
        environment = {"PATH": path, "HOME": str(root), "LD_LIBRARY_PATH": libraries}
        self.stage = self.stages[name] = Stage(root, environment)

    def _workdir(self, stage: Stage, step: Instruction) -> None:
        stage.workdir = step.text
        stage.inside(".").mkdir(parents=True, exist_ok=True)

    def _env(self, stage: Stage, step: Instruction) -> None:
        stage.environment |= dict(pair.split("=", 1) for pair in step.arguments())

    def _copy(self, stage: Stage, step: Instruction) -> None:
        *options, source, target = step.arguments()
        if options:
            said = dict(option.split("=", 1) for option in options)
            assert said.keys() <= {"--from", "--chown"}, options
            link_tree(self.stages[said["--from"]].inside(source), stage.inside(target))
            if "--chown" in said:
                stage.owners[target] = said["--chown"]
            return
        inside = Path(source)
        found = [file for file in self.files if file.is_relative_to(inside)]
        assert found, f"COPY {source}: .dockerignore lets nothing of it in"
        for file in found:
            place = stage.inside(target) / file.relative_to(inside)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.source / file, place)

    def _run(self, stage: Stage, step: Instruction) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", stage.translated(step.text)],
            cwd=stage.inside("."),
            env=reachable() | stage.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"RUN {step.text}\n{done.stdout}{done.stderr}"


def link_tree(source: Path, target: Path) -> None:
    """Copy a directory without copying what is in its files."""
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def reachable() -> dict[str, str]:
    """What a build gets from its machine: certificates, proxies, and a cache as builders mount."""
    reach = {k: v for k, v in os.environ.items() if "CERT" in k or k.lower().endswith("_proxy")}
    cache = os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))
    return reach | {"UV_CACHE_DIR": cache}


def python_image(root: Path) -> None:
    """What stands for the base image: this interpreter and its library, with pip, in /usr/local."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library = Path(os.__file__).parent
    local = root / "usr" / "local"
    unused = ("site-packages", "dist-packages", "test", "idlelib", "tkinter", "turtledemo")
    ignored = shutil.ignore_patterns(*unused, "config-*", "*.opt-?.pyc", "EXTERNALLY-MANAGED")
    shutil.copytree(library, local / "lib" / version, ignore=ignored)
    for shared in library.parent.glob("libpython*.so*"):
        shutil.copy2(shared, local / "lib")
    (local / "bin").mkdir()
    shutil.copy2(
        Path(getattr(sys, "_base_executable", sys.executable)).resolve(), local / "bin" / version
    )
    for alias in ("python", "python3"):
        (local / "bin" / alias).symlink_to(version)
    wheel = next((local / "lib" / version / "ensurepip" / "_bundled").glob("pip-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(local / "lib" / version / "site-packages")
