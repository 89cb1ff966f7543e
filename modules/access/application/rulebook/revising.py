"""How roles and policies are changed: checked as a whole, kept as a version, audited."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from modules.access.application.rulebook.changing import is_administrator
from modules.access.application.rulebook.noting import Noting
from modules.access.application.rulebook.rights import OwnRights
from modules.access.application.rulebook.rulebooks import compiled, document_of
from modules.access.domain import Difference, Rulebook, WouldLockYouOut, difference
from modules.access.ports import AccessTransaction, Aside, Begin, LivePolicy, PastPolicy, Rules
from modules.access.public import ADMINISTRATOR, WRITE_POLICIES, WRITE_ROLES
from shared_kernel.application import SECOND_FACTOR, Authorizer, Caller, Clock
from shared_kernel.domain import AccountId, new_id

MOST_ASKED = 100  # administrators: one who can still undo the change is enough
MANY = 200  # roles and policies: some milliseconds, as long as another thread is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Who changes the rules, and why. `author` is None at the system's own command line.

    force  also if nobody concerned could take the change back
    """

    author: Caller | None = None
    reason: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Revise:
    """Opens a transaction that changes roles and policies, one at a time in the whole system.

    What it leaves behind is checked as a whole before it is committed: that it can be applied,
    that its author holds whatever it gives and takes, and could take it back. Raises UnknownRole,
    InheritanceCycle, AdministratorIsFixed, BeyondOwnRights, PermissionDenied, WouldLockYouOut,
    RulebookBroken.
    """

    begin: Begin
    policy: LivePolicy
    rights: OwnRights
    clock: Clock
    aside: Aside

    @asynccontextmanager
    async def __call__(self, revision: Revision) -> AsyncGenerator[AccessTransaction]:
        async with self.begin() as tx:
            version = await tx.change_policy()
            before = await tx.rules()
            yield tx
            rules = await tx.rules()
            after = rules.book
            changed = difference(before.book, after, self.rights.known)
            if changed.roles or changed.policies:
                with self.policy.answering("who could take a change back"):
                    await self._require(tx, revision, rules, changed)
                await tx.past.keep(self._past(version, after, revision))
                noting = Noting(
                    before=before.book,
                    after=after,
                    ids={**before.ids, **rules.ids},
                    version=version,
                    reason=revision.reason,
                )
                for entry in noting.entries(changed, self.clock.now()):
                    tx.audit(entry)
        await self.policy.changed()

    async def _require(
        self, tx: AccessTransaction, revision: Revision, rules: Rules, changed: Difference
    ) -> None:
        after, author = rules.book, revision.author
        after.require_sound()
        if author is None:
            if not revision.force:
                await self._require_somebody_left(tx, rules, await self._future(after))
            return
        if changed.roles:
            self.rights.require_permission(author, WRITE_ROLES)
        if changed.policies:
            self.rights.require_permission(author, WRITE_POLICIES)
        future = await self._future(after)
        # What only a policy denies administrators is theirs again once they take that policy back;
        # nobody else could ever take back a policy that denies something to everyone.
        if await is_administrator(tx, rules, author):
            lacking = self.rights.lacking(author, changed.rights)
            self.rights.require(author, [one for one in lacking if not future.permits(author, one)])
        else:
            self.rights.require(author, changed.rights | changed.denied)
            self.rights.require_to_give(author, changed.stake)
            await self._require_somebody_left(tx, rules, future)
        if not revision.force:
            self.rights.require_way_back(author, future)

    async def _future(self, after: Rulebook) -> Authorizer:
        """Return who would decide. Many rules are compiled while others are served."""
        if len(after.roles) + len(after.policies) < MANY:
            return compiled(self.policy.supposing, after)
        return await self.aside(lambda: compiled(self.policy.supposing, after))

    async def _require_somebody_left(
        self, tx: AccessTransaction, rules: Rules, future: Authorizer
    ) -> None:
        """Raise WouldLockYouOut when no administrator could undo the change who can now."""
        role = rules.role(ADMINISTRATOR)
        locked_out: WouldLockYouOut | None = None
        for held in await tx.assignments.lasting(role.id, limit=MOST_ASKED):
            try:
                self.rights.require_way_back(signed_in(held.account_id, self.clock.now()), future)
            except WouldLockYouOut as error:
                locked_out = error
            else:
                return
        if locked_out is not None:
            raise WouldLockYouOut("no administrator could take this back; force it if it must be")

    def _past(self, version: int, after: Rulebook, revision: Revision) -> PastPolicy:
        return PastPolicy(
            version=version,
            document=document_of(after),
            author_id=None if revision.author is None else revision.author.id,
            reason=revision.reason,
            created_at=self.clock.now(),
        )


def signed_in(account_id: AccountId, at: datetime) -> Caller:
    """Return the account as it would ask if it had signed in with everything it has."""
    methods = frozenset({"pwd", "otp", SECOND_FACTOR})
    return Caller(account_id, new_id(), authenticated_at=at, methods=methods)
