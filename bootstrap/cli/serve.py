"""`app serve`: the HTTP process."""

from __future__ import annotations

from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API."""
    import uvicorn  # noqa: PLC0415 - heavy, and no other command needs it

    uvicorn.run(
        "bootstrap.serving:application",
        factory=True,
        host=host,
        port=port,
        server_header=False,
        proxy_headers=False,
    )
