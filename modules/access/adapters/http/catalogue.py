"""What roles and policies can be made of, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from modules.access.application.rulebook.vocabulary import GENERAL, attributes_of
from modules.access.public import READ_POLICIES, READ_ROLES
from shared_kernel.adapters.http import Listing, Router, requires, use
from shared_kernel.application import PermissionCatalogue
from shared_kernel.application.conditions import Kind
from shared_kernel.application.resources import RESOURCE, Resource, ResourceCatalogue
from shared_kernel.domain import Permission

router = Router(tags=["access"])

Catalogue = Annotated[PermissionCatalogue, use(PermissionCatalogue)]
Resources = Annotated[ResourceCatalogue, use(ResourceCatalogue)]


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A kind of object whose rights are decided one by one.

    attributes  what conditions may read of an object, and of which kind it is
    read        the action without which an object does not exist for somebody
    share       the action of giving others rights on one object
    actions     every action on one object
    scope       the attribute that says in which scope an object lies
    """

    name: str
    attributes: Mapping[str, Kind]
    read: str
    share: str
    actions: Sequence[str]
    scope: str | None

    @classmethod
    def of(cls, resource: Resource) -> ResourceView:
        """Return what is shown of a resource."""
        own = attributes_of(resource)
        return cls(
            name=resource.name,
            attributes={path: own[path] for path in sorted(own) if path.startswith(RESOURCE)},
            read=resource.read.name,
            share=resource.share.name,
            actions=[one.name for one in resource.actions],
            scope=resource.scope,
        )


@dataclass(frozen=True, slots=True)
class AttributeView:
    """What every condition may read, of who asks and of the environment."""

    attribute: str
    kind: Kind


@router.get("/permissions")
@requires(READ_ROLES)
async def list_permissions(catalogue: Catalogue) -> Listing[Permission]:
    """List every permission the modules declare: what roles can be made of."""
    return Listing(sorted(catalogue.permissions, key=lambda one: one.name), None)


@router.get("/resources")
@requires(READ_POLICIES)
async def list_resources(resources: Resources) -> Listing[ResourceView]:
    """List every kind of object whose rights are decided one by one."""
    declared = sorted(resources.resources.values(), key=lambda one: one.name)
    return Listing([ResourceView.of(one) for one in declared], None)


@router.get("/attributes")
@requires(READ_POLICIES)
async def list_attributes() -> Listing[AttributeView]:
    """List what every condition may read, of who asks and of the environment."""
    return Listing([AttributeView(path, kind) for path, kind in GENERAL.items()], None)
