"""What the four contract types of this project share."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application.output import console
from rich.markup import escape

from bootstrap.boundaries.accepted import read_accepted
from bootstrap.boundaries.configuration import lines
from bootstrap.boundaries.findings import Finding


class FindingsContract(Contract):
    """A contract that is kept while nothing is found but what has been accepted."""

    accepted = fields.ListField(subfield=fields.StringField(), required=False)
    broken_contract_guidance = fields.TextField(required=False)

    @abstractmethod
    def find(self, graph: ImportGraph) -> Iterator[Finding]:
        """Everything that is wrong, accepted or not."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = sorted(set(self.find(graph)))
        entries, open_findings = read_accepted(lines(self.accepted), today=datetime.now(UTC).date())
        for finding in found:
            if (finding.importer, finding.imported) not in entries:
                open_findings.append(finding)
        used = {(finding.importer, finding.imported) for finding in found} & entries.keys()
        for importer, imported in sorted(entries.keys() - used):
            what = f"accepted violation is stale, remove it: {importer} -> {imported}"
            open_findings.append(Finding("importlinter.ini", what))
        return ContractCheck(
            kept=not open_findings,
            metadata={"findings": open_findings},
            ignored_import_count=len(used),
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the findings unwrapped, so that a piped line stays one line."""
        for finding in findings_of(check):
            console.print(escape(f"- {finding}"), style="red", soft_wrap=True)
        guidance = lines(self.broken_contract_guidance)
        if guidance:
            output.new_line()
            console.print(escape(" ".join(guidance)), soft_wrap=True)
        output.new_line()


def findings_of(check: ContractCheck) -> Sequence[Finding]:
    """The findings of a check made by a `FindingsContract`; empty for a built-in contract."""
    return cast("Sequence[Finding]", check.metadata.get("findings", ()))
