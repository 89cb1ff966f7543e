"""The servers: uvicorn for one process and for reloading, granian for several."""

from bootstrap.serving.run import Plan, PortTaken, run

__all__ = ["Plan", "PortTaken", "run"]
