"""How a server finds what it serves."""

from __future__ import annotations

import importlib

from fastapi import FastAPI

from bootstrap import collector


def load(target: str) -> FastAPI:
    """Call the factory `package.module:name`."""
    collector.collect_seldom()  # also in a worker process, which begins here
    module, _, name = target.partition(":")
    app: FastAPI = getattr(importlib.import_module(module), name)()
    return app
