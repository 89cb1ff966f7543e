"""Identity, put together."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import http, sql
from modules.identity.adapters.email import ValidatedEmailAddresses
from modules.identity.adapters.fastapi_users import Argon2Cost, Argon2Passwords
from modules.identity.adapters.revocation import RecentlyEnded
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.adapters.tokens import (
    DerivedRefreshTokens,
    KeyRing,
    SignedAccessTokens,
    TokenTerms,
)
from modules.identity.application.callers import BearerCallers
from modules.identity.application.closing import CloseAccount
from modules.identity.application.queries import IdentityQueries
from modules.identity.application.registration import Directory, RegisterAccount
from modules.identity.application.sessions import SessionService
from modules.identity.application.sign_in import StartSession
from modules.identity.ports import PublicKeys
from modules.identity.public import AccountDirectory
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import AuditWriter, Database, Outbox
from shared_kernel.application import AuditTrail, CallerSource, Clock
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    database = Needs(Database)
    outbox = Needs(Outbox)
    audit = Needs(AuditWriter)
    trail = Needs(AuditTrail)
    clock = Needs(Clock)
    signals = Needs(Signals)
    secret_keys = Needs(SecretKeys)
    settings = Needs(IdentitySettings)

    emails = Factory(ValidatedEmailAddresses)
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
    keys = Singleton(KeyRing, Factory(sql.SqlSigningKeys, database), secret_keys, clock)
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
    callers = Singleton(BearerCallers, access_tokens, live_sessions, clock)
    open_account = Factory(
        RegisterAccount,
        begin=begin.provider,
        clock=clock,
        audit=trail,
        emails=emails,
        passwords=passwords,
        policy=settings.provided.password_policy,
    )
    directory = Factory(Directory, open_account=open_account, queries=queries, emails=emails)
    start_session = Factory(
        StartSession,
        begin=begin.provider,
        clock=clock,
        audit=trail,
        queries=queries,
        emails=emails,
        passwords=passwords,
        refresh_tokens=refresh_tokens,
        access_tokens=access_tokens,
        limits=settings.provided.session_limits,
    )
    sessions = Factory(
        SessionService,
        begin=begin.provider,
        clock=clock,
        refresh_tokens=refresh_tokens,
        access_tokens=access_tokens,
        limits=settings.provided.session_limits,
    )
    close_account = Factory(
        CloseAccount,
        begin=begin.provider,
        clock=clock,
        audit=trail,
        queries=queries,
        passwords=passwords,
    )


module = Module(
    name="identity",
    container=Container,
    metadata=sql.metadata,
    settings=IdentitySettings,
    routers=[http.router],
    root_routers=[http.root_router],
    provides={
        CallerSource: Container.callers,
        AccountDirectory: Container.directory,
        IdentityQueries: Container.queries,
        PublicKeys: Container.keys,
    },
    opens=[Container.passwords, Container.keys, Container.live_sessions],
)
