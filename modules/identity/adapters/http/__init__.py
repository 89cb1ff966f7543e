"""The endpoints of identity."""

from modules.identity.adapters.http.accounts import router as accounts
from modules.identity.adapters.http.federation import router as federation
from modules.identity.adapters.http.keys import root_router as keys
from modules.identity.adapters.http.sessions import router as sessions

__all__ = ["accounts", "federation", "keys", "sessions"]
