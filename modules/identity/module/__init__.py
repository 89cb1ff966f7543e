"""Identity, put together."""

from __future__ import annotations

from modules.identity.adapters import cli, http, sql
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.application.queries import IdentityQueries
from modules.identity.module.accounts import Accounts
from modules.identity.module.keys import Keys
from modules.identity.module.sessions import Sessions
from modules.identity.ports import PublicKeys, SigningKeys
from modules.identity.public import AccountDirectory
from shared_kernel.application import CallerSource
from shared_kernel.module import Module


class Container(Accounts, Keys, Sessions):
    """Everything identity builds. Each part stands in a file of its own."""


module = Module(
    name="identity",
    container=Container,
    metadata=sql.metadata,
    settings=IdentitySettings,
    routers=[http.accounts, http.sessions],
    root_routers=[http.keys],
    provides={
        CallerSource: Container.callers,
        AccountDirectory: Container.directory,
        IdentityQueries: Container.queries,
        PublicKeys: Container.keys,
        SigningKeys: Container.stored_keys,
    },
    opens=[Container.passwords, Container.keys, Container.live_sessions],
    commands={"keys": cli.keys},
)
