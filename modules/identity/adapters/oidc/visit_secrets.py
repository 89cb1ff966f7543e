"""What nobody can guess: the keys of visits, what browsers are known by, sign-in codes."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256

from modules.identity.domain import opaque
from modules.identity.domain.federated import VisitKeys
from shared_kernel.adapters.secrets import SecretKeys

PURPOSE = "provider-visits"
BYTES = 32
STATE, BROWSER, CODE = "app_state_", "app_browser_", "app_code_"


class DerivedVisitSecrets:
    """The state is drawn; nonce and verifier follow from it under a secret key.

    So the database holds nothing that is worth stealing, and the state, which the browser and
    the provider see, gives away neither of the two.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys.derive(PURPOSE)

    def draw(self) -> VisitKeys:
        """Return the keys of a new visit."""
        return _keys(self._keys[0], opaque.written(STATE, secrets.token_bytes(BYTES)))

    def again(self, state: str, challenge: str) -> VisitKeys | None:
        """Return the keys that `draw` made this state and challenge with, under any secret key."""
        made = (_keys(key, state) for key in self._keys)
        return next((one for one in made if one.challenge == challenge), None)

    def browser(self, text: str | None) -> str:
        """Return what a browser is known by: what it has already, or else something new."""
        if text is not None and opaque.read(BROWSER, text, BYTES) is not None:
            return text
        return opaque.written(BROWSER, secrets.token_bytes(BYTES))

    def code(self) -> str:
        """Return a new sign-in code."""
        return opaque.written(CODE, secrets.token_bytes(BYTES))


def _keys(key: bytes, state: str) -> VisitKeys:
    return VisitKeys(state, _derived(key, "nonce", state), _derived(key, "verifier", state))


def _derived(key: bytes, what: str, state: str) -> str:
    """Return 43 characters that any of the standards allows in a nonce or verifier."""
    digest = hmac.new(key, f"{what} {state}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
