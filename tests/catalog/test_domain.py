"""The catalog's rules."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from modules.catalog.domain.category import (
    MAX_DEPTH,
    Category,
    Forest,
    MovedIntoItself,
    ParentUnknown,
    TreeTooDeep,
)
from modules.catalog.domain.money import AmountRefused, CurrencyUnknown, Money, written
from modules.catalog.domain.product import (
    AlreadyArchived,
    AlreadyPublished,
    Product,
    SkuFixed,
    Status,
    StillPublished,
)
from modules.catalog.domain.text import TextRefused, code, line, prose
from shared_kernel.domain import Stale
from tests.kit.catalog import NOON, details, somebody

OWNER = somebody()


def draft() -> Product:
    product = Product.draft(details(sku="LIM-1"), owner_id=OWNER, at=NOON)
    product.release_events()
    return product


def published() -> Product:
    product = draft()
    product.publish(at=NOON)
    product.release_events()
    return product


def told(product: Product) -> list[str]:
    return [event.kind() for event in product.release_events()]


def test_a_new_product_is_a_draft_of_its_owner() -> None:
    product = Product.draft(details(), owner_id=OWNER, at=NOON)
    assert (product.status, product.owner_id) == (Status.DRAFT, OWNER)
    assert told(product) == ["catalog.ProductDrafted"]


def test_the_owner_publishes_a_draft_once() -> None:
    product = draft()
    product.publish(at=NOON)
    assert (product.status, product.published_at) == (Status.PUBLISHED, NOON)
    assert told(product) == ["catalog.ProductPublished"]
    with pytest.raises(AlreadyPublished):
        product.publish(at=NOON)
    assert told(product) == []


def test_a_published_product_may_be_renamed_and_repriced_but_keeps_its_sku() -> None:
    product = published()
    product.change(details(sku="LIM-1", name="Quoin", price=Money(Decimal(40), "EUR")), at=NOON)
    assert (product.name, product.price) == ("Quoin", Money(Decimal("40.00"), "EUR"))
    assert told(product) == ["catalog.ProductChanged", "catalog.PriceChanged"]
    with pytest.raises(SkuFixed):
        product.change(details(sku="LIM-2"), at=NOON)
    assert product.sku == "LIM-1"


def test_a_draft_may_take_another_sku() -> None:
    product = draft()
    product.change(details(sku="LIM-2"), at=NOON)
    assert product.sku == "LIM-2"


def test_a_change_names_the_members_that_are_new_and_nothing_new_is_no_event() -> None:
    product = draft()
    assert not product.change(product.details, at=NOON)
    assert product.release_events() == []
    assert product.change(details(sku="LIM-1", name="Sill"), at=NOON)
    (event,) = product.release_events()
    assert getattr(event, "members", None) == ("name",)


@pytest.mark.parametrize("make", [draft, published])
def test_an_archived_product_stays_as_it_is(make: Callable[[], Product]) -> None:
    product = make()
    product.archive(at=NOON)
    assert told(product) == ["catalog.ProductArchived"]
    for act in (product.publish, product.archive):
        with pytest.raises(AlreadyArchived):
            act(at=NOON)
    with pytest.raises(AlreadyArchived):
        product.change(details(name="Other"), at=NOON)
    product.withdraw(at=NOON)
    assert (product.status, told(product)) == (Status.ARCHIVED, [])


def test_a_product_is_withdrawn_once() -> None:
    product = published()
    product.withdraw(at=NOON)
    product.withdraw(at=NOON)
    assert (product.status, told(product)) == (Status.WITHDRAWN, ["catalog.ProductWithdrawn"])


def test_a_published_product_is_archived_before_it_is_deleted() -> None:
    product = published()
    with pytest.raises(StillPublished):
        product.delete(at=NOON)
    product.archive(at=NOON)
    product.delete(at=NOON)
    assert told(product)[-1] == "catalog.ProductDeleted"


def test_what_was_decided_on_another_version_is_stale() -> None:
    with pytest.raises(Stale):
        draft().must_be_at(2)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0", "EUR"), ("12.5", "EUR"), ("9999999999.99", "USD"), ("1250", "JPY"), ("1.234", "KWD")],
)
def test_money_takes_what_a_currency_can_pay(amount: str, currency: str) -> None:
    assert Money(Decimal(amount), currency).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("-0.01", "EUR"),
        ("-0", "EUR"),
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("10000000000", "EUR"),
        ("1E+999999", "EUR"),
        ("1E-999999", "EUR"),
        ("0.30000000000000000000000000000000000000004", "EUR"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("Infinity", "EUR"),
    ],
)
def test_money_refuses_what_it_cannot(amount: str, currency: str) -> None:
    with pytest.raises(AmountRefused):
        Money(Decimal(amount), currency)


@pytest.mark.parametrize("currency", ["XXX", "eur", "", "EURO", "QQQ"])
def test_money_knows_its_currencies(currency: str) -> None:
    with pytest.raises(CurrencyUnknown):
        Money(Decimal(1), currency)


def test_amounts_are_written_with_the_digits_of_their_currency() -> None:
    assert written(Decimal("12.500"), "EUR") == "12.50"
    assert written(Decimal("1250.000"), "JPY") == "1250"
    assert written(Decimal("1.234"), "KWD") == "1.234"


@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\tb", "a\x00", "\ud800", "x" * 201])
def test_a_name_is_one_line_of_text(text: str) -> None:
    with pytest.raises(TextRefused):
        line(text, field="/name")


def test_spaces_around_a_name_are_no_part_of_it() -> None:
    assert line("  Laptop Bags & Cases ", field="/name") == "Laptop Bags & Cases"


def test_prose_keeps_its_lines() -> None:
    assert prose("one\r\ntwo\n", field="/description") == "one\ntwo"
    with pytest.raises(TextRefused):
        prose("\x07", field="/description")


@pytest.mark.parametrize("text", ["", "a b", "a,b", "-a", "a" * 65, "a\n", "é"])
def test_a_code_is_short_and_plain(text: str) -> None:
    if text == "a\n":
        assert code(text, field="/sku") == "a"
        return
    with pytest.raises(TextRefused):
        code(text, field="/sku")


def chain(length: int) -> tuple[Forest, list[UUID]]:
    forest, ids = Forest({}), [uuid4() for _ in range(length)]
    for above, id in zip([None, *ids], ids, strict=False):
        forest.place(id, above)
    return forest, ids


def test_a_category_cannot_stand_below_itself() -> None:
    forest, (top, middle, bottom) = chain(3)
    for under in (top, middle, bottom):
        with pytest.raises(MovedIntoItself):
            forest.place(top, under)
    forest.place(bottom, top)
    forest.place(middle, bottom)  # no longer below it


def test_a_category_needs_a_parent_that_exists() -> None:
    with pytest.raises(ParentUnknown):
        Forest({}).place(uuid4(), uuid4())


def test_the_tree_has_sixteen_levels_whatever_is_moved() -> None:
    forest, ids = chain(MAX_DEPTH)
    with pytest.raises(TreeTooDeep):
        forest.place(uuid4(), ids[-1])
    other, *_ = others = [uuid4(), uuid4()]
    forest.place(other, None)
    forest.place(others[1], other)
    with pytest.raises(TreeTooDeep):
        forest.place(other, ids[-2])  # itself would fit, what is below it would not
    forest.place(other, ids[-3])


def test_moving_and_renaming_a_category_is_one_change() -> None:
    forest, (top, *_) = chain(2)
    category = Category.create(name="Chisels", under=top, forest=forest, at=NOON)
    category.release_events()
    assert category.change(name=" Mallets ", under=None, position=3, forest=forest, at=NOON)
    (event,) = category.release_events()
    assert getattr(event, "members", None) == ("name", "parent_id", "position")
    assert not category.change(name="Mallets", under=None, position=3, forest=forest, at=NOON)
    assert category.release_events() == []
