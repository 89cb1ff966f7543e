"""`app policy ...`: roles and policies, as they stand and as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from modules.access.adapters.cli.revisions import (
    AuthorOption,
    ForceFlag,
    ReasonOption,
    revision_of,
)
from modules.access.application.administering.versions import RulebookService
from modules.access.application.explaining.trying import Outcome
from modules.access.application.policy_files import PolicyFiles
from modules.access.application.queries import AccessQueries, RoleView, VersionView
from modules.access.ports import BadFile
from shared_kernel.adapters.cli import Console, Exit, Json, JsonFlag, QuietFlag, work_with
from shared_kernel.application.personal_data import every
from shared_kernel.domain import Invalid
from shared_kernel.module import Services

T = TypeVar("T")

MOST = 100_000

policy = typer.Typer(help="Roles and policies, in force and as a file.", no_args_is_help=True)

FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="A file of YAML.")
]


@policy.command("list")
def list_policy(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show every role and the permissions it holds."""
    console = Console(json=json, quiet=quiet)
    roles = work_with(context, console, _all_roles)
    lines = [line for role in roles for line in (role.name, *(f"  {p}" for p in role.permissions))]
    document: Json = [
        {
            "name": one.name,
            "built_in": one.built_in,
            "permissions": list(one.permissions),
            "inherits": list(one.inherits),
            "effective_permissions": list(one.effective_permissions),
            "requires_second_factor": one.requires_second_factor,
        }
        for one in roles
    ]
    console.show("\n".join(lines), document)


@policy.command("export")
def export(context: typer.Context) -> None:
    """Write roles and policies to standard output, as a file that `apply` takes."""
    typer.echo(work_with(context, Console(), _exported), nl=False)


@policy.command("diff")
def diff(
    context: typer.Context, file: FileArgument, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Show what a file would change; exit 1 if that is something."""
    console = Console(json=json, quiet=quiet)
    lines = _with_file(context, console, file, lambda files: files.differences(file.read_bytes()))
    console.show("\n".join(lines) or "the file is in force", {"differences": list(lines)})
    if lines:
        raise typer.Exit(Exit.CHECK_FAILED)


@policy.command("apply")
def apply(
    context: typer.Context,
    file: FileArgument,
    *,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Put a file in force, all of it or nothing: what it does not name is deleted."""
    console = Console(json=json, quiet=quiet)

    async def put(services: Services) -> Sequence[str]:
        revision = await revision_of(services, reason, author, force=force)
        files = services.get(PolicyFiles)
        return await _located(file, files.apply(file.read_bytes(), revision))

    lines = work_with(context, console, put)
    console.show("\n".join(lines) or "it was in force already", {"differences": list(lines)})


@policy.command("test")
def try_out(
    context: typer.Context,
    file: FileArgument,
    table: Annotated[
        Path | None,
        typer.Option("--tests", exists=True, dir_okay=False, help="Another file with the tests."),
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Decide the tests in a file by the roles and policies in it; exit 1 unless all are met.

    A file that holds tests alone is tried on what is in force.
    """
    console = Console(json=json, quiet=quiet)
    tests = None if table is None else table.read_bytes()
    outcomes = _with_file(
        context, console, table or file, lambda files: files.try_out(file.read_bytes(), tests)
    )
    failed = [one for one in outcomes if not one.is_as_expected]
    console.show(_table(outcomes), [_told(one) for one in outcomes])
    if failed:
        raise typer.Exit(Exit.CHECK_FAILED)


@policy.command("check")
def check(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Look for what roles and policies name and no module declares any more; exit 1 if it does."""
    console = Console(json=json, quiet=quiet)
    faults = work_with(context, console, lambda services: services.get(PolicyFiles).faults())
    lines = [f"{one.at}: {one.message}" for one in faults]
    document: Json = [{"at": one.at, "message": one.message} for one in faults]
    console.show("\n".join(lines) or "everything is declared", document)
    if faults:
        raise typer.Exit(Exit.CHECK_FAILED)


@policy.command("versions")
def versions(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show the changes of roles and policies, the newest first."""
    console = Console(json=json, quiet=quiet)
    found = work_with(context, console, _all_versions)
    lines = [
        f"{one.version:>8}  {one.created_at:%Y-%m-%d %H:%M}  {one.author_id or '-'}  "
        f"{one.reason or ''}".rstrip()
        for one in found
    ]
    document: Json = [
        {
            "version": one.version,
            "author_id": None if one.author_id is None else str(one.author_id),
            "reason": one.reason,
            "created_at": one.created_at.isoformat(),
        }
        for one in found
    ]
    console.show("\n".join(lines), document)


@policy.command("rollback")
def rollback(
    context: typer.Context,
    version: Annotated[int, typer.Argument(min=1, max=2**53)],
    *,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Put an earlier version in force again, as a new one."""
    console = Console(json=json, quiet=quiet)

    async def restore(services: Services) -> None:
        revision = await revision_of(services, reason, author, force=force)
        await services.get(RulebookService).restore(version, revision)

    work_with(context, console, restore)
    console.show(f"version {version} is in force again", {"restored": version})


async def _exported(services: Services) -> str:
    return await services.get(PolicyFiles).export()


async def _all_roles(services: Services) -> Sequence[RoleView]:
    return await every(services.get(AccessQueries).roles, most=MOST)


async def _all_versions(services: Services) -> Sequence[VersionView]:
    return await every(services.get(AccessQueries).versions, most=MOST)


def _with_file(
    context: typer.Context,
    console: Console,
    file: Path,
    work: Callable[[PolicyFiles], Awaitable[T]],
) -> T:
    return work_with(
        context, console, lambda services: _located(file, work(services.get(PolicyFiles)))
    )


async def _located(file: Path, work: Awaitable[T]) -> T:
    """Say in which line of the file a mistake is."""
    try:
        return await work
    except BadFile as error:
        place = str(file) if error.line is None else f"{file}:{error.line}"
        raise Invalid(f"{place}: {error}") from error


def _table(outcomes: Sequence[Outcome]) -> str:
    failed = sum(not one.is_as_expected for one in outcomes)
    lines = [
        f"{'ok  ' if one.is_as_expected else 'FAIL'}  {one.trial.name}"
        + ("" if one.is_as_expected else f": {_said(one)}")
        for one in outcomes
    ]
    return "\n".join([*lines, f"{len(outcomes)} tests, {failed} failed"])


def _said(outcome: Outcome) -> str:
    expected, got = [
        "allow" if allowed else "deny" for allowed in (outcome.trial.allowed, outcome.allowed)
    ]
    return f"{outcome.trial.permission} expected {expected}, got {got}"


def _told(outcome: Outcome) -> Json:
    return {
        "name": outcome.trial.name,
        "action": outcome.trial.permission,
        "expected": "allow" if outcome.trial.allowed else "deny",
        "got": "allow" if outcome.allowed else "deny",
    }
