"""What identity needs from outside."""

from modules.identity.ports.passwords import (
    EmailAddresses,
    PasswordHasher,
    Verdict,
)
from modules.identity.ports.revocation import (
    LiveSessions,
    SessionRecords,
)
from modules.identity.ports.tokens import (
    AccessToken,
    AccessTokens,
    KeyRotation,
    PublicKeys,
    RefreshTokens,
    SigningKeys,
)
from modules.identity.ports.transaction import (
    Accounts,
    Begin,
    Sessions,
    Transaction,
)

__all__ = [
    "AccessToken",
    "AccessTokens",
    "Accounts",
    "Begin",
    "EmailAddresses",
    "KeyRotation",
    "LiveSessions",
    "PasswordHasher",
    "PublicKeys",
    "RefreshTokens",
    "SessionRecords",
    "Sessions",
    "SigningKeys",
    "Transaction",
    "Verdict",
]
