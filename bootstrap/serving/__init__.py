"""The servers: uvicorn for one process and for reloading, granian for several."""

from bootstrap.serving.plan import Plan
from bootstrap.serving.run import PortTaken, run

__all__ = ["Plan", "PortTaken", "run"]
