"""Access over HTTP."""

from modules.access.adapters.http import (
    assignments,
    catalogue,
    checks,
    decisions,
    grants,
    policies,
    roles,
    versions,
)

routers = [
    catalogue.router,
    roles.router,
    assignments.router,
    policies.router,
    versions.router,
    grants.router,
    decisions.router,
    checks.router,
]

__all__ = ["routers"]
