"""Acting as somebody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response

from modules.identity.adapters.http.answers import NO_STORE, device_of
from modules.identity.application.administration import GiveReason
from modules.identity.application.impersonation import Impersonate
from modules.identity.public import IMPERSONATE
from shared_kernel.adapters.http import CurrentCaller, Router, requires, use

router = Router(tags=["identity"], prefix="/users")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpersonationTokens:
    """`access_token` acts as the user for `expires_in` seconds, and nothing prolongs it.

    `POST /logout` with it ends the session earlier.
    """

    session_id: UUID
    access_token: str = field(repr=False)
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int


@router.post("/{user_id}/impersonate")
@requires(IMPERSONATE, fresh=True)
async def impersonate_user(
    user_id: UUID,
    body: GiveReason,
    caller: CurrentCaller,
    request: Request,
    response: Response,
    *,
    impersonate: Annotated[Impersonate, use(Impersonate)],
) -> ImpersonationTokens:
    """Act as a user who may do no more than you, for ten minutes. The user is told by mail.

    `GET /me` says who acts (`impersonated_by`), and so does the claim `act` (RFC 8693). What only
    the owner may do is refused; every entry of the audit log names you, too.
    """
    begun = await impersonate(caller, user_id, body.reason, device_of(request))
    response.headers.update(NO_STORE)
    return ImpersonationTokens(
        session_id=begun.session_id,
        access_token=begun.access_token,
        expires_in=begun.expires_in,
    )
