"""Which passwords are good enough (NIST SP 800-63B rev. 4, OWASP ASVS 5.0 section 6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modules.identity.domain.account import EmailAddress
from shared_kernel.domain import Invalid

LOWEST_MINIMUM = 8
DEFAULT_MINIMUM = 15
MAXIMUM = 128

# Shorter words occur in good passphrases by chance: "an" of an@example.com, "max" in "climax".
SHORTEST_CONTEXT_WORD = 4


class PasswordTooWeak(Invalid):
    """The password is too short, too long, or says what everybody would guess first."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Length in code points, and words to avoid.

    A password is taken exactly as it was sent: nothing is trimmed, normalised or cut, and no
    kind of character is demanded.
    """

    minimum: int = DEFAULT_MINIMUM
    context_words: Iterable[str] = ()

    def check(self, password: str, *, email: EmailAddress) -> None:
        """Raise PasswordTooWeak unless the password may be used with the address."""
        if len(password) < self.minimum:
            raise _weak(f"a password has at least {self.minimum} characters")
        if len(password) > MAXIMUM:
            raise _weak(f"a password has at most {MAXIMUM} characters")
        folded = password.casefold()
        for word in (*self.context_words, email.local_part):
            if len(word) >= SHORTEST_CONTEXT_WORD and word.casefold() in folded:
                raise _weak("a password contains neither your address nor this service's name")


def _weak(message: str) -> PasswordTooWeak:
    return PasswordTooWeak(message, field="/password")
