"""The rulebook as it is stored, and as a document (JSON, or a file of YAML).

roles:
  clerk: {inherits: [viewer], permissions: [catalog.products.write], requires_second_factor: no}
policies:
  office-hours:
    effect: deny
    anyone: true
    permissions: [catalog.products.write]
    when: {attribute: environment.hour, op: lt, value: 6}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from modules.access.domain import (
    PolicyEntry,
    RoleEntry,
    Rulebook,
    RulebookBroken,
)
from modules.access.ports import MalformedPolicy, StoredPolicy, StoredRole
from modules.access.public import ADMINISTRATOR
from shared_kernel.domain import new_id

Document = Mapping[str, object]

E = TypeVar("E")


def stored(book: Rulebook) -> tuple[Sequence[StoredRole], Sequence[StoredPolicy]]:
    """Return what an engine is made of. The ids are made up."""
    roles = [
        StoredRole(
            new_id(),
            name,
            one.requires_second_factor,
            sorted(one.permissions),
            sorted(one.inherits),
        )
        for name, one in book.roles.items()
    ]
    policies = [
        StoredPolicy(
            id=new_id(),
            name=name,
            effect=one.effect.value,
            roles=sorted(one.roles),
            anyone=one.anyone,
            permissions=sorted(one.permissions),
            when=one.when,
            enabled=one.enabled,
        )
        for name, one in book.policies.items()
    ]
    return roles, policies


def compiled(
    made_of: Callable[[Sequence[StoredRole], Sequence[StoredPolicy]], E], book: Rulebook
) -> E:
    """Return what is made of a rulebook. Raises RulebookBroken, which names what is wrong."""
    roles, policies = stored(book)
    try:
        return made_of(roles, policies)
    except MalformedPolicy as error:
        names = {one.id: one.name for one in roles} | {one.id: one.name for one in policies}
        raise RulebookBroken(f"{error.kind} {names[error.id]}: {error.reason}") from error


def document_of(book: Rulebook) -> Document:
    """Return the document of a rulebook, in the order of names."""
    roles, policies = book.roles, book.policies
    return {
        "roles": {name: role_document(name, roles[name]) for name in sorted(roles)},
        "policies": {name: policy_document(policies[name]) for name in sorted(policies)},
    }


def role_document(name: str, role: RoleEntry) -> Document:
    """Return what is laid down about one role."""
    guarded = {"requires_second_factor": role.requires_second_factor}
    if name == ADMINISTRATOR:
        return guarded
    return {
        "inherits": sorted(role.inherits),
        "permissions": sorted(role.permissions),
        **guarded,
    }


def policy_document(policy: PolicyEntry) -> Document:
    """Return what is laid down in one policy."""
    whom: Document = {"anyone": True} if policy.anyone else {"roles": sorted(policy.roles)}
    return {
        "description": policy.description,
        "effect": policy.effect.value,
        **whom,
        "permissions": sorted(policy.permissions),
        "when": policy.when,
        "enabled": policy.enabled,
    }
