"""The requests identity takes. A password and a token are never part of a `repr`."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from annotated_types import MaxLen, MinLen

from shared_kernel.application import Command, Matches

Email = Annotated[str, MinLen(3), MaxLen(254)]
Password = Annotated[str, MinLen(1), MaxLen(128)]


class Register(Command):
    """Open an account."""

    email: Email
    password: Password = field(repr=False)


class SignIn(Command):
    """Prove to be the owner of an account.

    With the `device_token` of an earlier sign-in, failures of others make this device wait for
    nothing.
    """

    email: Email
    password: Password = field(repr=False)
    device_token: Annotated[str, MaxLen(200)] | None = field(default=None, repr=False)


class Refresh(Command):
    """Exchange a refresh token."""

    refresh_token: Annotated[str, MinLen(1), MaxLen(4096)] = field(repr=False)


class NameSession(Command):
    """Say which device a session is."""

    name: Annotated[str, MinLen(1), MaxLen(100), Matches(r"^\S(.*\S)?$")] | None


class CloseMyAccount(Command):
    """Close the account for good. The password is asked for once more.

    For an account without one, a sign-in within the last ten minutes takes its place.
    """

    password: Password | None = field(default=None, repr=False)


class AskByMail(Command):
    """Have a mail sent to an address."""

    email: Email


LinkText = Annotated[str, MinLen(1), MaxLen(200)]


class OpenLink(Command):
    """Use the token of a mailed link."""

    token: LinkText = field(repr=False)


class ResetForgottenPassword(Command):
    """Set another password with the token of a mailed link."""

    token: LinkText = field(repr=False)
    password: Password = field(repr=False)


class ChangeMyPassword(Command):
    """Set another password."""

    current_password: Password = field(repr=False)
    password: Password = field(repr=False)
