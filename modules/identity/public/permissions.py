"""What administrators may be allowed."""

from shared_kernel.domain import Permission

READ_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.read", "See the service accounts and when they were used."
)
WRITE_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.write",
    "Make, change and delete service accounts, and give them secrets.",
)
READ_ACCOUNTS = Permission(
    "identity.accounts.read", "See every account, its sessions and its sign-ins."
)
WRITE_ACCOUNTS = Permission(
    "identity.accounts.write", "Change, suspend, restore and close accounts of others."
)
REMOVE_SECOND_FACTORS = Permission(
    "identity.second-factors.remove",
    "Take the second factors away from an account whose owner lost them.",
)
IMPERSONATE = Permission(
    "identity.accounts.impersonate", "Act as somebody else who may do no more than oneself."
)
