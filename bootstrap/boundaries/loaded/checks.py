"""All checks over the loaded application, by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application, load
from bootstrap.boundaries.loaded.containers import needs
from bootstrap.boundaries.loaded.events import events
from bootstrap.boundaries.loaded.routes import routes
from bootstrap.boundaries.loaded.signatures import public_signatures
from bootstrap.boundaries.loaded.sql_text import sql
from bootstrap.boundaries.loaded.tables import tables

CHECKS: Mapping[str, Callable[[Application], Iterable[Finding]]] = {
    "tables": tables,
    "sql": sql,
    "events": events,
    "public-signatures": public_signatures,
    "needs": needs,
    "routes": routes,
}


def run(root: Path) -> Iterator[tuple[str, Finding]]:
    """What each check found. An application that does not load is a finding of `load`."""
    try:
        application = load(root)
    except Exception as error:  # noqa: BLE001 - any reason not to load is one to report
        yield "load", Finding("modules", f"{type(error).__name__}: {error}")
        return
    for name, check in CHECKS.items():
        for finding in sorted(set(check(application))):
            yield name, finding
