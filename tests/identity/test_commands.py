"""Requests carry secrets, and never show them."""

from __future__ import annotations

from modules.identity.application.commands import CloseMyAccount, Refresh, Register, SignIn

EMAIL = "ada@example.com"


def test_commands_do_not_show_their_secrets() -> None:
    commands = [
        Register(email=EMAIL, password="hidden"),
        SignIn(email=EMAIL, password="hidden"),
        CloseMyAccount(password="hidden"),
        Refresh(refresh_token="hidden"),
    ]
    assert "hidden" not in repr(commands)
