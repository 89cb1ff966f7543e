"""Locking out whoever got into an account beside its owner."""

from __future__ import annotations

from datetime import datetime

from modules.identity.domain.account import Account
from modules.identity.domain.api_secret import RevokeReason
from modules.identity.domain.session import EndReason
from modules.identity.ports.links import LinkTransaction
from modules.identity.ports.second_factor import SecondFactorTransaction


async def lock_out(tx: LinkTransaction, account: Account, *, since: datetime, at: datetime) -> None:
    """End all sessions and keys of a locked account, and take away what opens it since a moment.

    Of API keys none is spared: an old one may have got another secret.
    """
    for key in await tx.api_keys.of_account(account.id):
        key.revoke(RevokeReason.TAKEN_BACK, at=at)
    for identity in await tx.identities.of_account(account.id):
        if identity.linked_at >= since:
            identity.unlink(at=at)
            await tx.identities.remove(identity)
    await remove_factors(tx, account, since=since, at=at)
    for session in await tx.sessions.held_by(account.id):
        session.end(EndReason.ADDRESS_TAKEN_BACK, at=at)


async def remove_factors(
    tx: SecondFactorTransaction, account: Account, *, at: datetime, since: datetime | None = None
) -> bool:
    """Take away second factors of a locked account; say whether any protected it.

    Those from before `since` stay and protect it still. Recovery codes always go: nobody knows
    who has them.
    """
    removed = await tx.recovery_codes.count(account.id) > 0
    for passkey in await tx.passkeys.of(account.id):
        if since is None or passkey.added_at >= since:
            passkey.retire(at=at)
            await tx.passkeys.remove(passkey)
            removed = True
    app = await tx.authenticators.of(account.id)
    if app is not None and (since is None or app.added_at >= since):
        removed = removed or app.confirmed_at is not None
        app.drop(at=at)
        await tx.authenticators.remove(app)
    tx.recovery_codes.replace(account.id, [])
    tx.pending_sign_ins.forget_of(account.id)
    return removed
