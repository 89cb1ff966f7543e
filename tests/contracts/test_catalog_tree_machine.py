"""Whatever is done to the tree in whatever order: it is a tree, and its products agree with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from modules.audit.adapters.sql import SqlAuditWriter
from modules.catalog.adapters.sql import CatalogUnitOfWork
from modules.catalog.application.attributes.service import AttributeService, DefineAttribute
from modules.catalog.application.categories.deleting import DeleteCategory
from modules.catalog.application.categories.service import (
    CategoryService,
    CreateCategory,
    MoveCategory,
)
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.products import ChangeProduct, DraftProduct, ProductService
from modules.catalog.application.queries import Price
from modules.catalog.domain.attributes import AttributeKind, AttributeValue, Definition
from modules.catalog.domain.category import MAX_DEPTH
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_MANAGE
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
from shared_kernel.application import ABSENT
from shared_kernel.domain import DomainError
from tests.contracts.catalog_tree_expected import Expected, Said, agrees
from tests.kit.catalog import FakeCatalog, OwnRules, StoppedClock, caller, somebody
from tests.kit.cluster import TestDatabase

T = TypeVar("T")

KEEPER = somebody()
CODES, KINDS = ["a", "b"], [AttributeKind.TEXT, AttributeKind.NUMBER]
VALUES: list[AttributeValue] = ["x", 2.5]

saying = some.dictionaries(some.sampled_from(CODES), some.sampled_from(VALUES))


class TreeMachine(RuleBasedStateMachine):
    """A part of the tree, everything that can be done to it, and a second opinion."""

    url: ClassVar[str | None]

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        self.caller = caller(KEEPER)
        begin = FakeCatalog().begin if self.url is None else self.in_database(self.url)
        self.begin: Transaction = begin
        self.categories = CategoryService(begin, StoppedClock())
        self.attributes = AttributeService(begin, StoppedClock())
        guard = guard_of_products(OwnRules({KEEPER: frozenset({PRODUCTS_MANAGE.name})}))
        self.products = ProductService(begin, StoppedClock(), guard)
        self.deleting = DeleteCategory(begin, StoppedClock(), guard)

    def in_database(self, url: str) -> Transaction:
        opened = Database(url)
        self.open.push_async_callback(opened.close)
        outbox, writer = SqlOutbox({}, lambda topic: None), SqlAuditWriter()
        return lambda: CatalogUnitOfWork(opened, outbox, writer)

    def run(self, work: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await work

        return self.runner.run(waiting())

    def teardown(self) -> None:
        self.run(self.open.aclose())
        self.runner.close()

    @initialize()
    def plant(self) -> None:
        top = self.run(self.categories.create(self.caller, CreateCategory(name="Top")))
        self.expected = Expected(top)

    def attempt(self, work: Awaitable[T], allowed: bool) -> T | None:
        """Do what is allowed; see that what is not is refused."""
        if allowed:
            return self.run(work)
        with pytest.raises(DomainError):
            self.run(work)
        return None

    def version(self, id: UUID) -> int:
        async def asked() -> int:
            async with self.begin() as tx:
                return (await tx.categories.get(id)).version

        return self.run(asked())

    def trying(self) -> Expected:
        """Return what is expected, to try a change on."""
        copy = Expected(self.expected.top)
        copy.parents = dict(self.expected.parents)
        copy.children = {id: [*below] for id, below in self.expected.children.items()}
        copy.defined = {id: dict(it) for id, it in self.expected.defined.items()}
        copy.products = dict(self.expected.products)
        return copy

    @rule(data=some.data())
    def create(self, data: some.DataObject) -> None:
        under = data.draw(some.sampled_from(self.expected.ids))
        allowed = len(self.expected.above(under)) < MAX_DEPTH
        command = CreateCategory(name="Shelf", parent_id=under)
        made = self.attempt(self.categories.create(self.caller, command), allowed)
        if made is not None:
            self.expected.children[made], self.expected.defined[made] = [], {}
            self.expected.put(made, under, 0)
            self.go(made, MoveCategory(parent_id=under), under, None)

    @rule(data=some.data(), way=some.sampled_from(["before", "after", "under"]))
    def move(self, data: some.DataObject, way: str) -> None:
        if len(self.expected.ids) < 2:
            return
        id = data.draw(some.sampled_from(self.expected.ids[1:]))
        other = data.draw(some.sampled_from(self.expected.ids[way != "under" :]))
        if way == "under":
            self.go(id, MoveCategory(parent_id=other), other, None)
        else:
            command = MoveCategory(
                before=other if way == "before" else None, after=other if way == "after" else None
            )
            self.go(id, command, self.expected.parents[other], other)

    def go(self, id: UUID, command: MoveCategory, under: UUID, sibling: UUID | None) -> None:
        tried = self.trying()
        allowed = under not in tried.below(id) and sibling != id
        allowed = allowed and len(tried.above(under)) + tried.height(id) <= MAX_DEPTH
        if allowed:
            tried.children[tried.parents[id]].remove(id)
            del tried.parents[id]
            beside = tried.children[under]
            after = command.after is not None
            tried.put(id, under, beside.index(sibling) + after if sibling else len(beside))
            allowed = tried.sound()
        version = self.version(id)
        self.attempt(self.categories.move(self.caller, id, command, expected=version), allowed)
        if allowed:
            self.expected = tried

    @rule(data=some.data(), cascade=some.booleans(), moving=some.booleans())
    def delete(self, data: some.DataObject, cascade: bool, moving: bool) -> None:
        if len(self.expected.ids) < 2:
            return
        id = data.draw(some.sampled_from(self.expected.ids[1:]))
        gone = self.expected.below(id)
        to = data.draw(some.sampled_from(self.expected.ids)) if moving else None
        inside = {one: it for one, it in self.expected.products.items() if it[0] in gone}
        if to is None:
            fits = not inside
        else:
            fits = to not in gone and all(
                agrees(self.expected, to, said) for _, said in inside.values()
            )
        deleting = self.deleting(
            self.caller, id, expected=self.version(id), cascade=cascade, move_products_to=to
        )
        allowed = fits and (cascade or gone == [id])
        self.attempt(deleting, allowed)
        if allowed:
            if to is not None:
                self.expected.products |= {one: (to, it[1]) for one, it in inside.items()}
            self.expected.children[self.expected.parents[id]].remove(id)
            for one in gone:
                del self.expected.children[one], self.expected.defined[one]
                del self.expected.parents[one]

    @rule(
        data=some.data(),
        code=some.sampled_from(CODES),
        kind=some.sampled_from(KINDS),
        required=some.booleans(),
    )
    def define(self, data: some.DataObject, code: str, kind: AttributeKind, required: bool) -> None:
        id = data.draw(some.sampled_from(self.expected.ids))
        command = DefineAttribute(label="It", kind=kind, required=required)
        tried = self.trying()
        tried.defined[id][code] = command.definition(code)
        allowed = tried.sound()
        defining = self.attributes.define(
            self.caller, id, code, command, expected=self.defined_at(id, code)
        )
        self.attempt(defining, allowed)
        if allowed:
            self.expected = tried

    @rule(data=some.data(), code=some.sampled_from(CODES))
    def remove(self, data: some.DataObject, code: str) -> None:
        id = data.draw(some.sampled_from(self.expected.ids))
        tried = self.trying()
        allowed = tried.defined[id].pop(code, None) is not None and tried.sound()
        version = self.defined_at(id, code) or 1
        self.attempt(self.attributes.remove(self.caller, id, code, expected=version), allowed)
        if allowed:
            self.expected = tried

    def defined_at(self, id: UUID, code: str) -> int | None:
        async def asked() -> int | None:
            async with self.begin() as tx:
                found = (await tx.attributes.defined_by(id)).get(code)
                return found.version if found else None

        return self.run(asked())

    @rule(data=some.data(), said=saying)
    def draft(self, data: some.DataObject, said: Said) -> None:
        id = data.draw(some.sampled_from(self.expected.ids))
        command = DraftProduct(
            sku=f"S-{uuid4().hex}",
            name="Block",
            price=Price(amount="1", currency="EUR"),
            category_id=id,
            attributes=dict(said),
        )
        allowed = agrees(self.expected, id, said)
        made = self.attempt(self.products.draft(self.caller, command), allowed)
        if made is not None:
            self.expected.products[made] = id, said

    @rule(data=some.data(), said=saying, moved=some.booleans())
    def change(self, data: some.DataObject, said: Said, moved: bool) -> None:
        if not self.expected.products:
            return
        id = data.draw(some.sampled_from([*self.expected.products]))
        old_place, old = self.expected.products[id]
        place = data.draw(some.sampled_from(self.expected.ids)) if moved else old_place
        patch = {**dict.fromkeys(old), **said}
        command = ChangeProduct(
            category_id=place if moved else ABSENT,
            attributes=patch,
        )
        allowed = agrees(self.expected, place, said)

        async def changing() -> None:
            async with self.begin() as tx:
                version = (await tx.products.get_locked(id)).version
            await self.products.change(self.caller, id, command, expected=version)

        self.attempt(changing(), allowed)
        if allowed:
            self.expected.products[id] = place, said

    @rule(data=some.data())
    def archive(self, data: some.DataObject) -> None:
        """An archived product stays in its category, and nobody asks any more what it says."""
        if self.expected.products:
            id = data.draw(some.sampled_from([*self.expected.products]))
            place, _ = self.expected.products[id]
            if place == self.expected.top:
                self.run(self.products.archive(self.caller, id))
                del self.expected.products[id]

    @invariant()
    def the_tree_and_what_it_defines_are_as_expected(self) -> None:
        ids = self.expected.ids

        async def asked() -> tuple[dict[UUID, list[UUID]], dict[UUID, dict[str, Definition]]]:
            async with self.begin() as tx:
                effective = await tx.attributes.effective(ids)
                return {id: [one.id for one in await tx.categories.children(id)] for id in ids}, {
                    id: {one.code: one for one in found} for id, found in effective.items()
                }

        children, effective = self.run(asked())
        assert children == self.expected.children
        assert effective == {id: self.expected.effective(id) for id in ids}

    @invariant()
    def every_product_says_what_it_may(self) -> None:
        async def asked() -> Mapping[UUID, tuple[UUID | None, Said]]:
            async with self.begin() as tx:
                found = [await tx.products.get_locked(id) for id in self.expected.products]
                return {one.id: (one.category_id, one.attributes) for one in found}

        there = self.run(asked())
        assert there == self.expected.products
        assert self.expected.sound()


@pytest.mark.parametrize(("store", "examples"), [("fake", 60), ("postgresql", 10)])
def test_a_tree_is_what_was_done_with_it(
    store: str, examples: int, database: TestDatabase, clean: None
) -> None:
    url = None if store == "fake" else database.app_url
    run_state_machine_as_test(
        type("Machine", (TreeMachine,), {"url": url}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
