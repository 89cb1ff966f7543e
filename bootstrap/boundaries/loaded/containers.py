"""Check `needs`: only a `Needs` of a public Protocol, or of a kernel port, crosses modules."""

from collections.abc import Iterable, Iterator
from typing import cast

from dependency_injector.providers import Dependency, Provider

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application, is_public, owner_of
from shared_kernel.module import Module, Needs


def needs(application: Application) -> Iterator[Finding]:
    """Providers that were replaced, belong to another module, or ask for more than a port."""
    for module in application.modules:
        for name, provider in module.container.providers.items():
            where = f"modules.{module.name}.module: {name}"
            for what in _faults(module, provider):
                yield Finding(where, what)
        yield from _offered(module)


def _faults(module: Module, provider: Provider[object]) -> Iterator[str]:
    if isinstance(provider, Needs):
        if provider.port is not module.settings or provider.port is None:
            yield from _need(module.name, provider.port)
        return
    if isinstance(provider, Dependency):
        yield "a bare Dependency: say Needs(Port)"
    if provider.overridden:  # pyright: ignore[reportUnknownMemberType]  # the library left it untyped
        yield "was replaced from outside its module"
    parts = cast("Iterable[Provider[object]]", (provider, *provider.traverse()))
    for part in parts:
        other = owner_of(getattr(getattr(part, "provides", None), "__module__", None))
        if other not in {None, module.name} and not isinstance(part, Needs):
            yield f"builds a part of the module {other}"


def _need(owner: str, port: type[object] | None) -> Iterator[str]:
    if port is None:
        yield "a Needs that names no port"
        return
    home, name = port.__module__, f"{port.__module__}.{port.__qualname__}"
    if home.partition(".")[0] == "shared_kernel":
        return
    if owner_of(home) == owner or not is_public(home):
        yield f"needs {name}, which is no other module's public port"
    elif not getattr(port, "_is_protocol", False):
        yield f"needs {name}, which is no Protocol"


def _offered(module: Module) -> Iterator[Finding]:
    where = f"modules.{module.name}.module"
    mine = set(module.container.providers.values())
    for port, provider in module.provides.items():
        if owner_of(port.__module__) not in {None, module.name}:
            yield Finding(where, f"provides {port.__qualname__}, a port of another module")
        if provider not in mine:
            yield Finding(where, f"provides {port.__qualname__} by a provider of another container")
    for event, provider in module.heard:
        if provider not in mine:
            yield Finding(where, f"hears {event.__qualname__} by a provider of another container")
