"""The accounts of others, for administrators.

Nobody changes an account that may do what they may not (403, `identity.beyond_own_rights`).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from modules.identity.adapters.http.answers import Accepted
from modules.identity.application.administration import (
    GiveReason,
    SendReset,
    UserCare,
    UserService,
)
from modules.identity.application.profile import ChangeProfile
from modules.identity.application.queries import SessionView
from modules.identity.application.users import (
    FindUsers,
    SignInView,
    UserFilter,
    UserQueries,
    UserSort,
    UserSummary,
    UserView,
)
from modules.identity.domain.account import AccountStatus
from modules.identity.public import READ_ACCOUNTS, REMOVE_SECOND_FACTORS, WRITE_ACCOUNTS
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Paging,
    Router,
    idempotent,
    requires,
    use,
)
from shared_kernel.application import Clock

router = Router(tags=["identity"], prefix="/users")

Queries = Annotated[UserQueries, use(UserQueries)]
Users = Annotated[UserService, use(UserService)]
Care = Annotated[UserCare, use(UserCare)]

Email = Annotated[
    str | None, Query(min_length=3, max_length=254, description="An address, however written.")
]
EmailPrefix = Annotated[
    str | None, Query(min_length=1, max_length=254, description="What the address begins with.")
]


@router.get("")
@requires(READ_ACCOUNTS)
async def list_users(
    find: Annotated[FindUsers, use(FindUsers)],
    paging: Paging,
    email: Email = None,
    email_prefix: EmailPrefix = None,
    *,
    status: AccountStatus | None = None,
    verified: bool | None = None,
    sort: UserSort = UserSort.LATEST_REGISTERED,
) -> Listing[UserSummary]:
    """List accounts, closed ones too: those that meet all that is asked for."""
    where = UserFilter(email=email, email_prefix=email_prefix, status=status, verified=verified)
    return paging.listing(await find(where, sort, paging.slice))


@router.get("/{user_id}")
@requires(READ_ACCOUNTS)
async def show_user(user_id: UUID, queries: Queries) -> UserView:
    """Show an account, what opens it and what protects it."""
    return await queries.user(user_id)


@router.patch("/{user_id}")
@requires(WRITE_ACCOUNTS, fresh=True)
@idempotent
async def change_user(
    user_id: UUID,
    body: ChangeProfile,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    users: Users,
    queries: Queries,
) -> UserView:
    """Change what is sent, keep the rest (JSON Merge Patch). Null takes a value away."""
    await users.change(caller, user_id, body, expected=expected)
    return await queries.user(user_id)


@router.delete("/{user_id}", status_code=204)
@requires(WRITE_ACCOUNTS, fresh=True)
async def close_user(
    user_id: UUID, expected: ExpectedVersion, caller: CurrentCaller, users: Users
) -> None:
    """Close an account for good, and end all its sessions. Not one's own: 409."""
    await users.close(caller, user_id, expected=expected)


@router.post("/{user_id}/suspend")
@requires(WRITE_ACCOUNTS, fresh=True)
@idempotent
async def suspend_user(
    user_id: UUID, body: GiveReason, caller: CurrentCaller, users: Users, queries: Queries
) -> UserView:
    """Lock the owner out until the account is restored. Sessions end; not one's own: 409."""
    await users.suspend(caller, user_id, body.reason)
    return await queries.user(user_id)


@router.post("/{user_id}/restore")
@requires(WRITE_ACCOUNTS, fresh=True)
@idempotent
async def restore_user(
    user_id: UUID, body: GiveReason, caller: CurrentCaller, users: Users, queries: Queries
) -> UserView:
    """Let the owner of a suspended account sign in again."""
    await users.restore(caller, user_id, body.reason)
    return await queries.user(user_id)


@router.post("/{user_id}/reset-password", status_code=202)
@requires(WRITE_ACCOUNTS, fresh=True)
async def reset_password_of_user(
    user_id: UUID, body: SendReset, caller: CurrentCaller, care: Care
) -> Accepted:
    """Mail the owner a link that sets another password. Nobody else ever chooses one.

    While an account is suspended nothing is mailed.
    """
    await care.reset_password(caller, user_id, body)
    return Accepted()


@router.post("/{user_id}/require-verification", status_code=202)
@requires(WRITE_ACCOUNTS, fresh=True)
async def require_verification_of_user(
    user_id: UUID, caller: CurrentCaller, care: Care
) -> Accepted:
    """Have the owner show once more that they read the account's mail. Its sessions end.

    Until then nobody signs in; what opens and protects the account stays. While an account is
    suspended nothing is mailed.
    """
    await care.require_verification(caller, user_id)
    return Accepted()


@router.post("/{user_id}/remove-second-factors")
@requires(REMOVE_SECOND_FACTORS, fresh=True)
async def remove_second_factors_of_user(
    user_id: UUID, body: GiveReason, caller: CurrentCaller, care: Care, queries: Queries
) -> UserView:
    """Take away app, passkeys and recovery codes of an owner who lost them. Not one's own: 409.

    The account is signed out everywhere, and its owner is told by mail. The password stays.
    """
    await care.remove_second_factors(caller, user_id, body.reason)
    return await queries.user(user_id)


@router.get("/{user_id}/sessions")
@requires(READ_ACCOUNTS)
async def list_sessions_of_user(
    user_id: UUID, caller: CurrentCaller, queries: Queries, clock: Annotated[Clock, use(Clock)]
) -> Listing[SessionView]:
    """List the devices an account is signed in on, the newest first; there are never many."""
    return Listing([*await queries.sessions_of(caller, user_id, at=clock.now())], None)


@router.delete("/{user_id}/sessions", status_code=204)
@requires(WRITE_ACCOUNTS, fresh=True)
async def end_sessions_of_user(user_id: UUID, caller: CurrentCaller, care: Care) -> None:
    """Sign an account out everywhere. API keys stay."""
    await care.end_sessions(caller, user_id)


@router.delete("/{user_id}/sessions/{session_id}", status_code=204)
@requires(WRITE_ACCOUNTS, fresh=True)
async def end_session_of_user(
    user_id: UUID, session_id: UUID, caller: CurrentCaller, care: Care
) -> None:
    """Sign one device of an account out."""
    await care.end_session(caller, user_id, session_id)


@router.get("/{user_id}/sign-ins")
@requires(READ_ACCOUNTS)
async def list_sign_ins_of_user(
    user_id: UUID, queries: Queries, paging: Paging
) -> Listing[SignInView]:
    """List when and how an account was signed in to, the newest first, and how each session ended.

    Attempts that failed are in the audit log: `/v1/audit/events?subject_id=...`.
    """
    return paging.listing(await queries.sign_ins(user_id, paging.slice))
