"""E-mail addresses, read by the library email-validator (RFC 5321, RFC 5891)."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from modules.identity.domain.account import EmailAddress, EmailMalformed
from modules.identity.domain.lookalikes import poses_as_another


class ValidatedEmailAddresses:
    """Reads addresses, and brings all ways to write one address to one form.

    Lower case, NFC, the domain in its ASCII form (punycode). What stands before the @ is ASCII
    only: look-alike letters could otherwise pose as somebody else. For the same reason a domain
    is refused whose labels mix scripts, or consist of letters that look like Latin ones.
    """

    def parse(self, text: str) -> EmailAddress:
        """Return the address. Raises EmailMalformed, which does not repeat it."""
        try:
            found = validate_email(
                unicodedata.normalize("NFC", text),
                check_deliverability=False,
                allow_smtputf8=False,
            )
        except EmailNotValidError:
            raise EmailMalformed("this is no e-mail address", field="/email") from None
        if poses_as_another(found.domain):
            raise EmailMalformed("the domain looks like another one", field="/email")
        written = found.ascii_email or found.normalized
        return EmailAddress(written=written, normalized=written.lower())
