"""What the routes of access have in common."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from modules.access.application.queries import AccessQueries
from shared_kernel.adapters.http import use

Queries = Annotated[AccessQueries, use(AccessQueries)]

ReasonParameter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="Why: kept with the version that this makes.",
    ),
]

ForceParameter = Annotated[
    bool, Query(description="Do it even if you could not take it back yourself.")
]
