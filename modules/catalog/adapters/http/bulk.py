"""Whole catalogues over HTTP: taken in from files, and given out as such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from modules.catalog.adapters.http.formats import MEDIA_TYPES, writing
from modules.catalog.application.batch.asked import (
    ChangeProducts,
    Fate,
    ItemRefused,
    ItemResult,
)
from modules.catalog.application.batch.flow import ChangeManyProducts
from modules.catalog.application.exporting import ExportProducts
from modules.catalog.application.importing.operation import ImportTerms, StartImport
from modules.catalog.application.importing.rows import RowKind
from modules.catalog.application.queries import ProductView
from modules.catalog.application.showing import ShowProducts
from modules.catalog.domain.money import CURRENCY
from modules.catalog.domain.product import Status
from modules.catalog.ports import FileFormat
from modules.catalog.public import PRODUCTS_READ, PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    Router,
    file_body,
    idempotent,
    media_type_of,
    requires_of_object,
    takes_files,
    use,
)

router = Router(tags=["catalog"])

FORMATS = {media_type: file_format for file_format, media_type in MEDIA_TYPES.items()}

Start = Annotated[StartImport, use(StartImport)]
Export = Annotated[ExportProducts, use(ExportProducts)]
Change = Annotated[ChangeManyProducts, use(ChangeManyProducts)]
Shown = Annotated[ShowProducts, use(ShowProducts)]
Kind = Annotated[RowKind | None, Query(description="What the rows are, if they do not tell.")]
Currency = Annotated[
    str, Query(pattern=CURRENCY, max_length=3, description="Of prices that name none.")
]
Draft = Annotated[bool, Query(description="Do not publish the new products.")]
SkipInvalid = Annotated[
    bool, Query(description="Keep the valid rows when others are refused, in place of none.")
]
DryRun = Annotated[bool, Query(description="Find out what would change, and change nothing.")]
Format = Annotated[FileFormat, Query(alias="format", description="How rows are written.")]
OfStatus = Annotated[Status | None, Query(description="Only products of this status.")]


@dataclass(frozen=True, slots=True)
class ImportAccepted:
    """The operation that takes a file in; `Location` says where to look."""

    operation_id: UUID


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch, item by item. `written`: something was changed."""

    written: bool
    results: list[ItemResult]


@router.post("/products:batch")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def change_products(
    body: ChangeProducts, caller: CurrentCaller, *, change: Change, shown: Shown
) -> BatchResult:
    """Create, change, publish, archive and delete up to 500 products, all of it or nothing.

    With `all_or_nothing` false, what can be done is done, and the rest is refused item by item.
    `version` is what `If-Match` is for one product: the version the change is based on.
    """
    fates = await change(caller, body)
    kept = [one.id for one in fates if one.done and one.id is not None]
    views = await shown.changed_ones(kept)
    results = [_result(index, fate, views) for index, fate in enumerate(fates)]
    return BatchResult(written=bool(kept), results=results)


def _result(index: int, fate: Fate, views: Mapping[UUID, ProductView]) -> ItemResult:
    return ItemResult(
        index=index,
        done=fate.done,
        id=fate.id if fate.done else None,
        product=views.get(fate.id) if fate.done and fate.id is not None else None,
        error=None
        if fate.error is None
        else ItemRefused(fate.error.code, str(fate.error), fate.error.field),
    )


@router.post("/imports", status_code=202, openapi_extra=file_body(FORMATS))
@requires_of_object(PRODUCTS_WRITE)
@takes_files
async def import_products(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    *,
    start: Start,
    kind: Kind = None,
    currency: Currency = "USD",
    draft: Draft = False,
    skip_invalid: SkipInvalid = False,
    dry_run: DryRun = False,
) -> ImportAccepted:
    """Take in products and categories from a file: all of it, or nothing.

    Products are known by their SKU, categories by their external id: sending a file twice changes
    nothing the second time. A member that is absent leaves what is stored; null, or an empty cell,
    empties it. New products are the caller's; what they may not change is refused row by row. The
    operation's results say which rows were refused, with line numbers and codes.
    """
    terms = ImportTerms(
        file_format=FORMATS[media_type_of(request, FORMATS)],
        kind=kind,
        currency=currency,
        draft=draft,
        skip_invalid=skip_invalid,
        dry_run=dry_run,
    )
    operation_id = await start(caller, request.stream(), terms)
    response.headers["Location"] = f"/v1/operations/{operation_id}"
    return ImportAccepted(operation_id)


@router.get(
    "/exports",
    response_class=StreamingResponse,
    responses={200: {"content": {one: {} for one in FORMATS}, "description": "The products."}},
)
@requires_of_object(PRODUCTS_READ)
async def export_products(
    caller: CurrentCaller,
    export: Export,
    *,
    file_format: Format = FileFormat.NDJSON,
    status: OfStatus = None,
) -> StreamingResponse:
    """Give out all products the caller may read, as an import takes them.

    The answer comes while it is read. It is complete only if it ends as HTTP says: a connection
    that breaks off in the middle means that rows are missing.
    """
    name = f"products.{file_format}"
    wording = await export.wording() if file_format is FileFormat.CSV else None
    return StreamingResponse(
        writing(file_format, wording)(export(caller, status)),
        media_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
