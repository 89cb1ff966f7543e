"""Writes a revision for one module from the difference between its tables and the database."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.operations import ops
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from bootstrap.migrate.branches import Branches
from bootstrap.migrate.connection import Patience, in_turn
from bootstrap.migrate.running import create_schemas
from bootstrap.revisions import revisions


class NotRevised(Exception):
    """No revision can be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """A new revision, and those of its operations that lose data or lock a table for long."""

    path: Path
    destructive: Sequence[str]


def revise(
    url: str, module: str, message: str, *, empty: bool = False, branches: Branches | None = None
) -> Written | None:
    """Write the next revision of one module; None, and no file, when nothing differs.

    `empty` writes one without operations, to be filled by hand. The database has to be at every
    head. Raises NotRevised and MigrationFailed.
    """
    chosen = branches or Branches()
    if module not in chosen.schemas:
        raise NotRevised(f"there is no module {module}; there are: {', '.join(chosen.schemas)}")
    folder = chosen.root / module
    is_new = not folder.is_dir()
    _make_package(folder, module)
    written = in_turn(
        url, Patience(), lambda connection: _revise(connection, chosen, module, message, empty)
    )
    if written is None and is_new:
        shutil.rmtree(folder)
    if written is not None:
        _tidy(written.path)
    return written


def _revise(
    connection: Connection, branches: Branches, module: str, message: str, empty: bool
) -> Written | None:
    there, losses = revisions(module, branches.root), list[str]()

    def judge(_context: object, _revision: object, directives: list[ops.MigrationScript]) -> None:
        changes = directives[0].upgrade_ops
        if changes is None or (changes.is_empty() and not empty):
            directives.clear()
        else:
            losses.extend(_destructive(changes.ops))

    create_schemas(connection, branches)
    settings = branches.config(
        connection, **branches.comparison(module), process_revision_directives=judge
    )
    path = _write(settings, module, message, there, branches.root / module, compare=not empty)
    return None if path is None else Written(path, losses)


def _write(
    settings: Config,
    module: str,
    message: str,
    there: Sequence[str],
    folder: Path,
    *,
    compare: bool,
) -> Path | None:
    try:
        script = command.revision(
            settings,
            message,
            autogenerate=compare,
            head=there[-1] if there else "base",
            branch_label=None if there else module,
            version_path=str(folder),
            rev_id=f"{module}_{len(there) + 1:04}",
        )
    except CommandError as error:
        raise NotRevised(f"{error} Run `app db migrate` first.") from error
    path = getattr(script, "path", None)
    return None if path is None else Path(path)


def _destructive(steps: Iterable[ops.MigrateOperation]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, ops.ModifyTableOps):
            yield from _destructive(step.ops)
        elif isinstance(step, ops.DropTableOp):
            yield f"drops the table {step.table_name}"
        elif isinstance(step, ops.DropColumnOp):
            yield f"drops the column {step.table_name}.{step.column_name}"
        elif isinstance(step, ops.AlterColumnOp):
            yield from _altered(step)


def _altered(step: ops.AlterColumnOp) -> Iterator[str]:
    place = f"{step.table_name}.{step.column_name}"
    if step.modify_type is not None:
        yield f"changes the type of {place} to {step.modify_type!r}"
    if step.modify_nullable is False:
        yield f"refuses null in {place}"


def _make_package(folder: Path, module: str) -> None:
    folder.mkdir(exist_ok=True)
    package = folder / "__init__.py"
    if not package.exists():
        package.write_text(f'"""Revisions of {module}."""\n', "utf-8")


def _tidy(path: Path) -> None:
    """Leave the file as the checks want it."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), "utf-8")
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    if ruff is None:
        return
    for arguments in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        subprocess.run([ruff, *arguments, str(path)], check=False)  # noqa: S603 - our own tool
