"""The commands of identity."""

from modules.identity.adapters.cli.keys import keys
from modules.identity.adapters.cli.mail import mail

__all__ = ["keys", "mail"]
