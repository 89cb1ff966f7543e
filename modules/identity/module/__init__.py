"""Identity, put together."""

from __future__ import annotations

from modules.identity.adapters import cli, http, sql
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.application.federated import FederatedQueries
from modules.identity.application.queries import IdentityQueries
from modules.identity.module.accounts import Accounts
from modules.identity.module.federation import Federation
from modules.identity.module.keys import Keys
from modules.identity.module.sessions import Sessions
from modules.identity.ports import PublicKeys, SigningKeys
from modules.identity.ports.federation import Providers
from modules.identity.public import AccountClosed, AccountDirectory
from shared_kernel.application import CallerSource
from shared_kernel.module import Module


class Container(Accounts, Federation, Keys, Sessions):
    """Everything identity builds. Each part stands in a file of its own."""


module = Module(
    name="identity",
    container=Container,
    metadata=sql.metadata,
    settings=IdentitySettings,
    routers=[http.accounts, http.federation, http.sessions],
    root_routers=[http.keys],
    provides={
        CallerSource: Container.callers,
        AccountDirectory: Container.directory,
        FederatedQueries: Container.federated_queries,
        IdentityQueries: Container.queries,
        Providers: Container.providers_known,
        PublicKeys: Container.keys,
        SigningKeys: Container.stored_keys,
    },
    subscribers={AccountClosed: Container.forget_identities},
    opens=[
        Container.passwords,
        Container.keys,
        Container.live_sessions,
        Container.providers_known,
    ],
    commands={"keys": cli.keys},
)
