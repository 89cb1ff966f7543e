"""How an endpoint asks for a service: by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from fastapi import Depends, Request

T = TypeVar("T")


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


class Use:
    """A dependency that fetches one service, by its type, from the application serving."""

    def __init__(self, service: type[Any]) -> None:
        self.service = service

    async def __call__(self, request: Request) -> Any:
        services: Services = request.app.state.services
        return services.get(self.service)


def use(service: type[Any]) -> Any:
    """Ask for a service in an endpoint: `products: Annotated[ProductService, use(ProductService)]`.

    Start-up fails when an endpoint asks for a service nobody builds.
    """
    return Depends(Use(service))
