"""Attributes of categories over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from modules.catalog.application.attributes.queries import AttributeQueries, AttributeView
from modules.catalog.application.attributes.service import AttributeService, DefineAttribute
from modules.catalog.domain.attributes import ATTRIBUTE_CODE, ATTRIBUTE_CODE_LENGTH
from modules.catalog.public import CATEGORIES_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    ExpectedVersionOfOld,
    Router,
    public,
    publicly_cached,
    requires,
    use,
)

router = Router(tags=["catalog"], prefix="/categories/{category_id}/attributes")

Service = Annotated[AttributeService, use(AttributeService)]
Queries = Annotated[AttributeQueries, use(AttributeQueries)]
Code = Annotated[str, Path(pattern=ATTRIBUTE_CODE, max_length=ATTRIBUTE_CODE_LENGTH)]


@dataclass(frozen=True, slots=True)
class AttributeList:
    """What the products of a category can be described by."""

    items: Sequence[AttributeView]


@router.get("")
@public
@publicly_cached()
async def list_attributes(category_id: UUID, queries: Queries) -> AttributeList:
    """List what a category defines and inherits from those above it, in the order of `position`."""
    return AttributeList(await queries.attributes(category_id))


@router.get("/{code}")
@public
@publicly_cached()
async def show_attribute(category_id: UUID, code: Code, queries: Queries) -> AttributeView:
    """Show an attribute that a category defines or inherits."""
    return await queries.attribute(category_id, code)


@router.put("/{code}")
@requires(CATEGORIES_WRITE)
async def define_attribute(
    category_id: UUID,
    code: Code,
    body: DefineAttribute,
    expected: ExpectedVersionOfOld,
    caller: CurrentCaller,
    *,
    attributes: Service,
    queries: Queries,
    response: Response,
) -> AttributeView:
    """Define an attribute for the products of a category and of all below it, or define it anew.

    One that exists is replaced whole, at the version that `If-Match` names; a new one is answered
    with 201. Its code means the same along a path of the tree: where a category above or below
    defines it, that is a conflict. So it is where a draft or a published product has a value that
    the new definition does not take, or none where it requires one: products are changed first.
    """
    if await attributes.define(caller, category_id, code, body, expected=expected):
        response.status_code = 201
    return await queries.attribute(category_id, code)


@router.delete("/{code}", status_code=204)
@requires(CATEGORIES_WRITE)
async def remove_attribute(
    category_id: UUID,
    code: Code,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    attributes: Service,
) -> None:
    """Remove an attribute from the category that defines it.

    No draft and no published product may have a value of it: that is a conflict.
    """
    await attributes.remove(caller, category_id, code, expected=expected)
