"""What a check reports."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One broken rule at one place.

    `where` is `path:line`, or a dotted name where there is no line. `importer` and `imported` are
    set when the finding is an edge, which is what an accepted violation names.
    """

    where: str
    what: str
    importer: str = ""
    imported: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
