"""Identity, put together."""

from __future__ import annotations

from modules.identity.adapters import cli, http, sql
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.application.api_keys import ApiKeyQueries
from modules.identity.application.authenticators import SecondFactorQueries
from modules.identity.application.federated import FederatedQueries
from modules.identity.application.notices import TOLD
from modules.identity.application.passkeys import PasskeyQueries
from modules.identity.application.profile import ProfileQueries
from modules.identity.application.queries import IdentityQueries
from modules.identity.application.service_accounts import ServiceAccountQueries
from modules.identity.application.users import UserQueries
from modules.identity.module.accounts import Accounts
from modules.identity.module.federation import Federation
from modules.identity.module.keys import Keys
from modules.identity.module.links import Links
from modules.identity.module.mail import Mails
from modules.identity.module.passkeys import Passkeys
from modules.identity.module.sessions import Sessions
from modules.identity.module.users import Users
from modules.identity.ports import PublicKeys, SigningKeys
from modules.identity.ports.api_keys import ReportSignatures
from modules.identity.ports.federation import Providers
from modules.identity.ports.mail import Mailer, Previews
from modules.identity.public import (
    IMPERSONATE,
    READ_ACCOUNTS,
    READ_SERVICE_ACCOUNTS,
    REMOVE_SECOND_FACTORS,
    WRITE_ACCOUNTS,
    WRITE_SERVICE_ACCOUNTS,
    AccountClosed,
    AccountDirectory,
    AccountRegistered,
    AccountSuspended,
    AddressChanged,
    AddressChangeRequested,
    Census,
    FarewellOwed,
    PasswordResetRequested,
    RegistrationRepeated,
    VerificationRequested,
)
from shared_kernel.application import CallerSource
from shared_kernel.module import Module


class Container(Accounts, Federation, Keys, Links, Mails, Passkeys, Sessions, Users):
    """Everything identity builds. Each part stands in a file of its own."""


module = Module(
    name="identity",
    container=Container,
    metadata=sql.metadata,
    settings=IdentitySettings,
    routers=[
        http.accounts,
        http.api_keys,
        http.federation,
        http.impersonation,
        http.leaked_keys,
        http.links,
        http.mfa,
        http.oauth_token,
        http.passkey_login,
        http.passkeys,
        http.second_factor,
        http.service_accounts,
        http.sessions,
        http.users,
    ],
    root_routers=[http.keys],
    provides={
        CallerSource: Container.callers,
        AccountDirectory: Container.directory,
        ApiKeyQueries: Container.key_queries,
        Census: Container.census,
        FederatedQueries: Container.federated_queries,
        IdentityQueries: Container.queries,
        Mailer: Container.mailer,
        PasskeyQueries: Container.passkey_queries,
        Previews: Container.letters,
        ProfileQueries: Container.profile_queries,
        Providers: Container.providers_known,
        PublicKeys: Container.keys,
        ReportSignatures: Container.scanner_keys,
        SecondFactorQueries: Container.second_factor_queries,
        ServiceAccountQueries: Container.key_queries,
        SigningKeys: Container.stored_keys,
        UserQueries: Container.user_queries,
    },
    subscribers={
        **dict.fromkeys(TOLD, Container.tell_owner),
        AccountClosed: [
            Container.forget_identities,
            Container.forget_passkeys,
            Container.forget_second_factors,
            Container.stop_impersonating,
            Container.tell_owner,
        ],
        AccountRegistered: Container.send_verification,
        AccountSuspended: [Container.stop_impersonating, Container.tell_owner],
        AddressChanged: Container.tell_former_address,
        AddressChangeRequested: Container.send_address_confirmation,
        FarewellOwed: Container.say_farewell,
        PasswordResetRequested: Container.send_reset_link,
        RegistrationRepeated: Container.answer_repeated_registration,
        VerificationRequested: Container.send_verification,
    },
    permissions=[
        READ_ACCOUNTS,
        WRITE_ACCOUNTS,
        REMOVE_SECOND_FACTORS,
        IMPERSONATE,
        READ_SERVICE_ACCOUNTS,
        WRITE_SERVICE_ACCOUNTS,
    ],
    opens=[
        Container.passwords,
        Container.keys,
        Container.live_sessions,
        Container.key_uses,
        Container.providers_known,
        Container.upkeep,
    ],
    personal_data=Container.personal_data,
    commands={"keys": cli.keys, "mail": cli.mail},
)
