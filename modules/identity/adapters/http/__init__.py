"""The endpoints of identity."""

from modules.identity.adapters.http.accounts import router as accounts
from modules.identity.adapters.http.api_keys import router as api_keys
from modules.identity.adapters.http.federation import router as federation
from modules.identity.adapters.http.impersonation import router as impersonation
from modules.identity.adapters.http.keys import root_router as keys
from modules.identity.adapters.http.leaked_keys import router as leaked_keys
from modules.identity.adapters.http.links import router as links
from modules.identity.adapters.http.mfa import router as mfa
from modules.identity.adapters.http.oauth_token import router as oauth_token
from modules.identity.adapters.http.passkey_login import router as passkey_login
from modules.identity.adapters.http.passkeys import router as passkeys
from modules.identity.adapters.http.second_factor import router as second_factor
from modules.identity.adapters.http.service_accounts import router as service_accounts
from modules.identity.adapters.http.sessions import router as sessions
from modules.identity.adapters.http.users import router as users

__all__ = [
    "accounts",
    "api_keys",
    "federation",
    "impersonation",
    "keys",
    "leaked_keys",
    "links",
    "mfa",
    "oauth_token",
    "passkey_login",
    "passkeys",
    "second_factor",
    "service_accounts",
    "sessions",
    "users",
]
