"""Service accounts, for administrators."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response

from modules.identity.adapters.http.answers import NO_STORE
from modules.identity.application.service_accounts import (
    AddSecret,
    ChangeServiceAccount,
    CreateServiceAccount,
    ServiceAccountQueries,
    ServiceAccountService,
    ServiceAccountSummary,
    ServiceAccountView,
)
from modules.identity.public import READ_SERVICE_ACCOUNTS, WRITE_SERVICE_ACCOUNTS
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    requires,
    use,
)

router = Router(tags=["identity"], prefix="/service-accounts")

Service = Annotated[ServiceAccountService, use(ServiceAccountService)]
Queries = Annotated[ServiceAccountQueries, use(ServiceAccountQueries)]


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret, which is shown this once.

    It is the `client_secret` of `POST /v1/identity/oauth/token`, with the id of the service
    account as `client_id`; it also goes into `Authorization: Bearer ...` as it is.
    """

    id: UUID
    created_at: datetime
    expires_at: datetime
    secret: str = field(repr=False)


@router.get("")
@requires(READ_SERVICE_ACCOUNTS)
async def list_service_accounts(queries: Queries, paging: Paging) -> Listing[ServiceAccountSummary]:
    """List the service accounts by name."""
    return paging.listing(await queries.service_accounts(paging.slice))


@router.post("", status_code=201)
@requires(WRITE_SERVICE_ACCOUNTS, in_person=True)
@idempotent
async def create_service_account(
    body: CreateServiceAccount,
    caller: CurrentCaller,
    *,
    service_accounts: Service,
    queries: Queries,
    located: Located,
) -> ServiceAccountView:
    """Make a service account. Give it roles by its id, like a person, and then a secret."""
    made = await service_accounts.create(caller, body)
    located(made)
    return await queries.service_account(made)


@router.get("/{service_account_id}")
@requires(READ_SERVICE_ACCOUNTS)
async def show_service_account(service_account_id: UUID, queries: Queries) -> ServiceAccountView:
    """Show a service account, and its secrets without their text."""
    return await queries.service_account(service_account_id)


@router.patch("/{service_account_id}")
@requires(WRITE_SERVICE_ACCOUNTS, in_person=True)
@idempotent
async def change_service_account(
    service_account_id: UUID,
    body: ChangeServiceAccount,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    service_accounts: Service,
    queries: Queries,
) -> ServiceAccountView:
    """Change a service account, disable it, or enable it (JSON Merge Patch).

    To enable one you must hold whatever it may do.
    """
    await service_accounts.change(caller, service_account_id, body, expected=expected)
    return await queries.service_account(service_account_id)


@router.delete("/{service_account_id}", status_code=204)
@requires(WRITE_SERVICE_ACCOUNTS, in_person=True)
async def delete_service_account(
    service_account_id: UUID,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    service_accounts: Service,
) -> None:
    """Delete a service account for good. Its secrets are refused at once, its roles are taken."""
    await service_accounts.delete(caller, service_account_id, expected=expected)


@router.post("/{service_account_id}/secrets", status_code=201)
@requires(WRITE_SERVICE_ACCOUNTS, fresh=True)
async def add_secret(
    service_account_id: UUID,
    body: AddSecret,
    caller: CurrentCaller,
    response: Response,
    *,
    service_accounts: Service,
    queries: Queries,
    located: Located,
) -> NewSecret:
    """Give a service account a secret. You must hold whatever it may do; two work at a time."""
    made = await service_accounts.add_secret(caller, service_account_id, body)
    located(made.id)
    response.headers.update(NO_STORE)
    shown = await queries.service_account(service_account_id)
    secret = next(one for one in shown.secrets if one.id == made.id)
    return NewSecret(made.id, secret.created_at, secret.expires_at, made.text)


@router.delete("/{service_account_id}/secrets/{secret_id}", status_code=204)
@requires(WRITE_SERVICE_ACCOUNTS, in_person=True)
async def revoke_secret(
    service_account_id: UUID, secret_id: UUID, caller: CurrentCaller, service_accounts: Service
) -> None:
    """Revoke a secret: it and the access tokens made of it are refused at once."""
    await service_accounts.revoke_secret(caller, service_account_id, secret_id)
