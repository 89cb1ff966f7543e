"""The manifest: all that the platform has to know about a module, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Provider
from fastapi import APIRouter
from pydantic_settings import BaseSettings
from sqlalchemy import MetaData
from typer import Typer

from shared_kernel.application.resources import Resource
from shared_kernel.domain import DomainEvent, Permission

T = TypeVar("T")

NONE: Mapping[Any, Any] = MappingProxyType({})


class Needs(Dependency[T]):
    """A port this module uses and somebody else provides: the platform or another module."""

    def __init__(self, port: type[T] | None = None) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType, reportArgumentType]  # the library left it untyped
        self.port = port  # None only in the copies the library makes of a declared one


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """One bounded context.

    `name` is also its PostgreSQL schema, its migration branch, and the prefix of its routes,
    settings, events and permissions.

    container    what the module builds, and the ports it `Needs`
    metadata     its tables, all in the schema `name`
    settings     its settings, read from variables that start with `NAME_`
    routers      its endpoints, mounted under `/v1/{name}`
    root_routers endpoints a standard puts at the root (`/.well-known/...`)
    provides     the ports it offers to the platform and to other modules
    subscribers  who hears which event, one or several, delivered at least once to each
    permissions  what its routes may ask for
    resources    kinds of objects that are guarded one by one, and where they are read:
                 `GuardedObjects`
    roles        default grants: role name -> permissions, seeded once
    opens        asynchronous context managers that live as long as the process, in this order
    operations   work that takes longer than a request, by name: `Work` of
                 `shared_kernel.application.operations`
    demo         makes example data for a first run, after the modules it needs
    personal_data what it keeps about a person: `shared_kernel.application.personal_data`
    examination  what `app doctor` asks of it: `shared_kernel.application.examination`
    first_run    called once on a new installation, after the demo data; returns lines to show
    commands     command groups of the `app` command line, by name
    """

    name: str
    container: type[DeclarativeContainer]
    metadata: MetaData
    settings: type[BaseSettings] | None = None
    routers: Sequence[APIRouter] = ()
    root_routers: Sequence[APIRouter] = ()
    provides: Mapping[type[Any], Provider[Any]] = field(default_factory=lambda: NONE)
    subscribers: Mapping[type[DomainEvent], Provider[Any] | Sequence[Provider[Any]]] = field(
        default_factory=lambda: NONE
    )
    permissions: Sequence[Permission] = ()
    resources: Mapping[Resource, Provider[Any]] = field(default_factory=lambda: NONE)
    roles: Mapping[str, Sequence[Permission]] = field(default_factory=lambda: NONE)
    opens: Sequence[Provider[Any]] = ()
    operations: Mapping[str, Provider[Any]] = field(default_factory=lambda: NONE)
    demo: Provider[Any] | None = None
    first_run: Provider[Any] | None = None
    personal_data: Provider[Any] | None = None
    examination: Provider[Any] | None = None
    commands: Mapping[str, Typer] = field(default_factory=lambda: NONE)

    @property
    def heard(self) -> Sequence[tuple[type[DomainEvent], Provider[Any]]]:
        """Each event with each of its subscribers."""
        return [
            (event, one)
            for event, given in self.subscribers.items()
            for one in ([given] if isinstance(given, Provider) else given)
        ]


class Services:
    """The services of one application by type, each built when it is asked for."""

    def __init__(self, builders: Mapping[type[Any], Callable[[], Any]]) -> None:
        self._builders = builders

    def get(self, kind: type[T]) -> T:
        """Return a service. Raises LookupError when nobody provides it."""
        try:
            return cast("T", self._builders[kind]())
        except KeyError:
            raise LookupError(f"nobody provides {kind.__module__}.{kind.__qualname__}") from None

    def __contains__(self, kind: type[Any]) -> bool:
        return kind in self._builders
