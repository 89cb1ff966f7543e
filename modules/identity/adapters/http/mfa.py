"""What protects an account beside its password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Response

from modules.identity.adapters.http.answers import NO_STORE
from modules.identity.application.authenticators import (
    AuthenticatorService,
    ConfirmAuthenticator,
    RenewRecoveryCodes,
    SecondFactorQueries,
    SecondFactorsView,
)
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.ports.second_factor import SetupLink
from shared_kernel.adapters.http import (
    CurrentCaller,
    Router,
    freshly_signed_in,
    signed_in,
    use,
)

router = Router(tags=["identity"], prefix="/me/mfa")

Authenticators = Annotated[AuthenticatorService, use(AuthenticatorService)]


@dataclass(frozen=True, slots=True)
class ShownCodes:
    """Recovery codes, shown this once; each is good for one use. Empty: those from before hold."""

    recovery_codes: Sequence[str] = field(repr=False)


@router.get("")
@signed_in
async def show_my_second_factors(
    caller: CurrentCaller, queries: Annotated[SecondFactorQueries, use(SecondFactorQueries)]
) -> SecondFactorsView:
    """Show what protects your account beside the password, and how many recovery codes are left."""
    return await queries.second_factors(caller)


@router.post("/totp")
@freshly_signed_in
async def set_up_authenticator(
    caller: CurrentCaller, response: Response, authenticators: Authenticators
) -> SetupLink:
    """Set an authenticator app up (TOTP, RFC 6238): SHA-1, six digits, thirty seconds.

    `uri` is what the QR code, an SVG document, holds; `secret` is for typing. Nothing is protected
    before a code of the app is confirmed. Asking again gives another secret.
    """
    response.headers.update(NO_STORE)
    return await authenticators.set_up(caller)


@router.post("/totp/confirm")
@freshly_signed_in
async def confirm_authenticator(
    body: ConfirmAuthenticator,
    caller: CurrentCaller,
    response: Response,
    authenticators: Authenticators,
) -> ShownCodes:
    """Protect your account by the app from now on; get recovery codes with the first factor."""
    return _shown(await authenticators.confirm(caller, body.code), response)


@router.delete("/totp", status_code=204)
@freshly_signed_in
async def remove_authenticator(caller: CurrentCaller, authenticators: Authenticators) -> None:
    """Protect your account by the app no more. Recovery codes go with the last second factor."""
    await authenticators.remove(caller)


@router.post("/recovery-codes")
@freshly_signed_in
async def renew_recovery_codes(
    caller: CurrentCaller,
    response: Response,
    renew: Annotated[RenewRecoveryCodes, use(RenewRecoveryCodes)],
) -> ShownCodes:
    """Get other recovery codes; those from before are worth nothing."""
    return _shown(await renew(caller), response)


def _shown(codes: Sequence[RecoveryCode], response: Response) -> ShownCodes:
    response.headers.update(NO_STORE)
    return ShownCodes([one.text for one in codes])
