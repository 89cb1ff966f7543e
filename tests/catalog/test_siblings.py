"""The order of categories under one parent."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.catalog.domain.category import MAX_POSITION
from modules.catalog.domain.siblings import (
    STEP,
    Place,
    PlaceUnclear,
    Sibling,
    SiblingUnknown,
    arranged,
)

NEW = UUID(int=0)
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def siblings(*positions: int) -> list[Sibling]:
    return [Sibling(UUID(int=number), position) for number, position in enumerate(positions, 1)]


@pytest.mark.parametrize(
    ("positions", "place", "expected"),
    [
        ((), Place(), 0),
        ((7,), Place(), 7 + STEP),
        ((0, 10), Place(after=A), 5),
        ((0, 10), Place(before=B), 5),
        ((10, 20), Place(before=A), 4),
        ((1,), Place(before=A), 0),
        ((0, 2), Place(after=A), 1),
    ],
)
def test_where_there_is_room_nobody_else_moves(
    positions: tuple[int, ...], place: Place, expected: int
) -> None:
    assert arranged(siblings(*positions), NEW, place) == {NEW: expected}


@pytest.mark.parametrize(
    ("positions", "place"),
    [
        ((0,), Place(before=A)),
        ((0, 0), Place(after=A)),
        ((4, 5), Place(before=B)),
        ((MAX_POSITION,), Place(after=A)),
        ((0, MAX_POSITION), Place()),
    ],
)
def test_where_there_is_none_all_get_new_positions(
    positions: tuple[int, ...], place: Place
) -> None:
    found = arranged(siblings(*positions), NEW, place)
    index = place.index_in(siblings(*positions))
    new = {**{one.id: one.position for one in siblings(*positions)}, **found}
    ordered = sorted(new, key=new.__getitem__)
    assert ordered.pop(index) == NEW
    assert ordered == [one.id for one in siblings(*positions)]


def test_those_whose_position_stays_are_left_alone() -> None:
    assert arranged(siblings(STEP, STEP), NEW, Place()) == {NEW: 2 * STEP}
    assert arranged(siblings(STEP, STEP, 9 * STEP), NEW, Place(before=B)) == {
        NEW: 2 * STEP,
        B: 3 * STEP,
        C: 4 * STEP,
    }


@given(st.lists(st.integers(0, 12), max_size=9).map(sorted), st.data())
def test_the_order_of_the_others_never_changes(positions: list[int], data: st.DataObject) -> None:
    there = siblings(*positions)
    named = data.draw(st.sampled_from([None, *(one.id for one in there)]))
    place = Place(before=named) if data.draw(st.booleans()) else Place(after=named)
    found = arranged(there, NEW, place)
    new = {**{one.id: one.position for one in there}, **found}
    assert all(0 <= position <= MAX_POSITION for position in found.values())
    # The name decides among those of one position: they are in the order of their ids here.
    ordered = sorted(new, key=lambda id: (new[id], id))
    assert ordered.index(NEW) == place.index_in(there)
    assert [one for one in ordered if one != NEW] == [one.id for one in there]
    assert list(new.values()).count(new[NEW]) == 1


def test_a_place_that_is_not_there_is_pointed_at() -> None:
    for place, pointer in ((Place(before=B), "/before"), (Place(after=B), "/after")):
        with pytest.raises(SiblingUnknown) as told:
            arranged(siblings(0), NEW, place)
        assert told.value.field == pointer
    with pytest.raises(PlaceUnclear):
        Place(before=A, after=B)
