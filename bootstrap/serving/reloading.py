"""One process that starts anew when a file changes. For development."""

from __future__ import annotations

import uvicorn

from bootstrap.serving.plan import Plan

SOURCES = ["bootstrap", "modules", "shared_kernel"]


def serve(plan: Plan) -> None:
    """Serve, and watch the source files."""
    uvicorn.run(
        plan.target,
        factory=True,
        host=plan.host,
        port=plan.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        reload=True,
        reload_dirs=SOURCES,
        timeout_graceful_shutdown=2,
    )
