"""Finds the modules and joins their containers. It knows no module by name."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dependency_injector.containers import Container
from dependency_injector.providers import BaseSingleton, Factory, Object, Provider

import modules
from shared_kernel.application import PermissionCatalogue
from shared_kernel.application.examination import Examinations
from shared_kernel.application.operations import OperationKinds
from shared_kernel.application.personal_data import PersonalDataSources
from shared_kernel.application.resources import Resource, ResourceCatalogue, faults_of
from shared_kernel.module import Module, Needs, Services

Ports = Mapping[type[Any], Provider[Any]]


class CannotAssemble(Exception):
    """The modules do not fit together. The message names the module and what it lacks."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The wired modules of one application."""

    modules: Sequence[Module]
    services: Services
    opens: Sequence[Callable[[], Any]]
    subscribers: Mapping[str, Callable[[], Any]]
    demos: Mapping[str, Callable[[], Any]]
    first_runs: Mapping[str, Callable[[], Any]]


def discover() -> list[Module]:
    """Return the manifest of every package in `modules/`, by name."""
    found = (info.name for info in pkgutil.iter_modules(modules.__path__) if info.ispkg)
    return [_manifest(name) for name in sorted(found)]


def purpose_of(name: str) -> str | None:
    """Return what a loaded module, or part of the platform, says of itself in its docstring."""
    described = sys.modules.get(f"modules.{name}") or sys.modules.get(f"bootstrap.{name}")
    return described.__doc__ if described is not None else None


def catalogue_of(found: Iterable[Module]) -> PermissionCatalogue:
    """Return what the modules declare: permissions, and the grants of their default roles."""
    roles: dict[str, frozenset[str]] = {}
    for module in found:
        for role, granted in module.roles.items():
            roles[role] = roles.get(role, frozenset()) | {one.name for one in granted}
    return PermissionCatalogue(
        permissions=[one for module in found for one in module.permissions], roles=roles
    )


def assemble(found: Sequence[Module], platform: Ports, replace: Ports) -> Assembly:
    """Build every container, give each need the port it names, and index the services by type.

    `replace` wins over whatever the platform or a module would provide, also inside that module.
    Every service is built once to prove that it can be. Raises CannotAssemble.
    """
    containers = {module.name: module.container() for module in found}
    _replace(found, containers, replace)
    ports = {
        **_offered(found, containers),
        **given(
            {
                PersonalDataSources: _personal_data(found, containers),
                Examinations: _examinations(found, containers),
                ResourceCatalogue: _resources(found, containers),
                OperationKinds: _operations(found, containers),
            }
        ),
        **platform,
        **replace,
    }
    services: dict[type[Any], Provider[Any]] = {}
    for module in found:
        _satisfy(module, containers[module.name], ports)
        services.update(_services(containers[module.name]))
    services |= ports
    _prove(services)
    return Assembly(
        modules=found,
        services=Services(services),
        opens=[_own(m, containers, p) for m in found for p in m.opens],
        subscribers={
            subscriber_name(m, p): _own(m, containers, p) for m in found for _, p in m.heard
        },
        demos={m.name: _own(m, containers, m.demo) for m in found if m.demo is not None},
        first_runs={
            m.name: _own(m, containers, m.first_run) for m in found if m.first_run is not None
        },
    )


def subscriber_names(found: Iterable[Module]) -> dict[str, list[str]]:
    """Return who hears which kind of event: `{kind: [subscriber, ...]}`."""
    heard: dict[str, list[str]] = {}
    for module in found:
        for event, provider in module.heard:
            heard.setdefault(event.kind(), []).append(subscriber_name(module, provider))
    return heard


def subscriber_name(module: Module, provider: Provider[Any]) -> str:
    """Return the name under which deliveries are kept: `catalog.WithdrawProducts...`."""
    _name(module, provider)
    kind: type[Any] = provider.cls if isinstance(provider, Factory | BaseSingleton) else type(None)
    return f"{module.name}.{kind.__name__}"


