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
    KeyState,
    PublicKeys,
    RefreshTokens,
    SigningKeys,
    StoredKey,
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
    "KeyState",
    "LiveSessions",
    "PasswordHasher",
    "PublicKeys",
    "RefreshTokens",
    "SessionRecords",
    "Sessions",
    "SigningKeys",
    "StoredKey",
    "Transaction",
    "Verdict",
]
