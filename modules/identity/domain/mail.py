"""The mails identity sends: what each is about, and what has to be known to write it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

TOKEN, AT, UNTIL, NAME = "token", "at", "until", "name"


class Template(StrEnum):
    """What a mail says. Each exists in every language."""

    VERIFY_ADDRESS = "verify_address"
    ALREADY_REGISTERED = "already_registered"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    CONFIRM_ADDRESS = "confirm_address"
    ADDRESS_CHANGED = "address_changed"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    SECOND_FACTORS_TAKEN = "second_factors_taken"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    API_KEY_CREATED = "api_key_created"
    SECRET_LEAKED = "secret_leaked"  # noqa: S105 - a name
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    SIGNED_IN_AFTER_FAILURES = "signed_in_after_failures"
    SESSION_STOLEN = "session_stolen"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_IMPERSONATED = "account_impersonated"
    ACCOUNT_RESTORED = "account_restored"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_ERASED = "account_erased"


LINK = frozenset({TOKEN, UNTIL})
MOMENT = frozenset({AT})
NAMED = frozenset({NAME})

NEEDED: Mapping[Template, frozenset[str]] = {
    Template.VERIFY_ADDRESS: LINK,
    Template.ALREADY_REGISTERED: MOMENT,
    Template.RESET_PASSWORD: LINK,
    Template.PASSWORD_CHANGED: MOMENT,
    Template.CONFIRM_ADDRESS: LINK,
    Template.ADDRESS_CHANGED: MOMENT,
    Template.SECOND_FACTOR_ADDED: MOMENT,
    Template.SECOND_FACTOR_REMOVED: MOMENT,
    Template.SECOND_FACTOR_FAILED: MOMENT,
    Template.SECOND_FACTORS_TAKEN: MOMENT,
    Template.RECOVERY_CODE_USED: MOMENT | {"left"},
    Template.RECOVERY_CODES_RENEWED: MOMENT,
    Template.PASSKEY_ADDED: MOMENT,
    Template.PASSKEY_REMOVED: MOMENT,
    Template.PASSKEY_COPIED: MOMENT | NAMED,
    Template.API_KEY_CREATED: MOMENT | NAMED,
    Template.SECRET_LEAKED: MOMENT | NAMED | {"what", "source", "url"},
    Template.IDENTITY_LINKED: MOMENT | {"provider"},
    Template.IDENTITY_UNLINKED: MOMENT | {"provider"},
    Template.SIGNED_IN_AFTER_FAILURES: MOMENT | {"failures"},
    Template.SESSION_STOLEN: MOMENT,
    Template.ACCOUNT_SUSPENDED: MOMENT,
    Template.ACCOUNT_IMPERSONATED: MOMENT,
    Template.ACCOUNT_RESTORED: MOMENT,
    Template.ACCOUNT_CLOSED: MOMENT,
    Template.ACCOUNT_ERASED: MOMENT,
}
"""The values each mail is written with. Moments are ISO 8601; a token becomes a link."""

POSSIBLE: Mapping[Template, frozenset[str]] = {
    Template.ALREADY_REGISTERED: LINK,
    Template.ADDRESS_CHANGED: LINK,
    Template.PASSKEY_ADDED: NAMED,
    Template.PASSKEY_REMOVED: NAMED,
}
"""Values a mail can do without: a new password chosen at once, a change of address taken back."""


def fits(template: Template, given: frozenset[str]) -> bool:
    """Say whether these values are the ones the mail is written with."""
    needed = NEEDED[template]
    return given in {needed, needed | POSSIBLE.get(template, frozenset())}
