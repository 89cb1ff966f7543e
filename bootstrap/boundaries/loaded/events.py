"""Check `events`: an event is a frozen dataclass of plain values in its publisher's public ring."""

import typing
from collections.abc import Iterator

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application, is_public, owner_of
from bootstrap.boundaries.loaded.types import is_frozen, travels
from shared_kernel.domain import DomainEvent


def events(application: Application) -> Iterator[Finding]:
    """Events that live elsewhere, can be changed, or carry what cannot travel."""
    for event in _below(DomainEvent):
        if owner_of(event.__module__) is not None:
            yield from _event(event)
    for module in application.modules:
        for heard in module.subscribers:
            if not is_public(heard.__module__):
                what = f"subscribes to {heard.__module__}.{heard.__qualname__}, no public event"
                yield Finding(f"modules.{module.name}.module", what)


def _below(kind: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for event in kind.__subclasses__():
        yield event
        yield from _below(event)


def _event(event: type[DomainEvent]) -> Iterator[Finding]:
    where = f"{event.__module__}.{event.__qualname__}"
    if not is_public(event.__module__):
        yield Finding(where, "an event belongs in its publisher's public ring")
    if not is_frozen(event):
        yield Finding(where, "an event is a frozen dataclass")
    home = ".".join(event.__module__.split(".")[:3])
    for name, hint in typing.get_type_hints(event, include_extras=True).items():
        if not travels(hint, lambda kind: _lives_in(kind, home)):
            yield Finding(where, f"payload {name} is {hint}: mutable, foreign or not serialisable")


def _lives_in(kind: type, home: str) -> bool:
    return kind.__module__ == "shared_kernel.domain" or f"{kind.__module__}.".startswith(f"{home}.")
