"""What all parts of identity build on: ports, passwords, tokens, transactions."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.blocklist import BloomFilter
from modules.identity.adapters.devices import SignedDevices
from modules.identity.adapters.email import ValidatedEmailAddresses
from modules.identity.adapters.fastapi_users import Argon2Cost, Argon2Passwords
from modules.identity.adapters.key_uses import NotedUses
from modules.identity.adapters.mail import ConfiguredMailer, Letterhead, Letters, SmtpServer
from modules.identity.adapters.revocation import RecentlyEnded
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.adapters.tokens import (
    DerivedRefreshTokens,
    DrawnSecondFactorSecrets,
    KeyRing,
    SignedAccessTokens,
    TokenTerms,
)
from modules.identity.application.admission import Admission
from modules.identity.application.callers import BearerCallers
from modules.identity.application.cookies import CookieCallers
from modules.identity.application.key_callers import KeyCallers
from modules.identity.application.mails import Postman
from modules.identity.application.throttle import Throttling
from modules.identity.domain.password import PasswordPolicy
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import AuditWriter, Database, Outbox
from shared_kernel.application import AuditTrail, Clock, RateLimiter
from shared_kernel.application.departures import Departures
from shared_kernel.module import Needs


class Core(DeclarativeContainer):
    """What every part of identity may use."""

    database = Needs(Database)
    outbox = Needs(Outbox)
    audit = Needs(AuditWriter)
    trail = Needs(AuditTrail)
    clock = Needs(Clock)
    departures = Needs(Departures)
    signals = Needs(Signals)
    secret_keys = Needs(SecretKeys)
    limiter = Needs(RateLimiter)
    settings = Needs(IdentitySettings)

    emails = Factory(ValidatedEmailAddresses)
    password_policy = Singleton(
        PasswordPolicy,
        minimum=settings.provided.password_minimum,
        context_words=settings.provided.password_context_words,
        common=Singleton(BloomFilter.shipped),
    )
    letterhead = Factory(
        Letterhead,
        service=settings.provided.mail_service,
        sender=settings.provided.mail_from,
        support=settings.provided.mail_support,
        link_base=settings.provided.link_base_url,
        language=settings.provided.mail_language,
    )
    letters = Singleton(Letters, letterhead, clock)
    mailer = Singleton(
        ConfiguredMailer,
        letters,
        letterhead,
        Factory(
            SmtpServer,
            host=settings.provided.smtp_host,
            port=settings.provided.smtp_port,
            security=settings.provided.smtp_security,
            user=settings.provided.smtp_user,
            password=settings.provided.smtp_secret,
            seconds=settings.provided.smtp_seconds,
            ca_file=settings.provided.smtp_ca_file,
        ),
        without_mail=settings.provided.without_mail,
    )
    postman = Factory(
        Postman,
        mailer=mailer,
        recipients=Singleton(sql.SqlRecipients, database),
        audit=trail,
        clock=clock,
    )
    devices = Singleton(SignedDevices, secret_keys)
    throttle = Singleton(
        Throttling,
        limiter=limiter,
        clock=clock,
        audit=trail,
        terms=settings.provided.throttle_terms,
    )
    passwords = Singleton(
        Argon2Passwords,
        Factory(
            Argon2Cost,
            memory_kib=settings.provided.argon2_memory_kib,
            passes=settings.provided.argon2_passes,
            lanes=settings.provided.argon2_lanes,
        ),
        settings.provided.hashing_threads,
        settings.provided.hashing_queue,
    )
    stored_keys = Factory(sql.SqlSigningKeys, database)
    keys = Singleton(
        KeyRing,
        stored_keys,
        secret_keys,
        clock,
        settings.provided.key_life,
    )
    access_tokens = Singleton(
        SignedAccessTokens,
        keys,
        Factory(
            TokenTerms,
            issuer=settings.provided.issuer,
            audience=settings.provided.audience,
            seconds=settings.provided.access_token_seconds,
        ),
    )
    refresh_tokens = Singleton(DerivedRefreshTokens, secret_keys)
    live_sessions = Singleton(
        RecentlyEnded,
        Factory(sql.SqlSessionRecords, database),
        signals,
        clock,
        settings.provided.access_token_lifetime,
    )

    begin = Factory(sql.IdentityUnitOfWork, database, outbox, audit, live_sessions)
    queries = Singleton(sql.SqlIdentityQueries, database, settings.provided.session_limits)
    cookies = Factory(
        CookieCallers,
        sessions=Factory(sql.SqlKeptSessions, database),
        clock=clock,
        limits=settings.provided.session_limits,
    )
    secret_records = Singleton(sql.SqlSecretRecords, database)
    key_uses = Singleton(NotedUses, Factory(sql.SqlSecretUses, database))
    key_callers = Singleton(
        KeyCallers, records=secret_records, uses=key_uses, throttle=throttle, clock=clock
    )
    callers = Singleton(BearerCallers, access_tokens, live_sessions, cookies, key_callers, clock)
    factor_secrets = Singleton(DrawnSecondFactorSecrets)
    admission = Factory(
        Admission,
        clock=clock,
        refresh_tokens=refresh_tokens,
        access_tokens=access_tokens,
        limits=settings.provided.session_limits,
        devices=devices,
        secrets=factor_secrets,
    )
