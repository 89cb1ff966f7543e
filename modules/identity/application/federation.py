"""Signing in with a provider: there, back, and in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import MaxLen, MinLen

from modules.identity.domain.federated import (
    PROOF_LASTS,
    VISIT_LASTS,
    KeptProof,
    Proof,
    ProofRefused,
    ProviderRefused,
    ProviderUnavailable,
    RedirectNotAllowed,
    SignInCodeRefused,
    SignInNotStarted,
    Visit,
    VisitKeys,
)
from modules.identity.domain.opaque import fingerprint
from modules.identity.domain.throttle import Flow
from modules.identity.ports.federation import (
    BeginFederation,
    ProviderAnswer,
    Providers,
    VisitSecrets,
)
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Command, Matches, Outcome
from shared_kernel.domain import DomainError

Challenge = Annotated[str, Matches("^[A-Za-z0-9_-]{43}$"), MinLen(43), MaxLen(43)]
Verifier = Annotated[str, Matches("^[A-Za-z0-9._~-]{43,128}$"), MinLen(43), MaxLen(128)]
SignInCode = Annotated[str, MinLen(1), MaxLen(200)]


class UseSignInCode(Command):
    """Use what a provider proved, once. Only who kept the verifier can (RFC 7636)."""

    code: SignInCode = field(repr=False)
    code_verifier: Verifier = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """Where to send a browser, and what it is to be known by when it comes back."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a browser came back with: `code` and `state`, or an `error` (RFC 6749, 4.1.2)."""

    provider: str
    state: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None
    error: str | None = None
    browser: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """How a visit ended: a `code` for the front end, or why it failed; `proof` where none asked."""

    redirect_to: str | None = None
    code: str | None = field(default=None, repr=False)
    failure: DomainError | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class VisitProvider:
    """Sends browsers to providers, and receives them back.

    A visit is kept here, by hashes, and bound to the browser by its cookie. Coming back takes it,
    in a transaction that commits before the provider is called: whatever is wrong with state,
    cookie, issuer or provider costs no call, and no visit is of use twice.
    """

    begin: BeginFederation
    clock: Clock
    audit: AuditTrail
    providers: Providers
    secrets: VisitSecrets
    throttle: Throttle
    redirects: Sequence[str]

    async def start(
        self,
        provider: str,
        *,
        redirect_to: str | None,
        code_challenge: str | None,
        browser: str | None,
    ) -> Sent:
        """Return where to send the browser.

        Raises ProviderUnknown, ProviderUnavailable, RedirectNotAllowed, TooManyAttempts.
        """
        self._require_redirect(redirect_to, code_challenge)
        keys, known_by = self.secrets.draw(), self.secrets.browser(browser)
        async with self.throttle.attempt(Flow.FEDERATED):
            url = await self.providers.authorization_url(provider, keys)
        visit = Visit(
            state_hash=fingerprint(keys.state),
            browser_hash=fingerprint(known_by),
            provider=provider,
            challenge=keys.challenge,
            redirect_to=redirect_to,
            code_challenge=code_challenge,
            expires_at=self.clock.now() + VISIT_LASTS,
        )
        async with self.begin() as tx:
            tx.visits.add(visit)
        return Sent(url, known_by)

    async def finish(self, returned: Returned) -> Landing:
        """Take the visit, and ask the provider what it vouches for.

        Raises SignInNotStarted and TooManyAttempts. What fails later is told to the front end if
        there is one; otherwise ProviderRefused, ProofRefused or ProviderUnavailable is raised.
        """
        async with self.throttle.attempt(Flow.FEDERATED):
            visit = await self._take(returned)
        try:
            proof = await self._prove(visit, returned)
        except (SignInNotStarted, ProviderRefused, ProofRefused, ProviderUnavailable) as refused:
            if not isinstance(refused, ProviderUnavailable):
                await self._note(visit.provider, refused)
            if visit.redirect_to is None:
                raise
            return Landing(redirect_to=visit.redirect_to, failure=refused)
        if visit.code_challenge is None:
            return Landing(proof=proof)
        code = await self._keep(proof, visit.code_challenge)
        return Landing(redirect_to=visit.redirect_to, code=code)

    def _require_redirect(self, redirect_to: str | None, code_challenge: str | None) -> None:
        if redirect_to is None:
            return
        if redirect_to not in self.redirects:
            raise RedirectNotAllowed("nobody is sent back there")
        if code_challenge is None:
            raise RedirectNotAllowed("a front end has to send a code_challenge, too")

    async def _take(self, returned: Returned) -> Visit:
        visit = None
        if returned.state and returned.browser:
            state, browser = fingerprint(returned.state), fingerprint(returned.browser)
            async with self.begin() as tx:
                visit = await tx.visits.take(state, browser, at=self.clock.now())
        if visit is None:
            refused = SignInNotStarted("this sign-in was not started here, or took too long")
            await self._note(returned.provider, refused)
            raise refused
        return visit

    async def _prove(self, visit: Visit, returned: Returned) -> Proof:
        if visit.provider != returned.provider:  # one provider answers in the name of another
            raise SignInNotStarted("this sign-in was started with another provider")
        keys = self._keys(visit, returned.state or "")
        if returned.error is not None:
            raise ProviderRefused("the provider did not let you in, or you turned back there")
        if not returned.code:
            raise ProofRefused("the provider sent no code")
        answer = ProviderAnswer(code=returned.code, issuer=returned.issuer)
        return await self.providers.prove(visit.provider, answer, keys)

    def _keys(self, visit: Visit, state: str) -> VisitKeys:
        keys = self.secrets.again(state, visit.challenge)
        if keys is None:
            raise SignInNotStarted("this sign-in was started too long ago")
        return keys

    async def _keep(self, proof: Proof, challenge: str) -> str:
        code = self.secrets.code()
        kept = KeptProof(
            code_hash=fingerprint(code),
            code_challenge=challenge,
            proof=proof,
            expires_at=self.clock.now() + PROOF_LASTS,
        )
        async with self.begin() as tx:
            tx.proofs.add(kept)
        return code

    async def _note(self, provider: str, refused: DomainError) -> None:
        known = provider if provider in self.providers.names else "unknown"
        await self.audit.record(
            AuditEntry(
                action="identity.provider_sign_in_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                detail={"provider": known, "reason": refused.code},
            )
        )


@dataclass(frozen=True, slots=True)
class UseProof:
    """Hands out a kept proof, once, to whoever started the sign-in. It is gone either way."""

    begin: BeginFederation
    clock: Clock
    audit: AuditTrail
    throttle: Throttle

    async def __call__(self, command: UseSignInCode) -> Proof:
        """Raise SignInCodeRefused and TooManyAttempts."""
        now = self.clock.now()
        async with self.throttle.attempt(Flow.FEDERATED), self.begin() as tx:
            kept = await tx.proofs.take(fingerprint(command.code), at=now)
        if kept is None or not kept.answers(command.code_verifier):
            await self.audit.record(
                AuditEntry(
                    action="identity.sign_in_code_refused",
                    occurred_at=now,
                    outcome=Outcome.REFUSED,
                )
            )
            raise SignInCodeRefused("the code is not valid")
        return kept.proof
