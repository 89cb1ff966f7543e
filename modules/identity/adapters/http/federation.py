"""Signing in with a provider, and the providers linked to an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from annotated_types import MaxLen
from fastapi import Request, Response

from modules.identity.adapters.http.answers import (
    NO_STORE,
    PROBLEM,
    WAITING,
    CookieKept,
    Mode,
    Tokens,
    admitted,
    device_of,
)
from modules.identity.application.federated import (
    FederatedQueries,
    IdentityService,
    IdentityView,
    SignInWithProof,
)
from modules.identity.application.federation import (
    Challenge,
    Landing,
    Returned,
    UseProof,
    UseSignInCode,
    VisitProvider,
)
from modules.identity.domain.federated import PROOF_LASTS, VISIT_LASTS
from modules.identity.ports.federation import Providers
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Router,
    cookie,
    freshly_signed_in,
    public,
    signed_in,
    use,
)

router = Router(tags=["identity"])

BROWSER_COOKIE = "__Host-oauth"

Name = Annotated[str, MaxLen(32)]
Place = Annotated[str, MaxLen(2000)]
Parameter = Annotated[str, MaxLen(4096)]
Visits = Annotated[VisitProvider, use(VisitProvider)]
Proofs = Annotated[UseProof, use(UseProof)]
SignIns = Annotated[SignInWithProof, use(SignInWithProof)]
Identities = Annotated[IdentityService, use(IdentityService)]


@dataclass(frozen=True, slots=True)
class ProviderNames:
    """The providers that people may sign in with."""

    providers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCodeAnswer:
    """`code` is good for one use within `expires_in` seconds, with the verifier."""

    code: str = field(repr=False)
    expires_in: int


@router.get("/oauth/providers")
@public
async def list_providers(providers: Annotated[Providers, use(Providers)]) -> ProviderNames:
    """List the providers that people may sign in with."""
    return ProviderNames(providers.names)


@router.get(
    "/oauth/{provider}/authorize",
    status_code=303,
    response_class=Response,
    response_description="On to the provider.",
)
@public
async def sign_in_with_provider(
    provider: Name,
    request: Request,
    visits: Visits,
    redirect_to: Place | None = None,
    code_challenge: Challenge | None = None,
) -> Response:
    """Send the browser to a provider.

    `redirect_to` is a page of the front end, one of those configured. It gets a code in the
    fragment, `#code=app_code_...` or `#error=...`, and uses it with the verifier of
    `code_challenge` (S256, RFC 7636). Without both, the callback answers with tokens itself.
    """
    sent = await visits.start(
        provider,
        redirect_to=redirect_to,
        code_challenge=code_challenge,
        browser=cookie(request, BROWSER_COOKIE),
    )
    response = _redirect(sent.url)
    _know_again(response, sent.browser)
    return response


@router.get(
    "/oauth/{provider}/callback",
    response_model=Tokens | SignInCodeAnswer,
    responses={
        **WAITING,
        303: {"description": "Back to the front end, with a code or an error."},
        403: {"description": "It was not started here, or nothing was proven.", "content": PROBLEM},
    },
)
@public
async def return_from_provider(
    provider: Name,
    request: Request,
    *,
    response: Response,
    visits: Visits,
    sign_in: SignIns,
    state: Parameter | None = None,
    code: Parameter | None = None,
    iss: Parameter | None = None,
    error: Parameter | None = None,
) -> object:
    """Take the browser back from a provider (RFC 6749, RFC 9207). Nobody else calls this."""
    returned = Returned(
        provider=provider,
        state=state,
        code=code,
        issuer=iss,
        error=error,
        browser=cookie(request, BROWSER_COOKIE),
    )
    landing = await visits.finish(returned)
    response.headers.update(NO_STORE)
    if landing.proof is not None:
        return admitted(await sign_in(landing.proof, device_of(request)), response)
    if landing.redirect_to is not None:
        return _redirect(f"{landing.redirect_to}#{_fragment(landing)}")
    return SignInCodeAnswer(code=landing.code or "", expires_in=int(PROOF_LASTS.total_seconds()))


@router.post(
    "/oauth/exchange",
    response_model=Tokens | CookieKept,
    responses={
        **WAITING,
        401: {"description": "The code is not valid.", "content": PROBLEM},
        403: {"description": "The account cannot be used.", "content": PROBLEM},
    },
)
@public
async def exchange_code(
    body: UseSignInCode,
    request: Request,
    *,
    response: Response,
    use_proof: Proofs,
    sign_in: SignIns,
    mode: Mode = "token",
) -> object:
    """Sign in with the code the front end got. Somebody new gets an account.

    With `mode=cookie` a browser gets a cookie instead of tokens. An account with a second factor
    gets 202 and a token to go on with.
    """
    device = device_of(request, mode)
    return admitted(await sign_in(await use_proof(body), device), response)


@router.get("/me/identities")
@signed_in
async def list_my_identities(
    caller: CurrentCaller, queries: Annotated[FederatedQueries, use(FederatedQueries)]
) -> Listing[IdentityView]:
    """List the providers that open your account, the oldest first; there are never many."""
    return Listing([*await queries.identities(caller)], None)


@router.post("/me/identities", status_code=204)
@freshly_signed_in
async def link_identity(
    body: UseSignInCode, caller: CurrentCaller, use_proof: Proofs, identities: Identities
) -> None:
    """Link who you are at a provider to your account, with the code the front end got.

    Start like a sign-in. Your own address has to be verified.
    """
    await identities.link(caller, await use_proof(body))


@router.delete("/me/identities/{identity_id}", status_code=204)
@freshly_signed_in
async def unlink_identity(identity_id: UUID, caller: CurrentCaller, identities: Identities) -> None:
    """Let a provider open your account no more. The last way in stays."""
    await identities.unlink(caller, identity_id)


def _fragment(landing: Landing) -> str:
    """Return what the front end reads, and no server or log ever sees."""
    failure = landing.failure
    return urlencode({"error": failure.code} if failure else {"code": landing.code or ""})


def _know_again(response: Response, browser: str) -> None:
    """Have the browser keep what it is known by.

    Lax, unlike other cookies: it has to come along when the provider sends the browser back.
    """
    response.set_cookie(
        BROWSER_COOKIE,
        browser,
        max_age=int(VISIT_LASTS.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def _redirect(url: str) -> Response:
    return Response(status_code=303, headers={"location": url, **NO_STORE})
