"""Passkeys by way of browsers."""

from modules.identity.adapters.passkeys.first_use import CeremoniesOnFirstUse
from modules.identity.adapters.passkeys.party import RelyingParty

__all__ = ["CeremoniesOnFirstUse", "RelyingParty"]
