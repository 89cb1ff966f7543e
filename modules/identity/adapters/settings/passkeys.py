"""Which pages passkeys answer to."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field

from shared_kernel.adapters.settings import Names, Settings

LOCALHOST = "localhost"


def _origins(given: list[str]) -> list[str]:
    """Read scheme, host and port. A machine is called by its number in no passkey."""
    return [_origin(one) for one in given]


def _origin(text: str) -> str:
    parts = urlsplit(text)
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or parts.path.strip("/"):
        raise ValueError("an origin is https://host or https://host:port")
    if _is_loopback(host):
        host = LOCALHOST
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Origins = Annotated[Names, AfterValidator(_origins)]


class PasskeySettings(Settings):
    """The part of identity's settings that is about passkeys."""

    passkey_origins: Origins = Field(
        ["http://127.0.0.1:8000"],
        min_length=1,
        max_length=20,
        validation_alias=AliasChoices("IDENTITY_PASSKEY_ORIGINS", "PUBLIC_URL"),
        description="comma-separated origins of the pages that use passkeys; default PUBLIC_URL,"
        " with localhost for 127.0.0.1",
    )
    passkey_domain: str = Field(
        "",
        max_length=253,
        pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$",
        description="what passkeys are made for: the domain of all these pages; default the host"
        " of the first. Changing it makes all passkeys worthless",
    )

    @property
    def relying_party_id(self) -> str:
        """The domain passkeys are made for."""
        return self.passkey_domain or urlsplit(self.passkey_origins[0]).hostname or LOCALHOST

    @property
    def relying_party_origins(self) -> Sequence[str]:
        """The pages they answer to."""
        return self.passkey_origins

    def unsafe_in_production(self) -> Sequence[str]:
        """Return `VARIABLE: what is wrong with it`."""
        return [*super().unsafe_in_production(), *self._unsafe_passkeys()]

    def _unsafe_passkeys(self) -> list[str]:
        found = list[str]()
        domain = self.relying_party_id
        for origin in self.passkey_origins:
            parts = urlsplit(origin)
            host = parts.hostname or ""
            if parts.scheme != "https" and host != LOCALHOST:
                found.append("IDENTITY_PASSKEY_ORIGINS: browsers use passkeys on https:// alone")
            if host != domain and not host.endswith(f".{domain}"):
                found.append(f"IDENTITY_PASSKEY_ORIGINS: {host} does not belong to {domain}")
        return found
