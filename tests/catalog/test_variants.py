"""The rules of variants."""

from __future__ import annotations

import pytest

from modules.catalog.domain.barcodes import BarcodeRefused, barcode
from modules.catalog.domain.product import AlreadyArchived, Product
from modules.catalog.domain.text import TextRefused
from modules.catalog.domain.variants import (
    MOST_VARIANTS,
    OptionsRefused,
    TooManyVariants,
    Variant,
    VariantSkuFixed,
)
from tests.kit.catalog import NOON, details, somebody
from tests.kit.catalog_variants import variant_details


def a_product() -> Product:
    return Product.draft(details(), owner_id=somebody(), at=NOON)


def a_variant(product: Product, **changes: object) -> Variant:
    variant = Variant.add(variant_details(**changes), to=product, others=0, at=NOON)
    variant.release_events()
    return variant


# Of GS1's own pages; the one of 12 digits with a zero before it is one of 13.
@pytest.mark.parametrize("number", ["96385074", "614141000036", "4006381333931", "10614141000415"])
def test_a_barcode_needs_its_check_digit(number: str) -> None:
    assert barcode(number, field="/barcode") == number
    for digit in set("0123456789") - {number[-1]}:
        with pytest.raises(BarcodeRefused):
            barcode(number[:-1] + digit, field="/barcode")


@pytest.mark.parametrize("number", ["", "1", "123456789", "4006381333931 ", "\u0661" * 8])
def test_a_barcode_is_a_number_of_a_known_length(number: str) -> None:
    with pytest.raises(BarcodeRefused):
        barcode(number, field="/barcode")


def test_options_are_tidied_and_told_in_the_order_of_their_names() -> None:
    variant = a_variant(a_product(), options={"size ": "M ", " color": "grey"})
    assert [*variant.options.items()] == [("color", "grey"), ("size", "M")]


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"size": "M", " size": "L"}, OptionsRefused),
        ({str(number): "x" for number in range(6)}, OptionsRefused),
        ({"s" * 33: "M"}, OptionsRefused),
        ({"size": "M" * 65}, OptionsRefused),
        ({"": "M"}, TextRefused),
        ({"size": " "}, TextRefused),
        ({"size": "two\nlines"}, TextRefused),
    ],
)
def test_options_are_few_short_and_named_once(
    options: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as refused:
        a_variant(a_product(), options=options)
    assert vars(refused.value)["field"] == "/options"


def test_a_product_has_so_many_variants_and_no_more() -> None:
    with pytest.raises(TooManyVariants):
        Variant.add(variant_details(), to=a_product(), others=MOST_VARIANTS, at=NOON)


def test_what_stays_the_same_is_no_event() -> None:
    product = a_product()
    variant = a_variant(product)
    variant.change(variant.details, of=product, at=NOON)
    assert variant.release_events() == []
    variant.change(variant_details(sku=variant.sku, position=3), of=product, at=NOON)
    (event,) = variant.release_events()
    assert vars_of(event) == ("catalog.VariantChanged", product.id, ("position",))


def vars_of(event: object) -> tuple[object, ...]:
    return event.kind(), event.subject_id, event.members  # type: ignore[attr-defined]  # one of three kinds


def test_variants_of_a_published_product_keep_their_skus() -> None:
    product = a_product()
    variant = a_variant(product)
    product.publish(at=NOON)
    with pytest.raises(VariantSkuFixed):
        variant.change(variant_details(sku="OTHER"), of=product, at=NOON)
    variant.change(variant_details(sku=variant.sku, options={"a": "b"}), of=product, at=NOON)


def test_nothing_of_an_archived_product_changes() -> None:
    product = a_product()
    variant = a_variant(product)
    product.archive(at=NOON)
    with pytest.raises(AlreadyArchived):
        variant.change(variant_details(sku=variant.sku, position=1), of=product, at=NOON)
    with pytest.raises(AlreadyArchived):
        a_variant(product)
