"""Second factors: what they are called, and what refuses them."""

from __future__ import annotations

from collections.abc import Collection

from shared_kernel.domain import Conflict, Forbidden, NotFound

OTP = "otp"
"""A code from an authenticator app, or a recovery code. The method's name in RFC 8176."""

RECOVERY_CODE = "recovery_code"
"""A way to finish a sign-in, told apart from an app's codes; its method (RFC 8176) is `otp`."""

STAND_INS = frozenset({RECOVERY_CODE})
"""What stands in for a second factor that was lost, and asks for none by itself."""


class WrongCode(Forbidden):
    """The code is not right, or was used before."""


class NotAsSomebodyElse(Forbidden):
    """An administrator who acts as somebody else cannot prove to be them."""


class AuthenticatorExists(Conflict):
    """The account has an authenticator app already. Remove it to set up another."""


class NoSecondFactor(Conflict):
    """No second factor protects the account: there is nothing to recover."""


class NoAuthenticator(NotFound):
    """The account has no authenticator app."""


def demanded(methods: Collection[str]) -> frozenset[str]:
    """Return the second factors to choose from: none, unless one is set up that demands it."""
    return frozenset(methods) if set(methods) - STAND_INS else frozenset()
