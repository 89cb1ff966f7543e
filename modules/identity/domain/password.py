"""Which passwords are good enough (NIST SP 800-63B rev. 4, OWASP ASVS 5.0 section 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from modules.identity.domain.account import EmailAddress
from modules.identity.domain.predictable import (
    LONGEST,
    CommonPasswords,
    fold,
    is_common,
    is_repetition,
    is_sequence,
    letters_and_digits,
    readings,
)
from shared_kernel.domain import Invalid

LOWEST_MINIMUM = 8
DEFAULT_MINIMUM = 15
MAXIMUM = LONGEST

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
        self.check_names(password, (*self.context_words, email.local_part, *names))
        if is_common(password, _Besides(self.common, _labels(email))):
            raise PasswordTooCommon(
                f"this is among the passwords that are tried first; {HINT}", field="/password"
            )

    def check_names(self, password: str, names: Iterable[str | None]) -> None:
        """Raise PasswordSaysWhose when the password contains a name, or a longer part of one."""
        said = readings(fold(password))
        if any(word in one for name in names for word in _parts(name or "") for one in said):
            raise PasswordSaysWhose(
                f"a password contains neither your address or name nor this service's name; {HINT}",
                field="/password",
            )


@dataclass(frozen=True, slots=True)
class _Besides:
    """Common passwords, and words that are common for one person."""

    common: CommonPasswords
    words: frozenset[str]

    def __contains__(self, text: object, /) -> bool:
        return text in self.words or text in self.common


def _parts(name: str) -> set[str]:
    """Return a name as it is compared: `ada.lovelace` is adalovelace, and lovelace."""
    folded = fold(name)
    parts = {letters_and_digits(folded), *re.findall(r"[^\W_]+", folded)}
    return {part for part in parts if len(part) >= SHORTEST_CONTEXT_WORD}


def _labels(email: EmailAddress) -> frozenset[str]:
    """Return what the domain of an address is called. Alone it is easy to guess; among others not.

    Many domains are ordinary words, so that containing one is no reason to refuse a passphrase.
    """
    return frozenset(_parts(email.normalized.rpartition("@")[2].rpartition(".")[0]))
