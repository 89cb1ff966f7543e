"""How the entities of access come out of their tables."""

from __future__ import annotations

from sqlalchemy.orm import registry, relationship

from modules.access.adapters.sql.tables import (
    assignments,
    grants,
    metadata,
    object_grants,
    policies,
    policy_permissions,
    policy_roles,
    role_parents,
    roles,
)
from modules.access.domain import (
    Assignment,
    Grant,
    ObjectGrant,
    Parent,
    Policy,
    PolicyPermission,
    PolicyRole,
    Role,
)

OWNED = "all, delete-orphan"

mapper = registry(metadata=metadata)
mapper.map_imperatively(Grant, grants)
mapper.map_imperatively(Parent, role_parents)
mapper.map_imperatively(
    Role,
    roles,
    version_id_col=roles.c.version,
    properties={
        "grants": relationship(Grant, lazy="selectin", cascade=OWNED),
        "parents": relationship(
            Parent, lazy="selectin", cascade=OWNED, foreign_keys=[role_parents.c.role_id]
        ),
    },
)
mapper.map_imperatively(Assignment, assignments, version_id_col=assignments.c.version)
mapper.map_imperatively(PolicyRole, policy_roles)
mapper.map_imperatively(PolicyPermission, policy_permissions)
mapper.map_imperatively(
    Policy,
    policies,
    version_id_col=policies.c.version,
    properties={
        "roles": relationship(PolicyRole, lazy="selectin", cascade=OWNED),
        "about": relationship(PolicyPermission, lazy="selectin", cascade=OWNED),
    },
)
mapper.map_imperatively(ObjectGrant, object_grants, version_id_col=object_grants.c.version)
