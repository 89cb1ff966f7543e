"""A module whose resource does not fit what it declares keeps the application from starting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Singleton

from bootstrap.modules import CannotAssemble, assemble
from shared_kernel.adapters.sql import module_metadata
from shared_kernel.application.conditions import Condition, Facts, Kind
from shared_kernel.application.resources import Resource, ResourceCatalogue, Rule, owned
from shared_kernel.domain import Permission
from shared_kernel.module import Module

READ, SHARE = (Permission(f"orchard.trees.{verb}", f"{verb} trees") for verb in ("read", "share"))

TREES = Resource(
    name="orchard.trees",
    attributes={
        "owner_id": Kind.ID,
        "row": Kind.TEXT,
        "height": Kind.NUMBER,
        "felled": Kind.FLAG,
        "planted_at": Kind.TIME,
        "kinds": Kind.TEXTS,
        "address": Kind.ADDRESS,
    },
    read=READ,
    share=SHARE,
    actions=(READ, SHARE),
    rules=(Rule(actions=[READ], when=owned()),),
    scope="row",
)


class NoTrees:
    """Knows of no tree."""

    async def attributes(self, ids: Sequence[UUID]) -> dict[UUID, Facts]:
        return {}

    async def matching(self, condition: Condition, *, limit: int) -> Sequence[UUID]:
        return []


class Orchard(DeclarativeContainer):
    """What the planted module builds."""

    trees = Singleton(NoTrees)


def started_with(resource: Resource) -> ResourceCatalogue:
    """Assemble a module that declares this resource, as a start does."""
    module = Module(
        name="orchard",
        container=Orchard,
        metadata=module_metadata("orchard"),
        permissions=[READ, SHARE],
        resources={resource: Orchard.trees},
    )
    return assemble([module], {}, {}).services.get(ResourceCatalogue)


@pytest.mark.parametrize("scope", [None, "id", "row", "owner_id"])
def test_a_scope_is_a_text_or_an_id(scope: str | None) -> None:
    assert set(started_with(replace(TREES, scope=scope)).resources) == {"orchard.trees"}


@pytest.mark.parametrize("scope", ["height", "felled", "planted_at", "kinds", "address"])
def test_a_scope_of_another_kind_is_refused_at_the_start(scope: str) -> None:
    with pytest.raises(CannotAssemble, match=f"scope {scope} is neither a text nor an id"):
        started_with(replace(TREES, scope=scope))


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (replace(TREES, scope="colour"), "scope colour is not declared"),
        (replace(TREES, rules=[Rule(actions=[READ], when=owned("made_by"))]), "made_by"),
        (replace(TREES, actions=(READ,)), "trees.share is not declared"),
        (replace(TREES, name="orchard.pears"), "is not named after it"),
        (replace(TREES, name="garden.trees"), "not its own"),
    ],
    ids=["scope", "rule", "action", "name", "module"],
)
def test_what_is_not_declared_is_refused_at_the_start(faulty: Resource, said: str) -> None:
    with pytest.raises(CannotAssemble, match=said):
        started_with(faulty)
