"""`app access policy ...`: one policy after the other."""

from __future__ import annotations

import json as notation
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from modules.access.adapters.cli.revisions import (
    AuthorOption,
    ForceFlag,
    ReasonOption,
    require_line,
    revision_of,
)
from modules.access.application.administering.policies import (
    AlterPolicy,
    CreatePolicy,
    PolicyService,
)
from modules.access.application.queries import AccessQueries, PolicyView
from modules.access.domain import ALWAYS, Effect
from shared_kernel.adapters.cli import Console, Exit, Json, JsonFlag, QuietFlag, work_with
from shared_kernel.application import ABSENT
from shared_kernel.application.personal_data import every
from shared_kernel.module import Services

MOST = 100_000

policy_commands = typer.Typer(
    help="Policies: what is allowed and denied besides.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="POLICY", help="The name of the policy.")]
Many = list[str] | None
RoleOption = Annotated[Many, typer.Option(help="A role it is for; may be repeated.")]
AnyoneFlag = Annotated[bool, typer.Option("--anyone", help="It is for anyone, strangers too.")]
PermissionOption = Annotated[
    Many, typer.Option(help="What it allows or denies, all of it; may be repeated.")
]
WhenOption = Annotated[
    str | None, typer.Option(metavar="JSON", help="The condition under which it applies.")
]
EffectOption = Annotated[Effect | None, typer.Option(help="A deny wins over every allow.")]
DescriptionOption = Annotated[str | None, typer.Option(help="One line about it.")]
Condition = dict[str, object]


@policy_commands.command("list")
def list_policies(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show what each policy does, and for whom."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> Sequence[PolicyView]:
        return await every(services.get(AccessQueries).policies, most=MOST)

    found = work_with(context, console, read)
    console.show("\n".join(_line(one) for one in found), [_document(one) for one in found])


@policy_commands.command("show")
def show_policy(
    context: typer.Context, name: Name, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Show one policy."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> PolicyView:
        return await services.get(AccessQueries).policy_named(name)

    _show(console, work_with(context, console, read))


@policy_commands.command("create")
def create_policy(
    context: typer.Context,
    name: Name,
    *,
    effect: Annotated[Effect, typer.Option(help="A deny wins over every allow.")],
    permission: PermissionOption = None,
    role: RoleOption = None,
    anyone: AnyoneFlag = False,
    when: WhenOption = None,
    description: DescriptionOption = None,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a policy, for some roles or for anyone."""
    console = Console(json=json, quiet=quiet)
    condition = _condition(console, when)

    async def make(services: Services) -> PolicyView:
        revision = await revision_of(services, reason, author, force=force)
        require_line(description or "", "a description")
        wanted = CreatePolicy(
            name=name,
            description=description or "",
            effect=effect,
            roles=tuple(role or ()),
            anyone=anyone,
            permissions=tuple(permission or ()),
            when=dict(ALWAYS) if condition is None else condition,
            reason=reason,
            force=force,
        )
        policy_id = await services.get(PolicyService).create(revision.author, wanted)
        return await services.get(AccessQueries).policy(policy_id)

    _show(console, work_with(context, console, make))


@policy_commands.command("change")
def change_policy(
    context: typer.Context,
    name: Name,
    *,
    effect: EffectOption = None,
    permission: PermissionOption = None,
    role: RoleOption = None,
    anyone: AnyoneFlag = False,
    when: WhenOption = None,
    description: DescriptionOption = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Let it apply, or not.")
    ] = None,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Change a policy; what is not named stays, roles and permissions are replaced as a whole."""
    console = Console(json=json, quiet=quiet)
    condition = _condition(console, when)

    async def alter(services: Services) -> PolicyView:
        revision = await revision_of(services, reason, author, force=force)
        require_line(description or "", "a description")
        queries = services.get(AccessQueries)
        found = await queries.policy_named(name)
        wanted = AlterPolicy(
            description=ABSENT if description is None else description,
            effect=ABSENT if effect is None else effect,
            roles=tuple(role or ()) if role or anyone else ABSENT,
            anyone=anyone if role or anyone else ABSENT,
            permissions=tuple(permission) if permission else ABSENT,
            when=ABSENT if condition is None else condition,
            enabled=ABSENT if enabled is None else enabled,
            reason=reason,
            force=force,
        )
        policies = services.get(PolicyService)
        await policies.alter(revision.author, found.id, found.version, wanted)
        return await queries.policy(found.id)

    _show(console, work_with(context, console, alter))


@policy_commands.command("delete")
def delete_policy(
    context: typer.Context,
    name: Name,
    *,
    reason: ReasonOption = None,
    force: ForceFlag = False,
    author: AuthorOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Delete a policy."""
    console = Console(json=json, quiet=quiet)

    async def delete(services: Services) -> None:
        revision = await revision_of(services, reason, author, force=force)
        found = await services.get(AccessQueries).policy_named(name)
        await services.get(PolicyService).delete(
            revision.author, found.id, found.version, reason=reason, force=force
        )

    work_with(context, console, delete)
    console.show(f"policy {name} is gone", {"name": name})


def _condition(console: Console, text: str | None) -> Condition | None:
    if text is None:
        return None
    try:
        said: object = notation.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        console.fail("a condition is an object of JSON", Exit.USAGE)
    return cast("Condition", said)


def _line(one: PolicyView) -> str:
    whom = "anyone" if one.anyone else ", ".join(one.roles)
    off = "" if one.enabled else " (disabled)"
    return f"{one.name}: {one.effect.value} {', '.join(one.permissions)} for {whom}{off}"


def _show(console: Console, one: PolicyView) -> None:
    when = notation.dumps(one.when, default=dict)
    lines = [_line(one), f"  when {when}", *([f"  {one.description}"] if one.description else [])]
    console.show("\n".join(lines), _document(one))


def _document(one: PolicyView) -> Json:
    return {
        "name": one.name,
        "description": one.description,
        "effect": one.effect.value,
        "roles": list(one.roles),
        "anyone": one.anyone,
        "permissions": list(one.permissions),
        "when": cast("Json", one.when),
        "enabled": one.enabled,
        "undeclared": list(one.undeclared),
    }
