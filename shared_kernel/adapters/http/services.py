"""How an endpoint asks for a service: by its type."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request

from shared_kernel.module import Services


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
