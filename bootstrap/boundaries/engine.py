"""Runs the checks and says what each found."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from importlinter import Contract, ContractCheck
from importlinter.application import use_cases
from importlinter.application.output import console
from importlinter.configuration import configure

from bootstrap.boundaries.configuration import FILE
from bootstrap.boundaries.contract import FindingsContract, findings_of
from bootstrap.boundaries.core_purity import pure_core
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.injector import injector
from bootstrap.boundaries.request_path import request_path
from bootstrap.boundaries.sources import Source, read_sources

Result = tuple[str, Finding]
"""The name of a check, and one thing it found."""

SHIPPED = ("modules", "shared_kernel", "bootstrap", "migrations")

SOURCES: Mapping[str, Callable[[Sequence[Source]], Iterable[Finding]]] = {
    "pure-core": pure_core,
    "injector": injector,
    "request-path": request_path,
}


def imports(_root: Path) -> Iterator[Result]:
    """The contracts of importlinter.ini in the working directory, each under its id.

    import-linter has no public way to get at its report: this uses the one its own command uses,
    and its version is pinned.
    """
    configure()
    try:
        options = use_cases.read_user_options(FILE)
        use_cases._register_contract_types(options)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
        with redirect_stdout(StringIO()):  # its progress bar ends in an empty line
            report = use_cases.create_report(options)
    except Exception as error:  # noqa: BLE001 - whatever stops the linter is a broken wall
        yield "import-linter", Finding(FILE, f"{type(error).__name__}: {error}")
        return
    for name, invalid in report.invalid_contract_options.items():
        yield "import-linter", Finding(FILE, f"contract {name}: {invalid.errors}")
    for contract, check in report.get_contracts_and_checks():
        for finding in _found(contract, check):
            yield str(contract.contract_options["id"]), finding


def sources(root: Path) -> Iterator[Result]:
    """The checks that read source text."""
    shipped = [source for source in read_sources(root, SHIPPED) if not _is_check(source)]
    for name, check in SOURCES.items():
        try:
            found = sorted(set(check(shipped)))
        except SyntaxError as error:
            yield "syntax", Finding(f"{error.filename}:{error.lineno}", error.msg)
            return
        for finding in found:
            yield name, finding


def loaded(root: Path) -> Iterator[Result]:
    """The checks that need the application in memory."""
    from bootstrap.boundaries.loaded import checks  # noqa: PLC0415 - loads the whole application

    yield from checks.run(root)


STAGES: Mapping[str, Callable[[Path], Iterable[Result]]] = {
    "imports": imports,
    "sources": sources,
    "loaded": loaded,
}


def _is_check(source: Source) -> bool:
    """The checks speak of what they forbid."""
    return source.name.startswith("bootstrap.boundaries")


def _found(contract: Contract, check: ContractCheck) -> Iterable[Finding]:
    if check.kept:
        return ()
    if isinstance(contract, FindingsContract):
        return findings_of(check)
    with console.capture() as printed:
        contract.render_broken_contract(check)
    return [Finding(FILE, line.strip()) for line in printed.get().splitlines() if line.strip()]
