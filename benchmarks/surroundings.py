"""The settings an application runs with under measurement."""

from __future__ import annotations

import secrets

from benchmarks.data import Stock

LIMITS = (
    "IDENTITY_ATTEMPTS_PER_CLIENT",
    "IDENTITY_REFRESHES_PER_CLIENT",
    "IDENTITY_ATTEMPTS_PER_NETWORK",
    "IDENTITY_ATTEMPTS_IN_ALL",
    "IDENTITY_FAILURES_PER_ACCOUNT",
    "IDENTITY_FAILURES_PER_DAY",
    "IDENTITY_MAILS_PER_ADDRESS",
)


def surroundings(stock: Stock) -> dict[str, str]:
    """Return the variables of a production server over the database of the run."""
    return {
        "DATABASE_URL": stock.roles.app_url,
        "SECRET_KEYS": secrets.token_urlsafe(32),
        "ENVIRONMENT": "production",
        "ALLOWED_HOSTS": "127.0.0.1",
        "IDENTITY_WITHOUT_MAIL": "true",
        # All load comes from one address, and the storm of sign-ins from one account.
        **dict.fromkeys(LIMITS, "1000000"),
    }
