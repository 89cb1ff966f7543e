"""Who changes the rules at the command line, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from modules.access.application.rulebook.revising import Revision, signed_in
from modules.identity.public import AccountDirectory
from shared_kernel.domain import Invalid
from shared_kernel.module import Services

REASON_LENGTH = 500

ReasonOption = Annotated[str | None, typer.Option(help="Why: kept with the version it makes.")]
ForceFlag = Annotated[
    bool, typer.Option("--force", help="Do it even if nobody concerned could take it back.")
]
AuthorOption = Annotated[
    str | None,
    typer.Option(
        metavar="EMAIL", help="Who makes the change: then it may give only what they hold."
    ),
]


class NoSuchAuthor(Invalid):
    """No open account has the address of the author."""


async def revision_of(
    services: Services, reason: str | None, author: str | None, *, force: bool
) -> Revision:
    """Return who changes the rules, and why. Raises Invalid, NoSuchAuthor."""
    if reason is not None:
        require_line(reason, "a reason")
    if author is None:
        return Revision(reason=reason, force=force)
    account = await services.get(AccountDirectory).find(author)
    if account is None:
        raise NoSuchAuthor(f"no open account has the address {author}")
    return Revision(author=signed_in(account.id, datetime.now(UTC)), reason=reason, force=force)


def require_line(text: str, what: str) -> None:
    """Raise Invalid unless a text is one printable line that can be kept."""
    if not text.isprintable() or len(text) > REASON_LENGTH:
        raise Invalid(f"{what} is one line of at most {REASON_LENGTH} characters")
