"""Sharing one object with one account or one role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.administering.assignments import Moment
from modules.access.application.administering.roles import PermissionName, RoleName
from modules.access.application.queries import AccessQueries, GrantView
from modules.access.application.rulebook.changing import ChangePolicy, of_caller
from modules.access.application.rulebook.rights import Giving
from modules.access.application.rulebook.wording import Wording
from modules.access.domain import (
    BeyondOwnRights,
    NoSuchAccount,
    NoSuchGrant,
    NoSuchObject,
    NotAnAction,
    ObjectGrant,
    OneGrantee,
    UnknownResource,
    UnknownRole,
)
from modules.access.ports import AccessTransaction
from modules.identity.public import AccountDirectory
from shared_kernel.application import AuditEntry, Authorizer, Caller, Clock, Command, Page, Slice
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import Resource
from shared_kernel.domain import AccountId, NotFound, PermissionDenied

ResourceName = Annotated[str, MinLen(1), MaxLen(100)]


class ShareObject(Command):
    """The object that is shared, what may be done with it (`permission`), and by whom.

    By one account, or by whoever holds one role; until `expires_at`, if that is given.
    """

    resource: ResourceName
    object_id: UUID
    permission: PermissionName
    account_id: AccountId | None = None
    role: RoleName | None = None
    expires_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class GrantWriter:
    """Writes grants into an open transaction, each with its audit entry."""

    accounts: AccountDirectory
    clock: Clock

    async def give(self, tx: AccessTransaction, wanted: ShareObject, by: AccountId | None) -> UUID:
        """Give the right, and return the grant. One that is there already ends at the new time.

        Raises NoSuchAccount, UnknownRole, AlreadyExpired.
        """
        grant = await self._grant(tx, wanted, by)
        known = await tx.grants.equal_to(grant)
        await tx.count_up()
        changed = (known or grant).last_until(wanted.expires_at, at=self.clock.now())
        if known is None:
            tx.grants.add(grant)
        if known is None or changed:
            self._note(tx, "ObjectShared", known or grant, wanted.role)
        return (known or grant).id

    async def take(self, tx: AccessTransaction, grant: ObjectGrant) -> None:
        """Take the right back."""
        role = await tx.roles.get(grant.role_id) if grant.role_id else None
        await tx.count_up()
        await tx.grants.remove(grant)
        self._note(tx, "ObjectUnshared", grant, None if role is None else role.name)

    async def _grant(
        self, tx: AccessTransaction, wanted: ShareObject, by: AccountId | None
    ) -> ObjectGrant:
        if wanted.account_id and not await self.accounts.is_open(wanted.account_id):
            raise NoSuchAccount("no open account has this id", field="/account_id")
        role = await tx.roles.find(wanted.role) if wanted.role else None
        if wanted.role and role is None:
            raise UnknownRole("there is no such role", field="/role")
        return ObjectGrant(
            resource=wanted.resource,
            object_id=wanted.object_id,
            permission=wanted.permission,
            account_id=wanted.account_id,
            role_id=None if role is None else role.id,
            granted_by=by,
            granted_at=self.clock.now(),
        )

    def _note(self, tx: AccessTransaction, what: str, grant: ObjectGrant, role: str | None) -> None:
        told: Mapping[str, object] = {
            "resource": grant.resource,
            "permission": grant.permission,
            "account_id": grant.account_id,
            "role": role,
            "expires_at": grant.expires_at and grant.expires_at.isoformat(),
        }
        tx.audit(
            AuditEntry(
                action=f"access.{what}",
                occurred_at=self.clock.now(),
                subject_id=grant.object_id,
                detail={name: str(value) for name, value in told.items() if value is not None},
            )
        )


@dataclass(frozen=True, slots=True)
class Sharers:
    """Finds out who may share an object: whoever is allowed its `share` action."""

    wording: Wording
    authorizer: Authorizer

    async def require(self, caller: Caller, resource: Resource, object_id: UUID) -> Facts:
        """Return what is known of the object.

        Raises NoSuchObject where there is none, or the caller may not read it; PermissionDenied
        where they may read it and not share it.
        """
        facts = await self.found(resource, object_id)
        if not self.authorizer.allows(caller, resource.read.name, facts):
            raise NoSuchObject("there is no such object")
        if not self.authorizer.allows(caller, resource.share.name, facts):
            raise PermissionDenied(
                f"this needs {resource.share.name} of the object",
                permission=resource.share.name,
                on=facts,
            )
        return facts

    def shareable(self, wanted: ShareObject) -> Resource:
        """Return the resource of which an object is to be shared.

        Raises UnknownResource, UnknownPermission, NotAnAction, OneGrantee.
        """
        resource = self.resource(wanted.resource)
        self.wording.require_declared([wanted.permission], "/permission")
        if self.wording.resource_of(wanted.permission) is not resource:
            raise NotAnAction("this is no action on these objects", field="/permission")
        if wanted.permission == resource.share.name:
            # Whoever was given a right for a while could keep it by giving it on.
            raise NotAnAction("the right to share is not shared", field="/permission")
        if (wanted.account_id is None) is (wanted.role is None):
            raise OneGrantee("name an account or a role", field="/account_id")
        return resource

    async def found(self, resource: Resource, object_id: UUID) -> Facts:
        """Return what is known of an object. Raises NoSuchObject."""
        read = self.wording.resources.objects[resource.name]()
        facts = (await read.attributes([object_id])).get(object_id)
        if facts is None:
            raise NoSuchObject("there is no such object")
        return facts

    def resource(self, name: str) -> Resource:
        """Return a resource by name. Raises UnknownResource."""
        found = self.wording.resources.resources.get(name)
        if found is None:
            raise UnknownResource("no module declares this resource", field="/resource")
        return found


@dataclass(frozen=True, slots=True)
class GrantService:
    """What can be done with grants on single objects. Nobody gives a right they lack."""

    change: ChangePolicy
    sharers: Sharers
    giving: Giving
    write: GrantWriter
    queries: AccessQueries

    async def share(self, caller: Caller, wanted: ShareObject) -> UUID:
        """Give a right on one object. One that is given already ends at the new time.

        Raises UnknownResource, UnknownPermission, NotAnAction, OneGrantee, NoSuchObject,
        PermissionDenied, BeyondOwnRights, NoSuchAccount, UnknownRole, AlreadyExpired.
        """
        resource = self.sharers.shareable(wanted)
        facts = await self.sharers.require(caller, resource, wanted.object_id)
        if not self.sharers.authorizer.allows(caller, wanted.permission, facts):
            raise BeyondOwnRights(f"you are not allowed {wanted.permission} of it yourself")
        needed, until = (resource.share.name, wanted.permission), wanted.expires_at
        if not self.giving.lasts(caller, needed, facts, until=until):
            raise BeyondOwnRights("you may share it for a while only, until your role ends")
        async with self.change() as tx:
            await tx.keep(_concerned(wanted), of_caller(caller))
            return await self.write.give(tx, wanted, by=caller.id)

    async def withdraw(self, caller: Caller, grant_id: UUID) -> None:
        """Take a right on one object back, or give up one's own. Raises NoSuchGrant."""
        async with self.change() as tx:
            grant = await tx.grants.get(grant_id)
            await tx.keep(_concerned(grant), of_caller(caller))
            grant = await tx.grants.get_anew(grant_id)
            await self._require_concerned(caller, grant.account_id, grant.resource, grant.object_id)
            await self.write.take(tx, grant)

    async def show(self, caller: Caller, grant_id: UUID) -> GrantView:
        """Return one grant, to who may share the object or was given it. Raises NoSuchGrant."""
        view = await self.queries.grant(grant_id)
        await self._require_concerned(caller, view.account_id, view.resource, view.object_id)
        return view

    async def of_object(
        self, caller: Caller, resource: str, object_id: UUID, part: Slice
    ) -> Page[GrantView]:
        """Return the grants on one object, to who may share it, the oldest first.

        Raises UnknownResource, NoSuchObject, PermissionDenied.
        """
        await self.sharers.require(caller, self.sharers.resource(resource), object_id)
        return await self.queries.grants_on(resource, object_id, part)

    async def _require_concerned(
        self, caller: Caller, account_id: UUID | None, resource: str, object_id: UUID
    ) -> None:
        if account_id == caller.id:
            return
        try:
            await self.sharers.require(caller, self.sharers.resource(resource), object_id)
        except (NotFound, UnknownResource, PermissionDenied):
            raise NoSuchGrant("there is no such object grant") from None


@dataclass(frozen=True, slots=True)
class DirectGrants:
    """Gives and takes rights on single objects on the system's own behalf."""

    change: ChangePolicy
    sharers: Sharers
    write: GrantWriter

    async def share(self, wanted: ShareObject) -> UUID:
        """Give a right on one object that exists. Raises what sharing raises."""
        await self.sharers.found(self.sharers.shareable(wanted), wanted.object_id)
        async with self.change() as tx:
            await tx.keep(_concerned(wanted))
            return await self.write.give(tx, wanted, by=None)

    async def withdraw(self, grant_id: UUID) -> None:
        """Take a right on one object back. Raises NoSuchGrant."""
        async with self.change() as tx:
            await tx.keep(_concerned(await tx.grants.get(grant_id)))
            await self.write.take(tx, await tx.grants.get_anew(grant_id))


def _concerned(about: ShareObject | ObjectGrant) -> Collection[str]:
    """Return what changes where an object is shared: the object, and what an account is given."""
    return [str(one) for one in (about.object_id, about.account_id) if one is not None]
