"""The edge: what happens to every request before and after its endpoint."""

from bootstrap.middleware.edge import Edge
from bootstrap.middleware.rules import MAX_BODY, Rules

__all__ = ["MAX_BODY", "Edge", "Rules"]
