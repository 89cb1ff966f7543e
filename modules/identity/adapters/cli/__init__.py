"""The commands of identity."""

from modules.identity.adapters.cli.keys import keys

__all__ = ["keys"]
