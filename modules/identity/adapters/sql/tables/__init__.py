"""The tables of identity, and the aggregates kept in them."""

from modules.identity.adapters.sql.tables.accounts import UNIQUE_EMAIL, accounts
from modules.identity.adapters.sql.tables.api_keys import (
    UNIQUE_NAME,
    api_keys,
    service_account_secrets,
    service_accounts,
)
from modules.identity.adapters.sql.tables.federation import (
    federated_identities,
    provider_proofs,
    provider_visits,
)
from modules.identity.adapters.sql.tables.links import links
from modules.identity.adapters.sql.tables.passkeys import passkey_challenges, passkeys
from modules.identity.adapters.sql.tables.schema import metadata
from modules.identity.adapters.sql.tables.second_factors import (
    authenticators,
    pending_sign_ins,
    recovery_codes,
)
from modules.identity.adapters.sql.tables.sessions import sessions
from modules.identity.adapters.sql.tables.signing_keys import signing_keys

__all__ = [
    "UNIQUE_EMAIL",
    "UNIQUE_NAME",
    "accounts",
    "api_keys",
    "authenticators",
    "federated_identities",
    "links",
    "metadata",
    "passkey_challenges",
    "passkeys",
    "pending_sign_ins",
    "provider_proofs",
    "provider_visits",
    "recovery_codes",
    "service_account_secrets",
    "service_accounts",
    "sessions",
    "signing_keys",
]
