"""What a server is told."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap.serving.application import APPLICATION

HEADER_SECONDS = 10
KEEP_ALIVE_SECONDS = 30
GRACE_SECONDS = 5  # for closing relay and pools, after the last request has been answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to serve. `drain_seconds` and `stop_seconds` are those of the settings."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    reload: bool = False
    drain_seconds: float = 0
    stop_seconds: float = 20
    at_once: int = 200
    target: str = APPLICATION
