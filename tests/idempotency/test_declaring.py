"""Where keys are taken is declared in one line, described, and refused where it cannot be kept."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from shared_kernel.adapters.http import Router, idempotent, public, signed_in


def test_nobody_has_no_keys() -> None:
    router = Router(tags=["toy"])

    @public
    @idempotent
    async def anyone() -> None:
        """Do something for a stranger."""

    with pytest.raises(TypeError, match="keys belong to a caller"):
        router.post("/anyone")(anyone)


def test_what_http_makes_idempotent_takes_no_keys() -> None:
    router = Router(tags=["toy"])

    @signed_in
    @idempotent
    async def put() -> None:
        """Do something that can be repeated anyway."""

    with pytest.raises(TypeError, match="POST and PATCH"):
        router.put("/put")(put)


def test_the_description_tells_of_keys_where_they_are_taken(shop: FastAPI) -> None:
    paths: dict[str, Any] = shop.openapi()["paths"]
    taking = paths["/v1/catalog/products"]["post"]
    parameter = next(one for one in taking["parameters"] if one["name"] == "Idempotency-Key")
    assert parameter["in"] == "header"
    assert parameter["schema"]["maxLength"] == 255
    replayed = taking["responses"]["201"]
    assert replayed["headers"]["Idempotency-Replayed"]["schema"] == {
        "type": "string",
        "enum": ["true"],
    }
    assert "application/json" in replayed["content"]
    assert {"400", "409", "422"} <= set(taking["responses"])
    others = (paths["/v1/identity/login"]["post"], paths["/v1/catalog/products"]["get"])
    assert not any("Idempotency-Key" in str(one) for one in others)
