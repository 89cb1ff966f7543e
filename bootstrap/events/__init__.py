"""Carries saved events to those who subscribed."""

from bootstrap.events.relay import Backlog, Relay

__all__ = ["Backlog", "Relay"]
