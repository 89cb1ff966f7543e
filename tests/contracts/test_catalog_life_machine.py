"""Whatever happens to products in whatever order: they are what was done, and it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from modules.catalog.application.closed_accounts import WithdrawProductsOfClosedAccount
from modules.catalog.application.products import ChangeProduct, DraftProduct, ProductService
from modules.catalog.application.queries import Price
from modules.catalog.application.trash import EmptyTrash
from modules.catalog.domain.product import (
    AlreadyArchived,
    AlreadyPublished,
    NoSuchProduct,
    NotDeleted,
    SkuFixed,
    SkuTaken,
    SlugTaken,
    StillPublished,
)
from modules.identity.public import AccountClosed
from shared_kernel.domain import DomainError
from tests.kit.catalog import NOON, StoppedClock
from tests.kit.catalog_trial import Trial, in_database, in_memory
from tests.kit.cluster import TestDatabase

T = TypeVar("T")
Refusals = type[DomainError] | tuple[type[DomainError], ...] | None

SKUS = some.sampled_from(["A", "B", "C"])
NAMES = some.sampled_from(["Quoin", "Sill"])
TAKEN = SkuTaken, SlugTaken
OVER = "archived", "withdrawn"


@dataclass
class Expected:
    """What a product is, in the plainest words."""

    sku: str
    name: str = "Quoin"
    status: str = "draft"
    was_published: bool = False
    deleted: bool = False
    purged: bool = False
    version: int = 1

    @property
    def missing(self) -> bool:
        return self.deleted or self.purged


class LifeMachine(RuleBasedStateMachine):
    """Products of one account, all that can be done with them, and a second opinion."""

    ids = Bundle("ids")
    url: ClassVar[str | None]

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        opening = in_memory if self.url is None else in_database(self.url)
        self.trial: Trial = self.run(self.open.enter_async_context(opening()))
        clock, begin = StoppedClock(), self.trial.begin
        self.service = ProductService(begin, clock, self.trial.of.guard)
        self.emptying = EmptyTrash(begin, clock, timedelta(days=30))
        self.withdrawing = WithdrawProductsOfClosedAccount(begin, clock)
        self.expected: dict[UUID, Expected] = {}
        self.mark = uuid4().hex[:8]  # a database still has what an earlier machine made
        self.run(self.emptying(timedelta(seconds=-1)))

    def run(self, work: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await work

        return self.runner.run(waiting())

    def teardown(self) -> None:
        self.run(self.open.aclose())
        self.runner.close()

    def is_taken(self, sku: str, besides: UUID | None = None) -> bool:
        others = (one for id, one in self.expected.items() if id != besides)
        return any(one.sku == sku and not one.missing for one in others)

    def attempt(self, work: Awaitable[object], refusal: Refusals, then: Callable[[], None]) -> None:
        """Do something that is refused like this, or else has this effect in one more version."""
        if refusal is not None:
            with pytest.raises(refusal):
                self.run(work)
            return
        self.run(work)
        then()

    @rule(target=ids, sku=SKUS)
    def draft(self, sku: str) -> UUID | None:
        price = Price(amount="12.50", currency="EUR")
        sku = f"{sku}-{self.mark}"
        command = DraftProduct(sku=sku, name="Quoin", slug=f"s-{sku.lower()}", price=price)
        if self.is_taken(sku):
            with pytest.raises(TAKEN):
                self.run(self.service.draft(self.trial.keeper, command))
            return None
        id = self.run(self.service.draft(self.trial.keeper, command))
        self.expected[id] = Expected(sku)
        return id

    @rule(id=ids, name=NAMES, sku=SKUS)
    def change(self, id: UUID | None, name: str, sku: str) -> None:
        if id is None:
            return
        one, sku = self.expected[id], f"{sku}-{self.mark}"
        command = ChangeProduct(name=name, sku=sku, slug=f"s-{sku.lower()}")
        is_new = (name, sku) != (one.name, one.sku)
        refusal: Refusals = None
        if one.missing:
            refusal = NoSuchProduct
        elif is_new and one.status in OVER:
            refusal = AlreadyArchived
        elif sku != one.sku and one.was_published:
            refusal = SkuFixed
        elif sku != one.sku and self.is_taken(sku, id):
            refusal = TAKEN
        work = self.service.change(self.trial.keeper, id, command, expected=one.version)
        self.attempt(work, refusal, lambda: self.note(one, is_new, name=name, sku=sku))

    @rule(id=ids)
    def publish(self, id: UUID | None) -> None:
        if id is None:
            return
        one = self.expected[id]
        refusal: Refusals = None
        if one.missing:
            refusal = NoSuchProduct
        elif one.status in OVER:
            refusal = AlreadyArchived
        elif one.status == "published":
            refusal = AlreadyPublished
        work = self.service.publish(self.trial.keeper, id)
        self.attempt(work, refusal, lambda: self.note(one, status="published", was_published=True))

    @rule(id=ids)
    def archive(self, id: UUID | None) -> None:
        if id is None:
            return
        one = self.expected[id]
        refusal: Refusals = None
        if one.missing:
            refusal = NoSuchProduct
        elif one.status in OVER:
            refusal = AlreadyArchived
        work = self.service.archive(self.trial.keeper, id)
        self.attempt(work, refusal, lambda: self.note(one, status="archived"))

    @rule(id=ids)
    def delete(self, id: UUID | None) -> None:
        if id is None:
            return
        one = self.expected[id]
        refusal: Refusals = None
        if one.missing:
            refusal = NoSuchProduct
        elif one.status == "published":
            refusal = StillPublished
        work = self.service.delete(self.trial.keeper, id, expected=one.version)
        self.attempt(work, refusal, lambda: self.note(one, deleted=True))

    @rule(id=ids)
    def restore(self, id: UUID | None) -> None:
        if id is None:
            return
        one = self.expected[id]
        refusal: Refusals = None
        if one.purged:
            refusal = NoSuchProduct
        elif not one.deleted:
            refusal = NotDeleted
        elif self.is_taken(one.sku, id):
            refusal = TAKEN
        self.attempt(self._restore(id), refusal, lambda: self.note(one, deleted=False))

    async def _restore(self, id: UUID) -> None:
        async with self.trial.begin() as tx:
            (await tx.products.get_locked(id, even_deleted=True)).restore(at=NOON)

    @rule()
    def close_the_account(self) -> None:
        self.run(self.withdrawing(AccountClosed(subject_id=self.trial.keeper.id, occurred_at=NOON)))
        for one in self.expected.values():
            if one.status not in OVER and not one.purged:
                self.note(one, status="withdrawn")

    @rule()
    def empty_the_trash(self) -> None:
        lying = [one for one in self.expected.values() if one.deleted and not one.purged]
        gone = self.run(self.emptying(timedelta(seconds=-1)))
        assert gone == {"products": len(lying)}
        for one in lying:
            one.purged = True

    def note(self, one: Expected, is_new: bool = True, **values: object) -> None:
        for name, value in values.items():
            setattr(one, name, value)
        one.version += is_new

    @invariant()
    def each_is_what_was_done_with_it(self) -> None:
        for id, one in self.expected.items():
            assert self.run(self.found(id)) == (
                None if one.purged else (one.sku, one.name, one.status, one.deleted, one.version)
            )

    async def found(self, id: UUID) -> tuple[str, str, str, bool, int] | None:
        async with self.trial.begin() as tx:
            try:
                one = await tx.products.get_locked(id, even_deleted=True)
            except NoSuchProduct:
                return None
            deleted = one.deleted_at is not None
            return one.sku, one.name, one.status.value, deleted, one.version

    @invariant()
    def each_version_and_the_end_was_told_once(self) -> None:
        told = [event.subject_id for event in self.trial.told()]
        for id, one in self.expected.items():
            assert told.count(id) == one.version + one.purged


@pytest.mark.parametrize("store", ["fake", "postgresql"])
def test_products_are_what_was_done_with_them(
    store: str, database: TestDatabase, clean: None
) -> None:
    machine = type(
        "Machine", (LifeMachine,), {"url": None if store == "fake" else database.app_url}
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40 if store == "fake" else 6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
