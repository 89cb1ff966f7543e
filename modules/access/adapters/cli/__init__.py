"""`app user`, `app policy` and `app access`."""

from modules.access.adapters.cli.access import access
from modules.access.adapters.cli.policy import policy
from modules.access.adapters.cli.user import user

__all__ = ["access", "policy", "user"]
