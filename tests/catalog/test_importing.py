"""Imports, on a catalog in memory."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.importing.flows import (
    ImportCatalog,
    ImportFile,
    OwnerUnknown,
    SeedDemo,
    TakeRows,
    Terms,
    Unwatched,
)
from modules.catalog.application.importing.report import LISTED, ImportReport
from modules.catalog.application.importing.rows import Reading, RowKind
from modules.catalog.domain.category import Category
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Product, Status
from modules.catalog.ports import SourceRow
from modules.identity.public import AccountView
from shared_kernel.domain import AccountId
from tests.kit.catalog import NOON, FakeCatalog, FakeFiles, OwnRules, StoppedClock, row, somebody
from tests.kit.catalog_bulk import no_pause

DATA = Path(__file__).parent / "data"
CHISEL: dict[str, object] = {"sku": "CHI-1", "name": "Chisel", "price": "16.90"}


def taking(store: FakeCatalog) -> TakeRows:
    return TakeRows(store.begin, StoppedClock(), guard_of_products(OwnRules({})), no_pause, "en")


async def take(store: FakeCatalog, *rows: SourceRow, terms: Terms = Terms()) -> ImportReport:  # noqa: B008 - frozen
    return await taking(store)(rows, terms)


async def take_file(store: FakeCatalog, name: str) -> ImportReport:
    return await take(store, *FilesOnDisk().rows(str(DATA / name), None))


def made(report: ImportReport) -> tuple[int, int]:
    return report.categories.created, report.products.created


def faults(report: ImportReport) -> list[tuple[int, str]]:
    return [(note.row, note.message) for note in report.faults.in_order()]


def product(store: FakeCatalog, sku: str = "CHI-1") -> Product:
    return next(one for one in store.products.values() if one.sku == sku)


def category(store: FakeCatalog, external_id: str) -> Category:
    return next(one for one in store.categories.values() if one.external_id == external_id)


async def test_a_tree_comes_in_whatever_the_order_of_its_rows() -> None:
    store = FakeCatalog()
    report = await take_file(store, "categories.json")
    assert (made(report), report.written) == ((9, 0), True)
    blocks = category(store, "yard0100")
    assert (blocks.name, blocks.parent_id) == ("Blocks", category(store, "yard0001").id)
    assert category(store, "yard0102").parent_id == blocks.id
    assert category(store, "yard0102").name == "Granite"
    assert {category(store, id).name for id in ("yard0101", "yard0103")} == {"Limestone"}
    assert category(store, "tool0001").name == "Tools & Gear"


async def test_a_category_without_a_name_is_called_by_its_id_and_told_of() -> None:
    store = FakeCatalog()
    report = await take_file(store, "categories.json")
    (note,) = report.warnings.in_order()
    assert (note.row, note.line, category(store, "yard0900").name) == (5, 1, "yard0900")


async def test_products_come_in_with_the_categories_they_name() -> None:
    store = FakeCatalog()
    assert made(await take_file(store, "products.json")) == (3, 5)
    mallet = product(store, "HAN-MAL-BEE-004")
    assert mallet.price == Money(Decimal("34.00"), "USD")
    assert (mallet.status, mallet.owner_id) == (Status.PUBLISHED, None)
    shelf = category(store, "hand-tools")
    assert (shelf.name, mallet.category_id) == ("Hand tools", shelf.id)


@pytest.mark.parametrize(
    "name", ["categories.json", "products.json", "mixed.ndjson", "products.csv"]
)
async def test_the_second_time_changes_nothing(name: str) -> None:
    store = FakeCatalog()
    first = await take_file(store, name)
    told = len(store.events)
    second = await take_file(store, name)
    assert (second.categories.changed, second.products.changed, made(second)) == (0, 0, (0, 0))
    assert second.products.unchanged == first.products.created
    assert len(store.events) == told
    assert all(one.version == 1 for one in [*store.products.values(), *store.categories.values()])


async def test_what_differs_is_changed_and_what_is_not_said_stays() -> None:
    store = FakeCatalog()
    full = {**CHISEL, "description": "Forged.", "category": "tools"}
    await take(store, row(**full))
    report = await take(store, row(**{**CHISEL, "name": "Point chisel"}))
    changed = product(store)
    assert (report.products.changed, changed.name, changed.version) == (1, "Point chisel", 2)
    assert (changed.description, changed.category_id) == ("Forged.", category(store, "tools").id)
    await take(store, row(**CHISEL, category=None))
    assert product(store).category_id is None


async def test_an_existing_product_keeps_owner_and_status() -> None:
    store, owner = FakeCatalog(), somebody()
    await take(
        store, row(**CHISEL), terms=Terms(owner_id=owner, reading=Reading(status=Status.DRAFT))
    )
    await take(store, row(**{**CHISEL, "price": 20}))
    kept = product(store)
    assert (kept.owner_id, kept.status, kept.price.amount) == (owner, Status.DRAFT, Decimal(20))


async def test_an_archived_product_is_not_changed_by_a_file() -> None:
    store = FakeCatalog()
    await take(store, row(**CHISEL))
    product(store).archive(at=NOON)
    assert (await take(store, row(**CHISEL))).products.unchanged == 1
    report = await take(store, row(**{**CHISEL, "name": "Other"}))
    assert faults(report) == [(1, "the product is archived")]


async def test_one_invalid_row_keeps_everything_out_and_every_fault_is_told() -> None:
    store = FakeCatalog()
    report = await take(
        store,
        row(1, **CHISEL),
        row(2, sku="CHI-2", name=7, price="1"),
        row(3, colour="red"),
        row(4, external_id="a", name="A", parent="nowhere"),
        row(5, **CHISEL),
        SourceRow(6, 9, {}, "is not valid JSON"),
    )
    assert (store.products, store.events, report.written) == ({}, [], False)
    assert faults(report) == [
        (2, "name is not a text"),
        (3, "is neither a product (sku) nor a category (external_id or id)"),
        (4, "parent is no category, or one that was refused"),
        (5, "repeats the sku of row 1"),
        (6, "is not valid JSON"),
    ]


async def test_the_valid_rows_can_be_kept() -> None:
    store = FakeCatalog()
    rows = row(1, **CHISEL), row(2, sku="CHI-2", name="B", price="-1")
    report = await take(store, *rows, terms=Terms(skip_invalid=True))
    assert (report.written, report.faults.count, len(store.products)) == (True, 1, 1)


async def test_a_dry_run_tells_and_keeps_nothing() -> None:
    store = FakeCatalog()
    report = await take(store, row(**CHISEL, category="tools"), terms=Terms(dry_run=True))
    assert (made(report), report.written, store.products, store.events) == ((1, 1), False, {}, [])


async def test_long_lists_of_faults_are_cut_and_counted() -> None:
    report = await take(FakeCatalog(), *(row(n, sku="") for n in range(1, 200)))
    assert (report.faults.count, len(report.faults.in_order())) == (199, LISTED)


@pytest.mark.parametrize(
    "members",
    [
        {"price": "12,50"},
        {"price": True},
        {"price": None},
        {"price": Decimal("1E+999999")},
        {"price": Decimal("0.30000000000000004")},
        {"price": {"amount": "1", "currency": "XXX"}},
        {"price": "1", "currency": 7},
        {"sku": "a b"},
        {"sku": 7},
        {"name": "\ud800"},
        {"name": "a\x00b"},
        {"name": ""},
        {"name": None},
        {"description": ["x"]},
        {"status": "sold"},
        {"slug": "No Slug"},
        {"slug": 7},
        {"brand": 7},
        {"tags": "a\tb"},
        {"tags": [7]},
        {"tags": {"a": "b"}},
        {"attributes": ["x"]},
        {"attributes": "{"},
        {"attributes": {"color": "red"}},
        {"attributes.color": "red"},
        {"translations": ["x"]},
        {"translations": {"de": "x"}},
        {"translations": {"de": {"description": "x"}}},
        {"translations": {"german": {"name": "x"}}},
        {"translations": {"en": {"name": "x"}}},
        {"name.de": ["x"]},
        {"name.de": "x", "slug.de": "No Slug"},
        {"category": "a/b"},
    ],
)
async def test_a_product_row_that_breaks_a_rule_is_refused(members: dict[str, object]) -> None:
    report = await take(FakeCatalog(), row(**{**CHISEL, **members}))
    assert report.faults.count == 1


@pytest.mark.parametrize(
    "members",
    [
        {"position": -1},
        {"position": "x"},
        {"position": True},
        {"path": "a"},
        {"path": []},
        {"path": [{"id": "other", "name": "Other"}]},
        {"path": [7]},
        {"parent": "a"},
    ],
)
async def test_a_category_row_that_breaks_a_rule_is_refused(members: dict[str, object]) -> None:
    report = await take(FakeCatalog(), row(external_id="a", name="A", **members))
    assert report.faults.count == 1


async def test_rows_in_a_circle_are_refused() -> None:
    report = await take(
        FakeCatalog(),
        row(1, external_id="a", name="A", parent="c"),
        row(2, external_id="b", name="B", parent="a"),
        row(3, external_id="c", name="C", parent="b"),
    )
    assert faults(report) == [(n, "stands below itself") for n in (1, 2, 3)]


async def test_a_file_may_turn_the_tree_upside_down() -> None:
    store = FakeCatalog()
    a, b = {"external_id": "a", "name": "A"}, {"external_id": "b", "name": "B"}
    await take(store, row(1, **a, parent=None), row(2, **b, parent="a"))
    report = await take(store, row(1, **a, parent="b"), row(2, **b, parent=None))
    assert (report.categories.changed, category(store, "a").parent_id) == (
        2,
        category(store, "b").id,
    )


async def test_a_file_cannot_move_a_category_below_itself() -> None:
    store = FakeCatalog()
    a, b = {"external_id": "a", "name": "A"}, {"external_id": "b", "name": "B"}
    await take(store, row(1, **a), row(2, **b, parent="a"))
    report = await take(store, row(1, **a, parent="b"))
    assert faults(report) == [(1, "parent_id a category cannot stand under itself")]


async def test_the_kind_of_rows_can_be_named() -> None:
    terms = Terms(reading=Reading(kind=RowKind.CATEGORY))
    report = await take(FakeCatalog(), row(id="a", name="A", sku="x"), terms=terms)
    assert made(report) == (1, 0)


async def test_progress_ends_at_the_number_of_rows() -> None:
    rows = [row(n, sku=f"S-{n}", name="S", price=1) for n in range(1, 2203)]
    watch = Watching()
    await taking(FakeCatalog())([row(0, id="a"), *rows], Terms(), watch)
    assert watch.seen == [(1, 2203), (1001, 2203), (2001, 2203), (2203, 2203)]


class Watching(Unwatched):
    """Remembers how far it was."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    async def progress(self, done: int, total: int) -> None:
        self.seen.append((done, total))


