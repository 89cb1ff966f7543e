"""Passkeys by way of browsers."""

from modules.identity.adapters.passkeys.ceremonies import RelyingParty, WebAuthnCeremonies

__all__ = ["RelyingParty", "WebAuthnCeremonies"]
