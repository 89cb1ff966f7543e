"""Slugs and tags: what they are made of, and what is refused."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.catalog.domain.product import Product
from modules.catalog.domain.slugs import (
    RESERVED,
    SLUG_LENGTH,
    SlugRefused,
    slug,
    slug_of,
    told_apart,
)
from modules.catalog.domain.tags import MOST_TAGS, TagRefused, tags
from modules.catalog.domain.text import TextRefused
from tests.kit.catalog import NOON, details


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Limestone ashlar", "limestone-ashlar"),
        ("  Große Säge, Ø 30 cm! ", "grosse-sage-o-30-cm"),
        ("Łódź", "lodz"),
        ("50% off", "50-off"),
        ("切り石", "product-lim-1"),
        ("--", "product-lim-1"),
        ("Trash", "trash-lim-1"),
        ("a" * 150, "a" * 100),
        ("0190a6e2-7d3e-7cc1-8f0a-3b5d2c4e6f70", "0190a6e2-7d3e-7cc1-8f0a-3b5d2c4e6f70-lim-1"),
    ],
)
def test_a_slug_is_made_of_the_name_or_of_the_code(name: str, made: str) -> None:
    assert slug_of(name, "LIM_1") == made


@given(st.text(max_size=200), st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True))
def test_what_is_made_could_have_been_chosen(name: str, code: str) -> None:
    made = slug_of(name, code)
    assert slug(made) == made
    assert slug(told_apart(made, uuid4())) != made


@pytest.mark.parametrize(
    "text",
    ["", "A", "a b", "-a", "a-", "a--b", "ä", "a_b", "a/b", "a" * (SLUG_LENGTH + 1), "a\n",
     str(UUID(int=1)), UUID(int=1).hex, *sorted(RESERVED)],
)  # fmt: skip
def test_what_is_no_slug_or_means_something_else_is_refused(text: str) -> None:
    with pytest.raises(SlugRefused):
        slug(text)


def test_a_name_leads_to_its_slug_and_a_new_name_leaves_the_slug() -> None:
    product = Product.draft(details(name="Quoin", slug=None), owner_id=None, at=NOON)
    assert product.slug == "quoin"
    product.change(details(sku=product.sku, name="Sill", slug=None), at=NOON)
    assert (product.name, product.slug) == ("Sill", "quoin")


def test_tags_are_kept_in_lower_case_in_order_and_once() -> None:
    assert tags([" Sawn ", "garden", "SAWN", "ÉTÉ"]) == ["garden", "sawn", "été"]


@pytest.mark.parametrize("text", ["a,b", "x" * 51, "", " ", "a\nb", "\x00"])
def test_what_is_no_tag_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises((TagRefused, TextRefused)) as caught:
        tags(["sawn", text])
    assert caught.value.field == "/tags/1"


def test_there_are_only_so_many_tags() -> None:
    with pytest.raises(TagRefused):
        tags(map(str, range(MOST_TAGS + 1)))
