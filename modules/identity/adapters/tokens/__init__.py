"""Tokens: access tokens signed by joserfc, refresh tokens derived from each other."""

from modules.identity.adapters.tokens.access import SignedAccessTokens, TokenTerms
from modules.identity.adapters.tokens.keys import KeyRing
from modules.identity.adapters.tokens.refresh import DerivedRefreshTokens

__all__ = ["DerivedRefreshTokens", "KeyRing", "SignedAccessTokens", "TokenTerms"]
