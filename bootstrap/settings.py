"""The settings of the platform. Each module declares its own."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network

from pydantic import Field, SecretStr, field_validator

from shared_kernel.adapters.settings import Names, Secrets, Settings

MIN_SECRET_LENGTH = 32


class Environment(StrEnum):
    """Where the system runs. In production it refuses to start on what is only for development."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class PlatformSettings(Settings):
    """What the platform reads from the environment. Every value may come from `NAME_FILE`."""

    environment: Environment = Field(
        Environment.DEVELOPMENT, description="development or production"
    )
    database_url: SecretStr = Field(
        description="postgresql://user:password@host:5432/name, the role the application runs as"
    )
    migration_database_url: SecretStr | None = Field(
        None, description="the role that owns the schemas and migrates them; default DATABASE_URL"
    )
    database_write_connections: int = Field(10, ge=1, le=200, description="per process")
    database_read_connections: int = Field(20, ge=1, le=200, description="per process")
    database_without_tls: bool = Field(
        False, description="in production, allow a database on another machine without encryption"
    )
    secret_keys: Secrets = Field(
        description="comma-separated, 32 characters or more each; the first one signs, all verify"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", pattern=r"^https?://[^\s/]+$", description="where clients reach it"
    )
    allowed_hosts: Names = Field(
        ["*"], description="comma-separated values of the Host header to answer"
    )
    trusted_proxies: Names = Field(
        [], description="comma-separated networks whose X-Forwarded-For is believed"
    )
    cors_origins: Names = Field(
        [], description="comma-separated origins that browsers may call from"
    )
    concurrent_requests: int = Field(
        200, ge=1, le=10_000, description="per process; further ones are answered 503"
    )
    public_max_age: int = Field(
        60, ge=0, le=86_400, description="seconds caches may keep what strangers are shown; 0: none"
    )
    upload_mib: int = Field(
        1024, ge=1, le=1_048_576, description="how large a file may be that is sent, in MiB"
    )
    relay: bool = Field(
        True, description="deliver events in this process; false where `app worker` does"
    )
    docs: bool | None = Field(
        None, description="serve /docs and /openapi.json; default true in development only"
    )
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="log level")
    drain_seconds: float = Field(
        0.0, ge=0, le=60, description="how long to answer as unready before stopping"
    )
    stop_seconds: float = Field(
        20.0, ge=1, le=300, description="how long requests in flight may take when stopping"
    )

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from shared_kernel.adapters.sql import database  # noqa: PLC0415 - slow to import

            database.driver_url(value.get_secret_value())
        return value

    @field_validator("secret_keys")
    @classmethod
    def _is_long_enough(cls, value: list[SecretStr]) -> list[SecretStr]:
        if not value or any(len(key.get_secret_value()) < MIN_SECRET_LENGTH for key in value):
            raise ValueError(
                f"needs at least one key, each of {MIN_SECRET_LENGTH} characters or more"
            )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _is_network(cls, value: list[str]) -> list[str]:
        try:
            return [str(ip_network(one)) for one in value]
        except ValueError:
            raise ValueError("needs networks such as 10.0.0.0/8, separated by commas") from None

    @property
    def production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def own_origins(self) -> frozenset[str]:
        """The origins whose pages may use the session cookie: this one, and those of CORS."""
        listed = {one.lower() for one in self.cors_origins if one != "*"}
        return frozenset({self.public_url.lower(), *listed})

    @property
    def docs_served(self) -> bool:
        return not self.production if self.docs is None else self.docs

    @property
    def owner_url(self) -> str:
        """The URL of the role that migrates."""
        return (self.migration_database_url or self.database_url).get_secret_value()

    @property
    def app_url(self) -> str:
        """The URL of the role the application runs as."""
        return self.database_url.get_secret_value()

    @property
    def keys(self) -> list[bytes]:
        """The secret keys: the first one signs and encrypts, all of them verify and decrypt."""
        return [key.get_secret_value().encode() for key in self.secret_keys]
