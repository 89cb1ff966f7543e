"""Building blocks of every domain model: identities, aggregates, events, refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, NewType
from uuid import UUID

from uuid_utils import uuid7 as native_uuid7
from uuid_utils.compat import uuid7

AccountId = NewType("AccountId", UUID)


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): unique anywhere, sortable by the millisecond it was made."""
    return uuid7()


def new_id_text() -> str:
    """Return the text of a new UUIDv7, which takes a fifth of the time of the id itself."""
    return str(native_uuid7())


@dataclass(frozen=True, slots=True)
class Permission:
    """Something a role may allow: `<module>.<plural>.<verb>`, and a sentence for administrators."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often something may be done under one key: `quota` times in a `window`.

    What goes beyond waits for the window's end. With a `longest_wait` it waits one second, and
    each time beyond the quota makes the next wait twice as long, up to that; all is forgotten
    once a whole window has passed after the last wait. Nothing is ever refused for good.
    """

    name: str
    quota: int
    window: timedelta
    longest_wait: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainEvent:
    """Something that happened, named in the past tense and told with plain values.

    An event lives in its publisher's `public`. `subject_id` names the aggregate it happened to;
    events of one aggregate are delivered in the order they were recorded.
    """

    subject_id: UUID
    occurred_at: datetime

    @classmethod
    def kind(cls) -> str:
        """Return the event's name on the wire, module and class: `catalog.ProductPublished`."""
        return f"{cls.__module__.split('.')[1]}.{cls.__name__}"


@dataclass(eq=False, kw_only=True)
class Aggregate:
    """A consistency boundary: loaded whole, changed by its own verbs, saved whole.

    `version` counts the saved changes; two writers of one version cannot both win.
    """

    id: UUID = field(default_factory=new_id)
    version: int = field(default=1, init=False)

    def must_be_at(self, version: int) -> None:
        """Raise Stale unless `version` is the current one: the caller decided on what they saw."""
        if version != self.version:
            raise Stale("changed by someone else since it was read; read it again")

    def record(self, event: DomainEvent) -> None:
        """Keep an event until the unit of work saves it with the state."""
        self.__dict__.setdefault("_recorded", []).append(event)

    @property
    def recorded(self) -> Sequence[DomainEvent]:
        """What happened to it since it was last saved, oldest first."""
        events: Sequence[DomainEvent] = self.__dict__.get("_recorded", ())
        return events

    def release_events(self) -> list[DomainEvent]:
        """Hand over the recorded events, oldest first, and forget them."""
        recorded: list[DomainEvent] = self.__dict__.pop("_recorded", [])
        return recorded


class DomainError(Exception):
    """A refusal the caller can understand.

    `code` is public API: the owning module and the class name, as in `catalog.already_published`.
    `field` is the JSON pointer (RFC 6901) of the request member at fault, where there is one; of a
    query parameter it is the name behind a question mark.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        package = cls.__module__.split(".")
        cls.code = f"{package[1]}.{words}" if package[0] == "modules" else words


class NotFound(DomainError):
    """There is no such thing, or it is not the caller's to see."""


class Conflict(DomainError):
    """The thing is in a state that does not allow this."""


class Forbidden(DomainError):
    """The caller is known and may not do this.

    `decision_id` is told to the caller; those entitled can look up why.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.decision_id = new_id()


class PermissionDenied(Forbidden):
    """The caller lacks a permission, on the object of which the facts `on` hold where one is."""

    def __init__(
        self, message: str, *, permission: str, on: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.permission, self.on = permission, on


class Invalid(DomainError):
    """The request is understood and breaks a rule about its values."""


class Unauthenticated(DomainError):
    """The caller has not proved who they are."""


class InsufficientAuthentication(Unauthenticated):
    """Who the caller is was proved too long ago, or by too little (RFC 9470).

    `max_age` is how old, in seconds, the proof may be; `methods` names what it has to include.
    """

    def __init__(self, message: str, *, max_age: int | None = None, methods: str = "") -> None:
        super().__init__(message)
        self.max_age, self.methods = max_age, methods


class Stale(DomainError):
    """The thing was changed since the caller last read it."""


class PreconditionRequired(DomainError):
    """The thing exists, and the caller does not say which version of it the change is based on."""


class RetryLater(DomainError):
    """The system cannot do this now. `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(RetryLater):
    """A part the system depends on is away or overloaded."""


class TooManyRequests(RetryLater):
    """The caller asks more often than is allowed, by the `limit` where one is named."""

    def __init__(self, message: str, *, retry_after: int = 1, limit: Limit | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.limit = limit
