"""How mails are sent, and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr

from shared_kernel.adapters.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class MailSettings(Settings):
    """The part of identity's settings that is about mail."""

    link_base_url: str = Field(
        "http://127.0.0.1:8000",
        validation_alias=AliasChoices("IDENTITY_LINK_BASE_URL", "PUBLIC_URL"),
        pattern=r"^https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~-]+)*$",
        max_length=200,
        description="what links in mails begin with: the front end that has the pages"
        " verify-address, reset-password, confirm-address, undo-address-change; default PUBLIC_URL",
    )
    smtp_host: str = Field(
        "",
        max_length=253,
        description="the server that takes mails; without one they are printed in development",
    )
    smtp_port: int = Field(587, ge=1, le=65_535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls (port 587 mostly), tls (465), or none"
    )
    smtp_user: str = Field("", max_length=254, description="who signs in to it; nobody if empty")
    smtp_password: SecretStr = Field(SecretStr(""), description="their password")
    smtp_seconds: float = Field(
        15, ge=1, le=45, description="how long one mail may take before it is tried again"
    )
    smtp_ca_file: Path | None = Field(
        None, description="PEM of the authorities to trust for it; default those of the system"
    )
    mail_from: str = Field(
        "no-reply@localhost.localdomain",
        pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$",
        max_length=254,
        description="the address mails come from",
    )
    mail_service: str = Field(
        "Ashlar",
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="what mails and authenticator apps call the service",
    )
    mail_support: str = Field(
        "",
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="where people turn to: an address or a URL, named in mails",
    )
    mail_language: str = Field(
        "en", max_length=35, description="of mails to people who chose none: en or de"
    )
    without_mail: bool = Field(
        False,
        description="start in production although no mail can be sent: addresses cannot be"
        " confirmed, passwords not reset, and nobody is warned",
    )

    @property
    def smtp_secret(self) -> str:
        """The password, to be sent."""
        return self.smtp_password.get_secret_value()

    def unsafe_in_production(self) -> Sequence[str]:
        """Return `VARIABLE: what is wrong with it`."""
        return [*super().unsafe_in_production(), *self._unsafe_mail()]

    def _unsafe_mail(self) -> list[str]:
        found = list[str]()
        if not self.smtp_host and not self.without_mail:
            found.append(
                "IDENTITY_SMTP_HOST: is not set, so no mail can be sent"
                " (to do without, set IDENTITY_WITHOUT_MAIL=true)"
            )
        if self.smtp_security == "none" and self.smtp_host not in LOOPBACK | {""}:
            found.append(
                "IDENTITY_SMTP_SECURITY: sends links and passwords to another machine in the clear"
            )
        parts = urlsplit(self.link_base_url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            found.append("IDENTITY_LINK_BASE_URL: must begin with https:// (default: PUBLIC_URL)")
        if self.smtp_host and self.mail_from.endswith("@localhost.localdomain"):
            found.append("IDENTITY_MAIL_FROM: is not set; name an address of your own domain")
        return found
