"""The second rung: FastAPI as its tutorial shows it, over the driver, with response models."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

from benchmarks.servers.shown import ONE, PAGE, open_pool, shown


class PriceModel(BaseModel):
    """A price."""

    amount: str
    currency: str


class ProductModel(BaseModel):
    """A product."""

    id: UUID
    sku: str
    slug: str
    name: str
    description: str
    category_id: UUID | None
    brand_id: UUID | None
    tags: list[str]
    attributes: dict[str, str | bool]
    owner_id: UUID | None
    status: str
    created_at: datetime
    published_at: datetime | None
    version: int
    price: PriceModel


class PageModel(BaseModel):
    """A page of products."""

    items: list[ProductModel]
    next_cursor: str | None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Keep the pool as long as the process lives."""
    app.state.pool = await open_pool()
    yield
    await app.state.pool.close()


async def show_product(product_id: UUID, request: Request) -> object:
    """Show one product."""
    pool: asyncpg.Pool = request.app.state.pool
    async with pool.acquire() as connection:
        row = await connection.fetchrow(ONE, product_id)
    if row is None:
        raise HTTPException(404)
    return shown(row)


async def list_products(request: Request) -> object:
    """Show the newest products."""
    pool: asyncpg.Pool = request.app.state.pool
    async with pool.acquire() as connection:
        rows = await connection.fetch(PAGE)
    return {"items": [shown(row) for row in rows[:50]], "next_cursor": None}


def application() -> FastAPI:
    """Build the application."""
    app = FastAPI(lifespan=lifespan)
    app.get("/products/{product_id}", response_model=ProductModel)(show_product)
    app.get("/products/", response_model=PageModel)(list_products)
    return app
