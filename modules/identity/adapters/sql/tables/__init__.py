"""The tables of identity, and the aggregates kept in them."""

from modules.identity.adapters.sql.tables.accounts import UNIQUE_EMAIL, accounts
from modules.identity.adapters.sql.tables.schema import metadata
from modules.identity.adapters.sql.tables.sessions import sessions
from modules.identity.adapters.sql.tables.signing_keys import signing_keys

__all__ = ["UNIQUE_EMAIL", "accounts", "metadata", "sessions", "signing_keys"]
