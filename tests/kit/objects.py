"""Real objects of every resource, made by the recipe that stands beside the tests of its module.

The tests of a module `shop` with the resource `shop.orders` keep one in `tests/shop/objects.py`:
`RECIPES = {"shop.orders": make_order}`. Where its routes have more than the id of the object in
their paths, or ask for a body, that is said there, too:
`PARTS = {"line_id": make_line}`,
`BODIES = {("POST", "/v1/shop/orders/{order_id}/lines"): {"article": "A"}}`,
`QUERIES = {("GET", "/v1/shop/orders/{order_id}/total"): "?currency=EUR"}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from shared_kernel.domain import AccountId
from shared_kernel.module import Services

Recipe = Callable[[Services, AccountId, bool], Awaitable[UUID]]
"""Makes an object of an account, saved at version 1; one that everybody may read if asked to."""

Part = Callable[[Services, Mapping[str, Any]], Awaitable[object]]
"""Makes what another parameter of a path means, and returns it; the parameters before it are given.

It is saved at version 1.
"""


def recipe_of(resource: str) -> Recipe:
    """Return what makes objects of a resource. A resource without a recipe fails the test."""
    place = f"tests.{resource.partition('.')[0]}.objects"
    try:
        recipe: Recipe = import_module(place).RECIPES[resource]
    except (ModuleNotFoundError, KeyError):
        pytest.fail(f"{place}.RECIPES does not say how to make one of {resource}")
    return recipe


def part_of(resource: str, parameter: str) -> Part | None:
    """Return what makes a part of an object, where the tests of its module say how."""
    parts: Mapping[str, Part] = getattr(_said(resource), "PARTS", {})
    return parts.get(parameter)


def body_for(resource: str, method: str, path: str) -> Any:
    """Return a body that the route takes: a value for JSON, or bytes. An empty object by default.

    None for methods that take none.
    """
    if method in {"GET", "DELETE"}:
        return None
    bodies: Mapping[tuple[str, str], Any] = getattr(_said(resource), "BODIES", {})
    return bodies.get((method, path), {})


def query_for(resource: str, method: str, path: str) -> str:
    """Return the query that the route cannot do without, with its `?`; most can."""
    queries: Mapping[tuple[str, str], str] = getattr(_said(resource), "QUERIES", {})
    return queries.get((method, path), "")


def _said(resource: str) -> ModuleType:
    return import_module(f"tests.{resource.partition('.')[0]}.objects")
