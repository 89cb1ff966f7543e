"""Tokens and secrets: signed by joserfc, derived from each other, or drawn."""

from modules.identity.adapters.tokens.access import SignedAccessTokens, TokenTerms
from modules.identity.adapters.tokens.keys import KeyRing
from modules.identity.adapters.tokens.links import DerivedLinkTokens
from modules.identity.adapters.tokens.refresh import DerivedRefreshTokens
from modules.identity.adapters.tokens.reports import ScannerKeys
from modules.identity.adapters.tokens.second_factor import (
    DrawnSecondFactorSecrets,
    SealedSeeds,
)
from modules.identity.adapters.tokens.secrets import DrawnSecrets

__all__ = [
    "DerivedLinkTokens",
    "DerivedRefreshTokens",
    "DrawnSecondFactorSecrets",
    "DrawnSecrets",
    "KeyRing",
    "ScannerKeys",
    "SealedSeeds",
    "SignedAccessTokens",
    "TokenTerms",
]