class Directory:
    """One account."""

    def __init__(self, email: str) -> None:
        self.account = AccountView(somebody(), email, NOON)

    async def register(self, email: str, password: str) -> AccountId:
        raise AssertionError("an import opens no accounts")

    async def find(self, email: str) -> AccountView | None:
        return self.account if email == self.account.email else None

    async def is_open(self, account_id: AccountId) -> bool:
        return account_id == self.account.id

    async def can_sign_in(self, account_id: AccountId) -> bool:
        return await self.is_open(account_id)


def importing(store: FakeCatalog, rows: Sequence[SourceRow], directory: Directory) -> ImportCatalog:
    return ImportCatalog(taking(store), FakeFiles({"x": list(rows)}), directory)


async def test_new_products_can_belong_to_somebody() -> None:
    store, directory = FakeCatalog(), Directory("ann@example.com")
    flow = importing(store, [row(**CHISEL)], directory)
    await flow(ImportFile(path="x", owner="ann@example.com"))
    assert product(store).owner_id == directory.account.id
    with pytest.raises(OwnerUnknown):
        await flow(ImportFile(path="x", owner="bob@example.com"))


async def test_the_example_shop_opens_once() -> None:
    store = FakeCatalog()
    seed = SeedDemo(taking(store), FilesOnDisk())
    assert await seed() == "An example shop: 12 categories, 30 products."
    told = len(store.events)
    assert await seed() == "The example shop is there already."
    assert len(store.events) == told