def _manifest(name: str) -> Module:
    module: Module = importlib.import_module(f"modules.{name}.module").module
    if module.name != name or module.metadata.schema != name:
        raise CannotAssemble(f"modules/{name}: its name and its schema must both be {name!r}")
    return module


def _offered(found: Iterable[Module], containers: Mapping[str, Container]) -> dict[Any, Any]:
    offered: dict[type[Any], Provider[Any]] = {}
    for module in found:
        for port, declared in module.provides.items():
            if port in offered:
                raise CannotAssemble(f"{port.__name__} is provided twice, once by {module.name}")
            offered[port] = _own(module, containers, declared)
    return offered


def _personal_data(
    found: Iterable[Module], containers: Mapping[str, Container]
) -> PersonalDataSources:
    return PersonalDataSources(
        {
            module.name: _own(module, containers, module.personal_data)
            for module in found
            if module.personal_data is not None
        }
    )


def _examinations(found: Iterable[Module], containers: Mapping[str, Container]) -> Examinations:
    return Examinations(
        {
            module.name: _own(module, containers, module.examination)
            for module in found
            if module.examination is not None
        }
    )


def _resources(found: Iterable[Module], containers: Mapping[str, Container]) -> ResourceCatalogue:
    declared = [(module, one, read) for module in found for one, read in module.resources.items()]
    for module, resource, _ in declared:
        _require_sound(module, resource)
    return ResourceCatalogue(
        resources={one.name: one for _, one, _ in declared},
        objects={one.name: _own(module, containers, read) for module, one, read in declared},
    )


def _operations(found: Iterable[Module], containers: Mapping[str, Container]) -> OperationKinds:
    return OperationKinds(
        works={
            f"{module.name}.{name}": _own(module, containers, work)
            for module in found
            for name, work in module.operations.items()
        }
    )


def _require_sound(module: Module, resource: Resource) -> None:
    """Fail at start-up when a resource reads what it does not declare, or is not the module's."""
    if not resource.name.startswith(f"{module.name}."):
        raise CannotAssemble(f"module {module.name} declares {resource.name}, which is not its own")
    for fault in faults_of(resource, module.permissions):
        raise CannotAssemble(f"{resource.name}: {fault}")


def _replace(found: Iterable[Module], containers: Mapping[str, Container], replace: Ports) -> None:
    for module in found:
        for port, declared in module.provides.items():
            if port in replace:
                _own(module, containers, declared).override(replace[port])


def _satisfy(module: Module, container: Container, ports: Ports) -> None:
    for name, declared in module.container.providers.items():
        if isinstance(declared, Needs) and (port := declared.port) is not None:
            if port not in ports:
                raise CannotAssemble(
                    f"module {module.name} needs {port.__name__}, and nobody provides it"
                )
            container.providers[name].override(ports[port])  # pyright: ignore[reportUnknownMemberType]  # the library left it untyped


def _services(container: Container) -> dict[type[Any], Provider[Any]]:
    return {
        provider.cls: provider
        for provider in container.providers.values()
        if isinstance(provider, Factory | BaseSingleton)
    }


def _prove(services: Ports) -> None:
    for kind, provider in services.items():
        try:
            provider()
        except Exception as error:
            raise CannotAssemble(f"{kind.__name__} cannot be built: {error}") from error


def _own(module: Module, containers: Mapping[str, Container], declared: Any) -> Any:
    return containers[module.name].providers[_name(module, declared)]


def _name(module: Module, declared: Provider[Any]) -> str:
    for name, provider in module.container.providers.items():
        if provider is declared:
            return name
    raise CannotAssemble(f"module {module.name} lists a provider that is not in its container")


def given(parts: Mapping[type[Any], Any]) -> dict[type[Any], Provider[Any]]:
    """Return ready objects as providers."""
    return {kind: Object(part) for kind, part in parts.items()}
