"""`app access role ...`: one role after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from modules.access.adapters.cli.revisions import (
    AuthorOption,
    ForceFlag,
    ReasonOption,
    revision_of,
)
from modules.access.application.administering.roles import ChangeRole, CreateRole, RoleService
from modules.access.application.queries import AccessQueries, RoleView
from shared_kernel.adapters.cli import Console, Json, JsonFlag, QuietFlag, work_with
from shared_kernel.application import ABSENT
from shared_kernel.application.personal_data import every
from shared_kernel.module import Services

MOST = 100_000

role_commands = typer.Typer(help="Roles, and what they hold.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="ROLE", help="The name of the role.")]
Many = list[str] | None


@role_commands.command("list")
def list_roles(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show the names of the roles."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> Sequence[RoleView]:
        return await every(services.get(AccessQueries).roles, most=MOST)

    found = work_with(context, console, read)
    console.show("\n".join(one.name for one in found), [_document(one) for one in found])


@role_commands.command("show")
def show_role(
    context: typer.Context, name: Name, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Show one role: what it holds, and from which others it inherits."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> RoleView:
        return await services.get(AccessQueries).role_named(name)

    _show(console, work_with(context, console, read))


@role_commands.command("create")
def create_role(
    context: typer.Context,
    name: Name,
    *,
    permission: Annotated[Many, typer.Option(help="What it holds; may be repeated.")] = None,
    inherits: Annotated[Many, typer.Option(help="A role whose permissions it holds too.")] = None,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Count only for who proved a second factor.")
    ] = False,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a role."""
    console = Console(json=json, quiet=quiet)

    async def make(services: Services) -> RoleView:
        revision = await revision_of(services, reason, author, force=force)
        wanted = CreateRole(
            name=name,
            permissions=tuple(permission or ()),
            inherits=tuple(inherits or ()),
            requires_second_factor=second_factor,
            reason=reason,
            force=force,
        )
        role_id = await services.get(RoleService).create(revision.author, wanted)
        return await services.get(AccessQueries).role(role_id)

    _show(console, work_with(context, console, make))


@role_commands.command("change")
def change_role(
    context: typer.Context,
    name: Name,
    *,
    add: Annotated[Many, typer.Option(help="A permission to hold; may be repeated.")] = None,
    remove: Annotated[Many, typer.Option(help="A permission to hold no more.")] = None,
    inherit: Annotated[Many, typer.Option(help="A role to inherit from.")] = None,
    disinherit: Annotated[Many, typer.Option(help="A role to inherit from no more.")] = None,
    second_factor: Annotated[
        bool | None,
        typer.Option(
            "--second-factor/--no-second-factor", help="Count only for who proved one, or for all."
        ),
    ] = None,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Change what a role holds, from which others it inherits, and for whom it counts."""
    console = Console(json=json, quiet=quiet)

    async def alter(services: Services) -> RoleView:
        revision = await revision_of(services, reason, author, force=force)
        queries = services.get(AccessQueries)
        found = await queries.role_named(name)
        wanted = ChangeRole(
            permissions=_changed(found.permissions, add, remove) if add or remove else ABSENT,
            inherits=(
                _changed(found.inherits, inherit, disinherit) if inherit or disinherit else ABSENT
            ),
            requires_second_factor=ABSENT if second_factor is None else second_factor,
            reason=reason,
            force=force,
        )
        roles = services.get(RoleService)
        await roles.alter(revision.author, found.id, found.version, wanted)
        return await queries.role(found.id)

    _show(console, work_with(context, console, alter))


@role_commands.command("delete")
def delete_role(
    context: typer.Context,
    name: Name,
    *,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Delete a role that nobody holds and nothing names."""
    console = Console(json=json, quiet=quiet)

    async def delete(services: Services) -> None:
        revision = await revision_of(services, reason, author, force=force)
        found = await services.get(AccessQueries).role_named(name)
        await services.get(RoleService).delete(
            revision.author, found.id, found.version, reason=reason, force=force
        )

    work_with(context, console, delete)
    console.show(f"role {name} is gone", {"name": name})


def _changed(now: Sequence[str], added: Many, removed: Many) -> tuple[str, ...]:
    return tuple(sorted({*now, *(added or ())} - {*(removed or ())}))


def _show(console: Console, one: RoleView) -> None:
    lines = [
        one.name + (" (only with a second factor)" if one.requires_second_factor else ""),
        *(f"  inherits {name}" for name in one.inherits),
        *(
            f"  {name}" + (", which no module declares" if name in one.undeclared else "")
            for name in one.permissions
        ),
    ]
    console.show("\n".join(lines), _document(one))


def _document(one: RoleView) -> Json:
    return {
        "name": one.name,
        "built_in": one.built_in,
        "permissions": list(one.permissions),
        "inherits": list(one.inherits),
        "effective_permissions": list(one.effective_permissions),
        "undeclared": list(one.undeclared),
        "requires_second_factor": one.requires_second_factor,
    }
