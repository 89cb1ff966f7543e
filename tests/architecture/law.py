"""What `importlinter.ini` has to say, written a second time.

Whoever weakens the configuration has to change this file too, and a reviewer sees it. New rows for
new techniques and libraries need no change here.
"""

import configparser
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from bootstrap.boundaries.configuration import lines
from bootstrap.boundaries.table import LOADERS, Row, Table

ORDER = ["tests", "benchmarks", "migrations", "bootstrap", "modules", "shared_kernel"]
ROOTS = set(ORDER)
TYPES = {
    f"{name}: bootstrap.boundaries.{name}.{kind}"
    for name, kind in {
        "dependency_rule": "DependencyRule",
        "no_blind_spots": "NoBlindSpots",
        "hidden_imports": "HiddenImports",
        "no_cycles": "NoCycles",
    }.items()
}
RINGS = ["public", "domain", "ports", "application", "adapters", "module"]
SPEECH = {"name", "broken_contract_guidance", "accepted", "ignore_imports"}
"""Options that weaken nothing; accepted and ignored imports are judged by the gate itself."""

CONTRACTS: Mapping[str, Mapping[str, list[str]]] = {
    "no-blind-spots": {
        "type": ["no_blind_spots"],
        "modules_package": ["modules"],
        "required_rings": RINGS,
        "loose_files": ["do.py"],
    },
    "top-level": {
        "type": ["layers"],
        "layers": [
            "(tests)",
            "(benchmarks)",
            "(migrations)",
            "(bootstrap)",
            "(modules)",
            "(shared_kernel)",
        ],
    },
    "rings": {
        "type": ["layers"],
        "containers": ["modules.*"],
        "layers": [f"({ring})" for ring in reversed(RINGS)],
        "exhaustive": ["true"],
    },
    "kernel": {
        "type": ["layers"],
        "containers": ["shared_kernel"],
        "layers": ["(adapters)", "(module)", "(application)", "(domain)"],
        "exhaustive": ["true"],
    },
    "no-cycles": {
        "type": ["no_cycles"],
        "packages": ["modules", "shared_kernel", "bootstrap"],
    },
    "hidden-imports": {
        "type": ["hidden_imports"],
        "packages": ["modules", "shared_kernel", "bootstrap", "migrations"],
        "stateless": ["shared_kernel"],
    },
}

INSIDE = {f"modules.{{m}}.{ring}" for ring in ("application", "ports", "domain", "public")}
KERNEL = {"shared_kernel.domain"}
CORE: Mapping[str, set[str]] = {
    "modules": set(),
    "modules.{m}": set(),
    "modules.{m}.adapters": set(),
    "modules.{m}.public": {"modules.{m}.public"} | KERNEL,
    "modules.{m}.domain": {"modules.{m}.domain", "modules.{m}.public"} | KERNEL,
    "modules.{m}.ports": INSIDE - {"modules.{m}.application"}
    | KERNEL
    | {"shared_kernel.application"},
    "modules.{m}.application": INSIDE
    | KERNEL
    | {"modules.*.public", "shared_kernel.application", "annotated_types"},
    "shared_kernel": set(),
    "shared_kernel.domain": {"shared_kernel.domain", "uuid_utils"},
    "shared_kernel.adapters": set(),
    "migrations": set(),
}
"""Rows that allow exactly this, and the pure part of the standard library."""

ADAPTER = INSIDE | {"modules.*.public", "shared_kernel", "@stdlib", "structlog"}
WORLD = {
    *("asyncio", "concurrent", "ctypes", "gc", "http", "io", "logging", "multiprocessing", "os"),
    *("pathlib", "pickle", "queue", "random", "secrets", "select", "shelve", "shutil", "signal"),
    *("smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time"),
    *("urllib", "xmlrpc", *LOADERS),
}
HOMES = {
    "fastapi_users": {"modules.identity.adapters.fastapi_users"},
    "casbin": {"modules.access.adapters.casbin"},
    "dependency_injector": {"modules.{m}.module"},
}
# Tokens of our own and those of providers, keys of our own and those of passkeys: two techniques
# each, which have nothing to say to one another. JSON is in files, in answers and in the database.
SEVERAL_HOMES = {"annotated_types", "cryptography", "joserfc", "orjson", "pydantic"}
LOADING = {
    *("bootstrap.boundaries", "bootstrap.modules", "bootstrap.postgres"),
    *("bootstrap.pages", "bootstrap.serving.loading"),
}


