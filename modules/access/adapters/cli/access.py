"""`app access ...`: roles, policies, who holds which role, and what is shared with whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from modules.access.adapters.cli.policies import policy_commands
from modules.access.adapters.cli.roles import role_commands
from modules.access.application.administering.assignments import DirectAssignments
from modules.access.application.administering.grants import DirectGrants, ShareObject
from modules.access.application.queries import AccessQueries, AssignmentView, GrantView
from modules.access.domain import EVERYWHERE, NoSuchAccount
from modules.identity.public import AccountDirectory
from shared_kernel.adapters.cli import Console, Exit, Json, JsonFlag, QuietFlag, work_with
from shared_kernel.application import Page, Slice
from shared_kernel.application.personal_data import every
from shared_kernel.domain import AccountId
from shared_kernel.module import Services

MOST = 1_000_000
SCOPE_LENGTH = 200

access = typer.Typer(
    help="Roles, policies, who holds which role, and what is shared with whom.",
    no_args_is_help=True,
)

access.add_typer(role_commands, name="role")
access.add_typer(policy_commands, name="policy")

AccountArgument = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="An e-mail address, or the id of an account.")
]
AccountOption = Annotated[str | None, typer.Option(help="An e-mail address, or an account's id.")]
ScopeOption = Annotated[
    str, typer.Option(help="Count for the objects of this scope only; everywhere without it.")
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="When it ends: 2027-01-31T12:00:00+00:00.")
]


@access.command("assignments")
def list_assignments(
    context: typer.Context,
    *,
    account: AccountOption = None,
    role: str | None = None,
    scope: str | None = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show who holds which role, the oldest assignment first."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> Sequence[AssignmentView]:
        account_id = None if account is None else await _account(services, account)

        async def part(one: Slice) -> Page[AssignmentView]:
            queries = services.get(AccessQueries)
            return await queries.assignments(account_id, role, one, scope=scope)

        return await every(part, most=MOST)

    found = work_with(context, console, read)
    console.show("\n".join(_assignment(one) for one in found), [_assigned(one) for one in found])


@access.command("assign")
def assign(
    context: typer.Context,
    account: AccountArgument,
    role: str,
    *,
    scope: ScopeOption = EVERYWHERE,
    until: UntilOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Give an account a role; repeating it sets when that ends."""
    console = Console(json=json, quiet=quiet)
    end = _moment(console, until)
    if len(scope) > SCOPE_LENGTH or not (scope.isprintable() or scope == EVERYWHERE):
        console.fail(f"a scope is one line of at most {SCOPE_LENGTH} characters", Exit.USAGE)

    async def give(services: Services) -> None:
        account_id = await _account(services, account)
        await services.get(DirectAssignments).assign(account_id, role, scope, until=end)

    work_with(context, console, give)
    console.show(f"{account} holds {role}", {"account": account, "role": role, "scope": scope})


@access.command("withdraw")
def withdraw(
    context: typer.Context,
    account: AccountArgument,
    role: str,
    *,
    scope: ScopeOption = EVERYWHERE,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take a role from an account; the last administrator stays one."""
    console = Console(json=json, quiet=quiet)

    async def take(services: Services) -> None:
        account_id = await _account(services, account)
        await services.get(DirectAssignments).withdraw(account_id, role, scope)

    work_with(context, console, take)
    done: Json = {"account": account, "role": role, "scope": scope}
    console.show(f"{account} does not hold {role}", done)


@access.command("grants")
def list_grants(
    context: typer.Context,
    resource: Annotated[str, typer.Argument(help="The kind of object: `<module>.<plural>`.")],
    object_id: UUID,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show with whom one object is shared."""
    console = Console(json=json, quiet=quiet)

    async def read(services: Services) -> Sequence[GrantView]:
        async def part(one: Slice) -> Page[GrantView]:
            return await services.get(AccessQueries).grants_on(resource, object_id, one)

        return await every(part, most=MOST)

    found = work_with(context, console, read)
    console.show("\n".join(_grant(one) for one in found), [_granted(one) for one in found])


@access.command("share")
def share(
    context: typer.Context,
    permission: Annotated[
        str, typer.Argument(help="What they may do with it: `<module>.<plural>.<verb>`.")
    ],
    object_id: UUID,
    *,
    account: AccountOption = None,
    role: str | None = None,
    until: UntilOption = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Share one object with one account or role; repeating it sets when that ends."""
    console = Console(json=json, quiet=quiet)
    end = _moment(console, until)

    async def give(services: Services) -> UUID:
        wanted = ShareObject(
            resource=permission.rpartition(".")[0],
            object_id=object_id,
            permission=permission,
            account_id=None if account is None else await _account(services, account),
            role=role,
            expires_at=end,
        )
        return await services.get(DirectGrants).share(wanted)

    grant_id = work_with(context, console, give)
    console.show(f"shared by grant {grant_id}", {"id": str(grant_id)})


@access.command("unshare")
def unshare(
    context: typer.Context, grant_id: UUID, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Take a right on one object back."""
    console = Console(json=json, quiet=quiet)
    work_with(context, console, lambda services: services.get(DirectGrants).withdraw(grant_id))
    console.show(f"grant {grant_id} is gone", {"id": str(grant_id)})


async def _account(services: Services, named: str) -> AccountId:
    """Return the open account of an address or an id. Raises NoSuchAccount."""
    accounts = services.get(AccountDirectory)
    try:
        account_id = AccountId(UUID(named))
    except ValueError:
        found = await accounts.find(named)
        if found is None:
            raise NoSuchAccount(f"no open account has the address {named}") from None
        return found.id
    if not await accounts.is_open(account_id):
        raise NoSuchAccount("no open account has this id")
    return account_id


def _moment(console: Console, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        console.fail("a time is written like 2027-01-31T12:00:00+00:00", Exit.USAGE)
    return moment


def _assignment(one: AssignmentView) -> str:
    scope = f"  within {one.scope}" if one.scope else ""
    return f"{one.account_id}  {one.role}{scope}{_end(one.expires_at)}"


def _grant(one: GrantView) -> str:
    whom = one.account_id or f"role {one.role}"
    return f"{one.id}  {one.permission}  {whom}{_end(one.expires_at)}"


def _end(end: datetime | None) -> str:
    return "" if end is None else f"  until {end.isoformat()}"


def _assigned(one: AssignmentView) -> Json:
    return {
        "id": str(one.id),
        "account_id": str(one.account_id),
        "role": one.role,
        "scope": one.scope,
        "expires_at": None if one.expires_at is None else one.expires_at.isoformat(),
    }


def _granted(one: GrantView) -> Json:
    return {
        "id": str(one.id),
        "permission": one.permission,
        "account_id": None if one.account_id is None else str(one.account_id),
        "role": one.role,
        "expires_at": None if one.expires_at is None else one.expires_at.isoformat(),
    }
