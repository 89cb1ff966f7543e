"""The keys that sign access tokens, and how one follows the other.

A key is published before it signs, so that whoever keeps a copy of the key set knows it in time;
and after, because tokens it signed must still verify.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared_kernel.domain import Conflict


class KeyTooNew(Conflict):
    """The next key has not been published long enough for everybody to know it."""


class KeyState(StrEnum):
    """Published, signing, or only verifying what it has signed."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key as it is kept: the private part encrypted."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes = field(repr=False)
    state: KeyState
    created_at: datetime
    changed_at: datetime


Make = Callable[[KeyState], StoredKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLife:
    """How long a key is published before it signs, and kept after it last did."""

    published: timedelta
    kept: timedelta


def completed(keys: Sequence[StoredKey], make: Make) -> list[StoredKey]:
    """Return the keys with one that signs and one that is next, made where they are missing."""
    states = {one.state for one in keys}
    missing = [state for state in (KeyState.ACTIVE, KeyState.NEXT) if state not in states]
    return [*keys, *(make(state) for state in missing)]


def rotated(
    keys: Sequence[StoredKey], make: Make, *, at: datetime, life: KeyLife, at_once: bool = False
) -> list[StoredKey]:
    """Return the keys after the next one has taken over. Raises KeyTooNew.

    `at_once` is for a key that got into the wrong hands: the successor takes over however new it
    is, and tokens signed by the keys before it are refused from then on.
    """
    following = [one for one in keys if one.state is KeyState.NEXT]
    if not at_once and any(at - one.created_at < life.published for one in following):
        raise KeyTooNew(
            f"the next key has been published for less than {life.published.total_seconds():.0f}"
            " seconds: wait, or refuse every token signed so far with --at-once"
        )
    promoted = [replace(one, state=KeyState.ACTIVE, changed_at=at) for one in following]
    if not at_once:
        promoted = [*(_retired(one, at=at) for one in keys if one not in following), *promoted]
    kept = [
        one
        for one in promoted
        if one.state is not KeyState.RETIRED or at - one.changed_at < life.kept
    ]
    return completed(kept, make)


def _retired(key: StoredKey, *, at: datetime) -> StoredKey:
    if key.state is KeyState.RETIRED:
        return key
    return replace(key, state=KeyState.RETIRED, changed_at=at)
