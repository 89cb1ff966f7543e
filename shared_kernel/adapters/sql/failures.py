"""What the database refuses, told in the domain's words."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from shared_kernel.domain import Conflict, DomainError, Invalid, Stale, Unavailable

Constraints = Mapping[str, DomainError]

# SQLSTATE classes and codes, PostgreSQL documentation appendix A.
INTEGRITY, DATA = "23", "22"
CONTENTION = {"40001": "serialization_failure", "40P01": "deadlock_detected",
              "55P03": "lock_not_available", "57014": "query_canceled"}  # fmt: skip
AWAY = ("08", "57P", "53")

# An InternalClientError is what a connection says that the server ended in between.
AWAY_ERRORS = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError,
               asyncpg.PostgresConnectionError)  # fmt: skip


@contextmanager
def named_refusals(constraints: Constraints) -> Generator[None]:
    """Raise what the database refuses inside as a domain error; let defects through as they are."""
    try:
        yield
    except Exception as error:
        named = refusal(error, constraints)
        if named is error:
            raise
        raise named from error


def refusal(error: Exception, constraints: Constraints) -> Exception:
    """Return the domain error that says what happened, or `error` itself when it is a defect."""
    if isinstance(error, StaleDataError):
        return Stale("changed by someone else since it was read; read it again")
    if isinstance(error, PoolTimeout):
        return Unavailable("every database connection is in use")
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        lost = error.connection_invalidated or cause is None
        return _refusal_of_server(cause, constraints, lost=lost) or error
    if isinstance(error, AWAY_ERRORS):
        return Unavailable("the database does not answer", retry_after=2)
    if isinstance(error, asyncpg.PostgresError):  # of the driver itself, which copies rows
        return _refusal_of_server(error, constraints, lost=False) or error
    return error


def sqlstate(error: DBAPIError) -> str:
    """Return the code of what the server refused; empty when it did not answer."""
    return getattr(getattr(error.orig, "__cause__", None), "sqlstate", None) or ""


def _refusal_of_server(
    cause: BaseException | None, constraints: Constraints, *, lost: bool
) -> Exception | None:
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith(INTEGRITY):
        named = constraints.get(getattr(cause, "constraint_name", None) or "")
        return named or Conflict("the change breaks a rule of the stored data")
    if state.startswith(DATA):
        return Invalid("a value is outside what can be stored")
    if state in CONTENTION:
        return Unavailable("too many are changing this at once")
    if lost or not state or state.startswith(AWAY):
        return Unavailable("the database does not answer", retry_after=2)
    return None
