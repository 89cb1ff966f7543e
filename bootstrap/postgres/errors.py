"""What can go wrong, told so that a person can act on it."""

import errno
from collections.abc import Generator
from contextlib import contextmanager


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be had; the message says what failed, why, and what to do."""


class ArchiveRefused(PostgresUnavailable):
    """A backup cannot be restored; the database is as it was before."""


@contextmanager
def explained(doing: str) -> Generator[None]:
    """Turn the operating system's refusals into `PostgresUnavailable`."""
    try:
        yield
    except OSError as error:
        raise PostgresUnavailable(f"{doing} failed: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"no permission{place}. Run as the user who owns that directory, give this user the "
            "right to write there, or set DATABASE_URL to use another server."
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return f"no space left on the disk{place}. Free some space and start again."
    return f"{error.strerror or error}{place}."
