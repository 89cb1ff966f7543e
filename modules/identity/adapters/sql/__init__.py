"""Identity in PostgreSQL: its tables, its unit of work, what is read from it."""

from modules.identity.adapters.sql.census import SqlCensus
from modules.identity.adapters.sql.cookies import SqlKeptSessions
from modules.identity.adapters.sql.federation import SqlFederatedQueries
from modules.identity.adapters.sql.key_reads import SqlKeyQueries, SqlSecretRecords
from modules.identity.adapters.sql.key_uses import SqlSecretUses
from modules.identity.adapters.sql.keys import SqlSigningKeys
from modules.identity.adapters.sql.links import SqlLinkRecords
from modules.identity.adapters.sql.passkeys import SqlPasskeyQueries
from modules.identity.adapters.sql.personal_data import SqlIdentityData
from modules.identity.adapters.sql.profile import SqlProfileQueries
from modules.identity.adapters.sql.reads import SqlIdentityQueries, SqlSessionRecords
from modules.identity.adapters.sql.recipients import SqlRecipients
from modules.identity.adapters.sql.retention import SqlLeftovers
from modules.identity.adapters.sql.second_factors import SqlSecondFactorQueries
from modules.identity.adapters.sql.tables import metadata
from modules.identity.adapters.sql.users import SqlUserQueries
from modules.identity.adapters.sql.work import IdentityUnitOfWork

__all__ = [
    "IdentityUnitOfWork",
    "SqlCensus",
    "SqlFederatedQueries",
    "SqlIdentityData",
    "SqlIdentityQueries",
    "SqlKeptSessions",
    "SqlKeyQueries",
    "SqlLeftovers",
    "SqlLinkRecords",
    "SqlPasskeyQueries",
    "SqlProfileQueries",
    "SqlRecipients",
    "SqlSecondFactorQueries",
    "SqlSecretRecords",
    "SqlSecretUses",
    "SqlSessionRecords",
    "SqlSigningKeys",
    "SqlUserQueries",
    "metadata",
]
