"""The change to suppose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

from annotated_types import MaxLen

from modules.access.application.administering.assignments import AssignRole
from modules.access.application.administering.grants import ShareObject
from modules.access.application.explaining.assuming import Assume
from shared_kernel.application import Command

Document = Mapping[str, object]
Assignments = Annotated[tuple[AssignRole, ...], MaxLen(100)]
Shares = Annotated[tuple[ShareObject, ...], MaxLen(100)]


class Simulate(Command):
    """A change to suppose.

    policy    a JSON Merge Patch of all roles and policies, as `GET /v1/access/versions/{version}`
              shows them: `{"roles": {"editor": {"permissions": [...]}}}`; null removes. What stands
              inside a role or a policy is replaced as a whole, conditions too
    assign, withdraw   roles to give and to take
    share, unshare     rights on single objects to give and to take
    assuming  how everybody asks
    """

    policy: dict[str, object] | None = None
    assign: Assignments = ()
    withdraw: Assignments = ()
    share: Shares = ()
    unshare: Shares = ()
    assuming: Assume | None = None


WHOLE = 3  # levels down to the members of a role or of a policy


def patched(document: Document, patch: Document, levels: int = WHOLE) -> Document:
    """Return the document with a merge patch (RFC 7386), which replaces what lies deeper whole."""
    result = dict(document)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and levels > 1:
            below = _members(result.get(name))
            result[name] = patched(below, cast("Document", value), levels - 1)
        else:
            result[name] = value
    return result


def _members(value: object) -> Document:
    return cast("Document", value) if isinstance(value, Mapping) else {}
