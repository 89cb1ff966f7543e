"""The settings of identity, in variables that start with `IDENTITY_`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from modules.identity.adapters.settings.mail import MailSettings
from modules.identity.adapters.settings.passkeys import PasskeySettings
from modules.identity.domain.api_key import KeyTerms
from modules.identity.domain.password import (
    DEFAULT_MINIMUM,
    LOWEST_MINIMUM,
    MAXIMUM,
)
from modules.identity.domain.providers import Provider, read_places, read_providers
from modules.identity.domain.session import SessionLimits
from modules.identity.domain.signing_key import KeyLife
from modules.identity.domain.throttle import ThrottleTerms
from shared_kernel.adapters.settings import Names

MANY = 1_000_000  # no limit that anybody reaches

Providers = Annotated[tuple[Provider, ...], NoDecode, BeforeValidator(read_providers)]
Places = Annotated[Names, AfterValidator(lambda given: [*read_places(given)])]


class IdentitySettings(MailSettings, PasskeySettings):
    """How people prove who they are, and for how long that holds."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", populate_by_name=True)

    issuer: str = Field(
        "http://127.0.0.1:8000",
        validation_alias=AliasChoices("IDENTITY_ISSUER", "PUBLIC_URL"),
        pattern=r"^https?://[^\s]+$",
        max_length=200,
        description="`iss` of access tokens; default PUBLIC_URL",
    )
    audience: str = Field(
        "ashlar", min_length=1, max_length=200, description="`aud` of access tokens"
    )
    access_token_seconds: int = Field(
        600, ge=30, le=600, description="how long an access token lasts"
    )
    signing_key_published_seconds: int = Field(
        600,
        ge=3,
        le=604_800,
        description="the next signing key is published for so long before it may sign;"
        " clients keep the key set for 300",
    )
    session_idle_days: int = Field(
        7, ge=1, le=90, description="a session not refreshed for so long is over"
    )
    session_days: int = Field(30, ge=1, le=365, description="a session lasts no longer than this")
    sessions_per_account: int = Field(
        20, ge=1, le=100, description="one more ends the session longest unused"
    )
    refresh_grace_seconds: int = Field(
        10,
        ge=0,
        le=60,
        description="a used refresh token still gets the same successor for so long",
    )
    history_days: int = Field(
        90,
        ge=1,
        le=3660,
        description="sessions, API keys and secrets that ended are deleted so long after;"
        " the audit log is not touched",
    )
    require_verified_email: bool = Field(
        True,
        description="whoever registers signs in once they have opened the link mailed to them;"
        " false lets everybody find out which addresses have accounts, by registering them",
    )
    password_minimum: int = Field(
        DEFAULT_MINIMUM,
        ge=LOWEST_MINIMUM,
        le=MAXIMUM,
        description="characters; below 15 only where a second factor is asked for",
    )
    password_context_words: Names = Field(
        ["ashlar"], description="comma-separated words no password may contain"
    )
    argon2_memory_kib: int = Field(
        19_456, ge=19_456, le=1_048_576, description="memory of one hash"
    )
    argon2_passes: int = Field(2, ge=2, le=20, description="passes over that memory")
    argon2_lanes: int = Field(1, ge=1, le=16, description="lanes computed side by side")
    hashing_threads: int | None = Field(
        None, ge=1, le=64, description="threads that hash passwords; default one per processor"
    )

    hashing_queue: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="how many may wait for a hash before others are sent away with 503;"
        " default four per thread, at least 64",
    )
    attempts_per_client: int = Field(
        30, ge=1, le=MANY, description="sign-ins, registrations ... a minute from one address"
    )
    refreshes_per_client: int = Field(
        1200, ge=1, le=MANY, description="refreshes and the like a minute from one address"
    )
    attempts_per_network: int = Field(
        300, ge=1, le=MANY, description="a minute from one /24 (IPv4) or /48 (IPv6)"
    )
    attempts_in_all: int = Field(
        1000, ge=1, le=MANY, description="a minute, of each kind, from everybody together"
    )
    failures_per_account: int = Field(
        5, ge=3, le=MANY, description="wrong guesses in 5 minutes before an account has to wait"
    )
    failures_per_day: int = Field(
        100, ge=10, le=MANY, description="wrong guesses in a day before an account has to wait"
    )
    longest_wait_seconds: int = Field(
        900, ge=60, le=900, description="waits of an account grow from a second to this"
    )
    mails_per_address: int = Field(
        5, ge=1, le=MANY, description="mails an hour that anybody may have sent to one address"
    )

    providers: Providers = Field(
        (),
        description='JSON: {"google": {"client_id": "...", "client_secret": "..."}, "any-name":'
        ' {"issuer": "https://...", "client_id": ..., "client_secret": ...}}, also "github"',
    )
    oauth_redirects: Places = Field(
        [],
        description="comma-separated pages of front ends, exact, that people may be sent back to"
        " from a provider",
    )
    callback_base_url: str = Field(
        "http://127.0.0.1:8000",
        validation_alias=AliasChoices("IDENTITY_CALLBACK_BASE_URL", "PUBLIC_URL"),
        pattern=r"^https?://[^\s/]+$",
        max_length=200,
        description="what the addresses registered with providers begin with; default PUBLIC_URL",
    )

    @field_validator("providers")
    @classmethod
    def _is_encrypted(
        cls, value: tuple[Provider, ...], given: ValidationInfo
    ) -> tuple[Provider, ...]:
        """Refuse plain HTTP where people use HTTPS: it is for trials on one machine."""
        if str(given.data.get("issuer", "")).startswith("https://"):
            for one in value:
                if one.is_plain:
                    raise ValueError(f"{one.name}: issuer: http is for development only")
        return value

    @property
    def throttle_terms(self) -> ThrottleTerms:
        """How many attempts are too many."""
        return ThrottleTerms(
            per_client=self.attempts_per_client,
            frequent_per_client=self.refreshes_per_client,
            per_network=self.attempts_per_network,
            in_all=self.attempts_in_all,
            failures=self.failures_per_account,
            failures_per_day=self.failures_per_day,
            longest_wait=timedelta(seconds=self.longest_wait_seconds),
            mails_per_hour=self.mails_per_address,
        )

    api_key_days: int = Field(
        90, ge=1, le=366, description="how long API keys and secrets last, unless asked otherwise"
    )
    api_key_longest_days: int = Field(
        366, ge=1, le=366, description="how long an API key or a secret may last at most"
    )
    api_keys_per_account: int = Field(
        50, ge=1, le=1000, description="API keys of one account that are not revoked"
    )
    leak_report_keys: str = Field(
        "",
        max_length=20_000,
        description="JSON of a scanner's public keys, who may then report leaked secrets:"
        ' {"public_keys": [{"key_identifier": "...", "key": "PEM"}]}',
    )

    @property
    def key_terms(self) -> KeyTerms:
        """How long API keys and secrets last, and how many there may be."""
        return KeyTerms(
            days=min(self.api_key_days, self.api_key_longest_days),
            most_days=self.api_key_longest_days,
            most=self.api_keys_per_account,
        )

    @property
    def history_kept(self) -> timedelta:
        """How long what ended can still be looked at."""
        return timedelta(days=self.history_days)

    @property
    def access_token_lifetime(self) -> timedelta:
        """How long an access token lasts."""
        return timedelta(seconds=self.access_token_seconds)

    @property
    def key_life(self) -> KeyLife:
        """How long a signing key is published before it signs, and kept after."""
        return KeyLife(
            published=timedelta(seconds=self.signing_key_published_seconds),
            kept=self.access_token_lifetime + timedelta(minutes=1),
        )

    @property
    def session_limits(self) -> SessionLimits:
        """How long a session lasts, and how many there may be."""
        return SessionLimits(
            idle=timedelta(days=self.session_idle_days),
            absolute=timedelta(days=self.session_days),
            grace=timedelta(seconds=self.refresh_grace_seconds),
            most=self.sessions_per_account,
        )
