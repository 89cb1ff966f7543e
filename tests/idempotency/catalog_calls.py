"""How the routes of the catalogue that take keys are called so that they succeed."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from tests.catalog.pictures import added, png
from tests.catalog.shop import category, draft, product_body, publish, tag
from tests.idempotency.world import Call, World, made, named

BRANDS = "/v1/catalog/brands"


def a_draft(**changes: Any) -> Call:
    """Return the request for a new product."""
    return Call("POST", "/v1/catalog/products", product_body(**changes))


async def _create_product(world: World) -> Call:
    return a_draft()


async def _change_products(world: World) -> Call:
    items = [{"action": "create", "product": product_body()}]
    return Call("POST", "/v1/catalog/products:batch", {"items": items})


async def _change_product(world: World) -> Call:
    found = await draft(world.admin.http)
    return Call("PATCH", found.headers["location"], {"name": "Sandstone"}, tag(found))


async def _publish_product(world: World) -> Call:
    return Call("POST", (await draft(world.admin.http)).headers["location"] + "/publish")


async def _archive_product(world: World) -> Call:
    found = (await publish(world.admin.http)).json()
    return Call("POST", f"/v1/catalog/products/{found['id']}/archive")


async def _restore_product(world: World) -> Call:
    found = await draft(world.admin.http)
    path = found.headers["location"]
    assert (await world.admin.http.delete(path, headers=tag(found))).status_code == 204
    return Call("POST", f"{path}/restore")


async def _add_variant(world: World) -> Call:
    path = (await draft(world.admin.http)).headers["location"] + "/variants"
    return Call("POST", path, {"sku": f"V-{uuid4().hex[:8]}", "options": {"size": "M"}})


async def _change_variant(world: World) -> Call:
    adding = await _add_variant(world)
    found = await made(world, adding.path, adding.body or {})
    return Call("PATCH", found.headers["location"], {"options": {"size": "L"}}, tag(found))


async def _stocked(world: World) -> str:
    """Return the address of a variant of which there are some."""
    product = (await publish(world.admin.http)).json()["id"]
    variant = {"sku": f"V-{uuid4().hex[:8]}", "options": {"size": "M"}}
    path = f"/v1/catalog/products/{product}/variants"
    path = (await made(world, path, variant)).headers["location"]
    await made(world, f"{path}/stock/adjustments", {"change": 9, "reason": "received"})
    return path


async def _adjust_stock(world: World) -> Call:
    change = {"change": -1, "reason": "sold"}
    return Call("POST", f"{await _stocked(world)}/stock/adjustments", change)


async def _change_stock(world: World) -> Call:
    path = f"{await _stocked(world)}/stock"
    return Call("PATCH", path, {"low_mark": 3}, tag(await world.admin.http.get(path)))


async def _reserve_stock(world: World) -> Call:
    return Call("POST", f"{await _stocked(world)}/reservations", {"quantity": 2})


async def _commit_reservation(world: World) -> Call:
    reserving = await _reserve_stock(world)
    found = await made(world, reserving.path, reserving.body or {})
    return Call("POST", found.headers["location"] + "/commit")


async def _release_reservation(world: World) -> Call:
    reserving = await _reserve_stock(world)
    found = await made(world, reserving.path, reserving.body or {})
    return Call("POST", found.headers["location"] + "/release")


async def _set_price(world: World) -> Call:
    path = (await draft(world.admin.http)).headers["location"] + "/prices"
    return Call("POST", path, {"price": {"amount": "3.00", "currency": "EUR"}})


async def _change_price(world: World) -> Call:
    setting = await _set_price(world)
    body = {**(setting.body or {}), "starts_at": "2190-01-01T00:00:00Z"}
    found = await made(world, setting.path, body)
    other = {"price": {"amount": "2.00", "currency": "EUR"}}
    return Call("PATCH", found.headers["location"], other, tag(found))


async def _create_brand(world: World) -> Call:
    return Call("POST", BRANDS, {"name": f"Brand {uuid4()}"})


async def _change_brand(world: World) -> Call:
    found = await made(world, BRANDS, {"name": f"Brand {uuid4()}"})
    return Call("PATCH", found.headers["location"], {"description": "Since 1720."}, tag(found))


async def _change_media(world: World) -> Call:
    place = await _drafted(world)
    found, _ = [await added(world.admin.http, place, png(number)) for number in range(2)]
    return Call("PATCH", found.headers["location"], {"position": 1}, tag(found))


async def _drafted(world: World) -> str:
    return str((await draft(world.admin.http)).headers["location"])


async def _create_category(world: World) -> Call:
    return Call("POST", "/v1/catalog/categories", {"name": "Chisels"})


async def _change_category(world: World) -> Call:
    found = await category(world.admin.http)
    return Call("PATCH", found.headers["location"], {"name": "Mallets"}, tag(found))


async def _move_category(world: World) -> Call:
    found = await category(world.admin.http)
    return Call("POST", found.headers["location"] + "/move", {}, tag(found))


CATALOG: Final = named(
    _create_product,
    _change_products,
    _change_product,
    _publish_product,
    _archive_product,
    _restore_product,
    _add_variant,
    _change_variant,
    _adjust_stock,
    _change_stock,
    _reserve_stock,
    _commit_reservation,
    _release_reservation,
    _set_price,
    _change_price,
    _change_media,
    _create_brand,
    _change_brand,
    _create_category,
    _change_category,
    _move_category,
)
