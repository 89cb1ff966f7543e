"""Real objects of every resource, made by the recipe that stands beside the tests of its module.

The tests of a module `shop` with the resource `shop.orders` keep one in `tests/shop/objects.py`:
`RECIPES = {"shop.orders": make_order}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from uuid import UUID

import pytest

from shared_kernel.domain import AccountId
from shared_kernel.module import Services

Recipe = Callable[[Services, AccountId, bool], Awaitable[UUID]]
"""Makes an object of an account, saved at version 1; one that everybody may read if asked to."""


def recipe_of(resource: str) -> Recipe:
    """Return what makes objects of a resource. A resource without a recipe fails the test."""
    place = f"tests.{resource.partition('.')[0]}.objects"
    try:
        recipe: Recipe = import_module(place).RECIPES[resource]
    except (ModuleNotFoundError, KeyError):
        pytest.fail(f"{place}.RECIPES does not say how to make one of {resource}")
    return recipe
