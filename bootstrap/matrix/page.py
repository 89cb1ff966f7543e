"""The matrix as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bootstrap.matrix.lines import Line
from shared_kernel.adapters.http import Access

COMMAND = "app matrix"

BEGINNING = f"""\
# Who may call what

Written by `{COMMAND}` from what the routes declare and from the roles as they are delivered; a test
calls every route in every role and compares. What an administrator changes later is not in it.

`yes`: let through. `401`: sign in first. `403`: not with this role. `404`: the object is not theirs
to see, and is answered like one that does not exist.

Everybody but the stranger has just signed in with a password. Where a route is about a single
object there is a line for each thing it can be to the caller: their `own`; `foreign`; `shared`,
which is foreign with the right to read it and to do just this given on it; and `public`, which is
foreign and everybody's to read. A stranger owns nothing: what is `own` or `shared` is then somebody
else's.
"""


def written(lines: Sequence[Line]) -> str:
    """Return the page."""
    roles = list(lines[0].outcomes)
    head = ["route", "needs", "object", *roles]
    rows = [_row(head), _row(["---"] * len(head)), *(_row(_cells(one, roles)) for one in lines)]
    return "\n".join([BEGINNING, *rows, "", *_counts(lines, roles)])


def needs(access: Access) -> str:
    """Return what a route asks of its caller, in words."""
    if access.public:
        return "nothing"
    wanted = "to be signed in" if access.permission is None else f"`{access.permission.name}`"
    if access.fresh:
        return f"{wanted}, freshly"
    return f"{wanted}, in person" if access.in_person else wanted


def _cells(line: Line, roles: Sequence[str]) -> Iterator[str]:
    yield f"`{line.method} {line.path}`"
    yield needs(line.access)
    yield line.ownership or ""
    yield from (line.outcomes[role] for role in roles)


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counts(lines: Sequence[Line], roles: Sequence[str]) -> Iterator[str]:
    routes = {(one.method, one.path) for one in lines}
    yield f"{len(routes)} routes, {len(lines)} lines, {len(lines) * len(roles)} answers."
    yield ""
