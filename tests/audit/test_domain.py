"""Whatever is sent, an entry can be saved."""

from __future__ import annotations

from modules.audit.domain import FACT_COUNT, FACT_LENGTH, FACT_NAME_LENGTH, fitting, fitting_facts


def test_a_text_that_fits_is_kept_as_it_is() -> None:
    assert fitting("héllo\n", 6) == "héllo\n"


def test_a_long_text_is_cut_and_shows_it() -> None:
    assert fitting("x" * 11, 10) == "x" * 9 + "…"


def test_what_postgresql_cannot_hold_is_taken_out() -> None:
    assert fitting("a\0b\ud800c", 10) == "ab?c"


def test_facts_are_bounded_in_number_name_and_length() -> None:
    facts = fitting_facts({f"{n}{'k' * 100}": "v" * 10_000 for n in range(100)})
    assert len(facts) == FACT_COUNT
    assert {len(name) for name in facts} == {FACT_NAME_LENGTH}
    assert {len(value) for value in facts.values()} == {FACT_LENGTH}
