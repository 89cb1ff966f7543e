"""How a server finds what it serves."""

from __future__ import annotations

import importlib

from fastapi import FastAPI


def load(target: str) -> FastAPI:
    """Call the factory `package.module:name`."""
    module, _, name = target.partition(":")
    app: FastAPI = getattr(importlib.import_module(module), name)()
    return app
