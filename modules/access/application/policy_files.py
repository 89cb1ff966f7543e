"""Roles and policies as a file: what it would change, and putting it in force."""

from __future__ import annotations

import difflib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from modules.access.application.administering.versions import RulebookService, complete
from modules.access.application.explaining.trying import Outcome, TryRulebook, read_trials
from modules.access.application.queries import AccessQueries
from modules.access.application.rulebook.reading import BadRulebook, mapping, read_rulebook
from modules.access.application.rulebook.revising import Revision
from modules.access.application.rulebook.rulebooks import document_of
from modules.access.application.rulebook.wording import Fault, Wording
from modules.access.domain import Rulebook
from modules.access.ports import BadFile, DocumentFormat, Written
from shared_kernel.domain import Invalid


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """Reads and writes the rulebook as a file. Every mistake is told with its line (BadFile)."""

    format: DocumentFormat
    queries: AccessQueries
    rulebooks: RulebookService
    wording: Wording
    attempt: TryRulebook

    async def export(self) -> str:
        """Return roles and policies as they stand."""
        return self.format.write(document_of(await self.queries.rulebook()))

    async def differences(self, content: bytes) -> Sequence[str]:
        """Return what the file would change, line by line (unified); nothing if it is in force."""
        before = await self.queries.rulebook()
        read = self._read(content)
        with _pointing(read):
            after = self.wording.require_written(before, complete(_book(read), before))
            after.require_sound()
        return list(_compared(self._lines(before), self._lines(after)))

    async def apply(self, content: bytes, revision: Revision) -> Sequence[str]:
        """Put the file in force, and return what that changed. Raises what any change raises."""
        read = self._read(content)
        before = await self.queries.rulebook()
        with _pointing(read):
            await self.rulebooks.apply(_book(read), revision)
        return list(_compared(self._lines(before), self._lines(await self.queries.rulebook())))

    async def try_out(self, content: bytes, table: bytes | None) -> Sequence[Outcome]:
        """Decide a table: that of the file, or that of another one.

        A file without roles and policies is tried on those in force.
        """
        read = self._read(content)
        stated = mapping(read.document, "")
        before = await self.queries.rulebook()
        with _pointing(read):
            own = "roles" in stated or "policies" in stated
            book = complete(_book(read), before) if own else before
        tests = read if table is None else self._read(table)
        with _pointing(tests):
            trials = read_trials(mapping(tests.document, "").get("tests", []))
            if not trials:
                raise BadRulebook("there is no test in it", field="/tests")
            return self.attempt(book, trials)

    async def faults(self) -> Sequence[Fault]:
        """Return what is stored and no module declares any more."""
        return list(self.wording.faults(await self.queries.rulebook()))

    def _read(self, content: bytes) -> Written:
        return self.format.read(content)

    def _lines(self, book: Rulebook) -> list[str]:
        return self.format.write(document_of(book)).splitlines()


def _book(read: Written) -> Rulebook:
    """Return the rulebook in a file, where tests may stand as well."""
    stated = mapping(read.document, "")
    return read_rulebook({name: one for name, one in stated.items() if name != "tests"})


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    return difflib.unified_diff(before, after, "in force", "file", lineterm="", n=2)


@contextmanager
def _pointing(read: Written) -> Generator[None]:
    """Turn a mistake with a JSON pointer into one with a line."""
    try:
        yield
    except BadFile:
        raise
    except Invalid as error:
        if error.field is None:
            raise
        message = f"{error.field}: {error}" if error.field else str(error)
        raise BadFile(message, line=read.line_of(error.field)) from error
