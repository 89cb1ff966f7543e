"""Contract type `dependency_rule`: the closed world."""

from collections.abc import Iterator
from pathlib import Path

from grimp import ImportGraph
from importlinter import fields

from bootstrap.boundaries import configuration
from bootstrap.boundaries.configuration import lines
from bootstrap.boundaries.contract import FindingsContract
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import file_of
from bootstrap.boundaries.table import Permit, Table


class DependencyRule(FindingsContract):
    """A direct import that no row allows is a violation; so is a file that no row speaks of."""

    rows = fields.ListField(subfield=fields.StringField())
    groups = fields.ListField(subfield=fields.StringField(), required=False)

    def find(self, graph: ImportGraph) -> Iterator[Finding]:
        roots = lines(self.session_options["root_packages"])
        table = Table(lines(self.rows), lines(self.groups), roots)
        for importer in graph.modules:
            if graph.is_module_squashed(importer):
                continue
            permit = table.permit(importer)
            if permit is None:
                yield Finding(importer, "no row of the table speaks of this module")
            else:
                yield from _forbidden(graph, importer, permit)
        yield from _unregistered()


def _forbidden(graph: ImportGraph, importer: str, permit: Permit) -> Iterator[Finding]:
    for imported in graph.find_modules_directly_imported_by(importer):
        details = graph.get_import_details(importer=importer, imported=imported)
        if permit.allows(imported, [detail["line_contents"] for detail in details]):
            continue
        line = min((detail["line_number"] for detail in details), default=1)
        yield Finding(
            f"{file_of(Path.cwd(), importer)}:{line}",
            f"{importer} may not import {imported} (row {permit.row})",
            importer,
            imported,
        )


def _unregistered() -> Iterator[Finding]:
    """Imports that some contract ignores although no accepted violation names them."""
    registered: set[str] = set()
    ignored: list[tuple[str, str]] = []
    for options in configuration.contracts():
        registered |= {entry.partition("|")[0].strip() for entry in lines(options.get("accepted"))}
        ignored += [(str(options["id"]), edge) for edge in lines(options.get("ignore_imports"))]
    for contract, edge in ignored:
        if edge not in registered:
            what = f"contract {contract} ignores {edge}, which is no accepted violation"
            yield Finding(configuration.FILE, what)
