"""A role per module that may touch its own schema and the platform's, and nothing else.

A test that runs a module's SQL as its role fails with InsufficientPrivilegeError the moment a
statement reaches another module's table, however the statement was made:

    await session.execute(text(stand_behind("catalog")))
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import asyncpg

PLATFORM = "platform"
ATTEMPTS = 10

# Roles belong to the whole cluster: other workers make the same ones at the same time.
ROLE = """
    do $$ begin
        create role {role} nologin;
    exception when duplicate_object or unique_violation then null;
    end $$;
    grant {role} to {user};
"""
GRANTS = """
    grant usage on schema {schema} to {role};
    grant select, insert, update, delete on all tables in schema {schema} to {role};
    grant usage on all sequences in schema {schema} to {role};
"""


def role_of(schema: str) -> str:
    """The role that is fenced into a schema."""
    return f"fence_{schema}"


def stand_behind(schema: str) -> str:
    """The statement that fences the rest of the transaction into a schema."""
    return f'set local role "{role_of(schema)}"'


async def raise_fences(
    owner: asyncpg.Connection, schemas: Iterable[str], *, user: str = "app"
) -> None:
    """Make the roles, let `user` take them on, and grant each what is its own.

    The connection has to belong to the owner of the schemas.
    """
    for schema in schemas:
        role = f'"{role_of(schema)}"'
        await _again(owner, ROLE.format(role=role, user=f'"{user}"'))
        for granted in (schema, PLATFORM):
            await owner.execute(GRANTS.format(schema=f'"{granted}"', role=role))


@asynccontextmanager
async def fenced(connection: asyncpg.Connection, schema: str) -> AsyncGenerator[None]:
    """A transaction behind the fence of a schema. It is rolled back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(stand_behind(schema))
        yield
    finally:
        await transaction.rollback()


async def _again(connection: asyncpg.Connection, statement: str) -> None:
    """Run a statement on roles; two at once make one fail with 'tuple concurrently updated'."""
    for attempt in range(ATTEMPTS):
        try:
            await connection.execute(statement)
        except asyncpg.InternalServerError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return
