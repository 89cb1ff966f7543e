"""The last rung: this application as it is served, and one route that asks for a permission."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI

from bootstrap.serving.application import application as served
from modules.catalog.application.queries import ProductView
from modules.catalog.application.showing import ShowProducts
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.adapters.http import CurrentCaller, Router, requires, use

router = Router(tags=["benchmark"])


@router.get("/authorised/{product_id}")
@requires(PRODUCTS_WRITE)
async def show_product(
    product_id: UUID, caller: CurrentCaller, shown: Annotated[ShowProducts, use(ShowProducts)]
) -> ProductView:
    """Show a product to those who may write products."""
    return await shown.one(caller, product_id)


def application() -> FastAPI:
    """Build the application."""
    app = served()
    app.include_router(router)
    return app
