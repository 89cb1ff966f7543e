"""Check `sql`: text that is SQL speaks of the module's own schema, with names written out."""

import ast
import logging
import re
from collections.abc import Iterator

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application
from bootstrap.boundaries.loaded.sql_names import Names
from bootstrap.boundaries.sources import Source, name_of, read_sources

_SQL = re.compile(
    r"^[\s(]*(select|insert\s+into|update|delete\s+from|merge\s+into|truncate|alter|create|drop"
    r"|set\s+(?:local|session|search_path)|grant|revoke|copy|with|lock|comment\s+on|refresh|call|explain|do)\b",
    re.IGNORECASE,
)
_BEFORE_A_TABLE = r"\b(?:from|join|into|(?<!for )update|table|references|only|truncate)\s+"
_COMPUTED = re.compile(_BEFORE_A_TABLE + r"(?:\w+\.)?(?:$|\{|%\(|%s)", re.IGNORECASE)
_PATH = re.compile(r"\bsearch_path\b", re.IGNORECASE)
_SCHEMA_WORDS = frozenset({"referent_schema", "schema", "source_schema", "table_schema"})


def sql(application: Application) -> Iterator[Finding]:
    """Another schema's tables and functions in SQL text, keys, and metadata."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it warns of what it cannot parse
    for source in read_sources(application.root, ["modules", "migrations"]):
        if source.module in application.schemas:
            yield from _Judge(source, Names(application, source.module)).findings()


class _Judge:
    def __init__(self, source: Source, names: Names) -> None:
        self._source, self._names = source, names

    def findings(self) -> Iterator[Finding]:
        for text in self._source.strings():
            yield from self._text(text, str(text.value))
        for node in self._source.nodes:
            if isinstance(node, ast.JoinedStr):
                yield from self._text(node, _with_holes(node))
            elif isinstance(node, ast.Call):
                yield from self._keywords(node)
            elif isinstance(node, ast.Subscript):
                yield from self._looked_up(node)

    def _text(self, node: ast.expr, text: str) -> Iterator[Finding]:
        if foreign := self._names.spelled(text):
            yield self._finding(node, f"names {foreign} of another module")
        for foreign in self._names.after_keyword(text):
            yield self._finding(node, f"SQL touches {foreign}")
        if _SQL.search(text):
            for foreign in self._names.in_statement(text):
                yield self._finding(node, f"SQL touches {foreign}")
            if _COMPUTED.search(text):
                yield self._finding(node, "SQL with a computed table or schema")
            if _PATH.search(text):
                yield self._finding(node, "SQL that changes the search path")

    def _keywords(self, call: ast.Call) -> Iterator[Finding]:
        for keyword in call.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg in _SCHEMA_WORDS and value in self._names.others:
                yield self._finding(call, f"{keyword.arg} is {value!r}")
            if keyword.arg == "autoload_with":
                yield self._finding(call, "a table read from the database: declare it")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "reflect":
            yield self._finding(call, "tables read from the database: declare them")

    def _looked_up(self, node: ast.Subscript) -> Iterator[Finding]:
        is_tables = isinstance(node.value, ast.Attribute) and name_of(node.value) == "tables"
        if is_tables and not isinstance(node.slice, ast.Constant):
            yield self._finding(node, "a table looked up by a computed name")

    def _finding(self, node: ast.expr, what: str) -> Finding:
        return Finding(self._source.at(node), what)


def _with_holes(node: ast.JoinedStr) -> str:
    """The text of an f-string, `{}` where a value goes."""
    pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
    return "".join(map(str, pieces))
