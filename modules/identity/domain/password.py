"""Which passwords are good enough (NIST SP 800-63B rev. 4, OWASP ASVS 5.0 section 6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modules.identity.domain.account import EmailAddress
from modules.identity.domain.predictable import (
    CommonPasswords,
    is_common,
    is_repetition,
    is_sequence,
)
from shared_kernel.domain import Invalid

LOWEST_MINIMUM = 8
DEFAULT_MINIMUM = 15
MAXIMUM = 128

# Shorter words occur in good passphrases by chance: "an" of an@example.com, "max" in "climax".
SHORTEST_CONTEXT_WORD = 4

HINT = "use several words that have nothing to do with each other"


class PasswordTooWeak(Invalid):
    """The password is among those that are guessed first. The kinds say why."""


class PasswordTooShort(PasswordTooWeak):
    """The password has too few characters."""


class PasswordTooLong(PasswordTooWeak):
    """The password has more characters than are kept apart."""


class PasswordRepeats(PasswordTooWeak):
    """The password is one thing over and over, or runs along the alphabet or the keyboard."""


class PasswordTooCommon(PasswordTooWeak):
    """Many people have this password, or one that differs in nothing but the usual additions."""


class PasswordSaysWhose(PasswordTooWeak):
    """The password contains the address, the name or the name of the service."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Length in code points, words to avoid, and the passwords that everybody tries first.

    A password is taken exactly as it was sent: nothing is trimmed, normalised or cut, and no
    kind of character is demanded.
    """

    minimum: int = DEFAULT_MINIMUM
    context_words: Iterable[str] = ()
    common: CommonPasswords = frozenset[str]()

    def check(
        self, password: str, *, email: EmailAddress, names: Iterable[str | None] = ()
    ) -> None:
        """Raise a kind of PasswordTooWeak unless the password may be used with the address.

        `names` are what the owner is called besides.
        """
        if len(password) < self.minimum:
            raise PasswordTooShort(
                f"a password has at least {self.minimum} characters; {HINT}", field="/password"
            )
        if len(password) > MAXIMUM:
            raise PasswordTooLong(f"a password has at most {MAXIMUM} characters", field="/password")
        if is_repetition(password) or is_sequence(password):
            raise PasswordRepeats(
                f"this repeats itself or is a sequence; {HINT}", field="/password"
            )
        self._require_nothing_of(password, (*self.context_words, email.local_part, *names))
        if is_common(password, self.common):
            raise PasswordTooCommon(
                f"this is among the passwords that are tried first; {HINT}", field="/password"
            )

    def _require_nothing_of(self, password: str, words: Iterable[str | None]) -> None:
        folded = password.casefold()
        for word in words:
            if word and len(word) >= SHORTEST_CONTEXT_WORD and word.casefold() in folded:
                raise PasswordSaysWhose(
                    "a password contains neither your address or name nor this service's name",
                    field="/password",
                )