def weaknesses(text: str) -> list[str]:
    """Everything in which a configuration is weaker than it has to be."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    sections = {
        name.removeprefix("importlinter").removeprefix(":contract:"): {
            option: lines(value.split("\n")) for option, value in parser[name].items()
        }
        for name in parser.sections()
    }
    return [*_session(sections[""]), *_contracts(sections), *_table(sections)]


def _session(options: Mapping[str, list[str]]) -> Iterator[str]:
    if missing := ROOTS - set(options.get("root_packages", [])):
        yield f"root packages are missing: {sorted(missing)}"
    if options.get("include_external_packages") != ["True"]:
        yield "external packages are not looked at"
    if set(options.get("contract_types", [])) != TYPES:
        yield "the contract types are others"
    known = {"root_packages", "include_external_packages", "contract_types"}
    if strange := options.keys() - known:
        yield f"options nobody knows: {sorted(strange)}"


def _contracts(sections: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    for name, wanted in CONTRACTS.items():
        options = dict(sections.get(name, {}))
        said = {option: value for option, value in options.items() if option not in SPEECH}
        if said != wanted:
            yield f"contract {name} says {said}"


def _table(sections: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    options = sections.get("closed-world", {})
    if options.get("type") != ["dependency_rule"]:
        yield "there is no closed world"
        return
    try:
        table = Table(options.get("rows", []), options.get("groups", []), ROOTS)
    except ValueError as unknown_group:
        yield str(unknown_group)
        return
    homes: Counter[str] = Counter()
    for row in table.rows:
        terms = set(table.expand(row.terms))
        yield from _row(row, terms)
        yield from _strangers(row, terms)
        if row.importer.startswith("modules."):
            homes.update(_libraries(terms))
    for library, count in homes.items():
        if count > 1 and library not in ADAPTER | SEVERAL_HOMES | {"@stdlib"}:
            yield f"{library} has {count} homes"
    missing = {*CORE, "modules.{m}.module", "modules.{m}.adapters.{a}"}
    if lost := missing - {row.importer for row in table.rows}:
        yield f"rows are missing: {sorted(lost)}"


def _row(row: Row, terms: set[str]) -> Iterator[str]:
    name = row.importer
    if name in CORE:
        pure = {term for term in terms if term in sys.stdlib_module_names}
        if terms - pure != CORE[name] or pure & WORLD:
            yield f"row {name} allows {sorted((terms - pure) ^ CORE[name] | pure & WORLD)}"
    elif ".adapters." in name and name.startswith("modules."):
        if not {term for term in terms if "." in term or term[0] in "=*@"} <= ADAPTER | {name}:
            yield f"row {name} reaches further than an adapter may"
    elif name == "modules.{m}.module":
        wanted = {"modules.{m}", "modules.*.public", "shared_kernel", "dependency_injector"}
        if terms != wanted | {"@stdlib"}:
            yield f"row {name} allows {sorted(terms)}"
    else:
        yield from _outer_row(name, terms)


def _strangers(row: Row, terms: set[str]) -> Iterator[str]:
    for library, homes in HOMES.items():
        if row.importer.startswith("modules.") and library in terms and row.importer not in homes:
            yield f"{library} is at home in {sorted(homes)}, not in {row.importer}"


def _outer_row(name: str, terms: set[str]) -> Iterator[str]:
    top = name.partition(".")[0]
    allowed = {
        "shared_kernel": {"shared_kernel"},
        "bootstrap": {"bootstrap", "shared_kernel"},
        "migrations": {"bootstrap", "shared_kernel", "migrations"},
    }.get(top)
    if allowed is None:
        if top not in {"tests", "benchmarks"}:
            yield f"row {name} is new here: no module may be told apart by name"
        return
    reached = {term.partition(".")[0] for term in terms}
    if (reached & ROOTS) - allowed or "**" in terms:
        yield f"row {name} reaches {sorted(reached & ROOTS)}"
    if ("=modules" in terms and name not in LOADING) or (LOADERS & terms and name not in LOADING):
        yield f"row {name} may load code by name"


def _libraries(terms: set[str]) -> set[str]:
    return {term for term in terms if "." not in term and term not in sys.stdlib_module_names}
