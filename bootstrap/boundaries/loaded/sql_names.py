"""Finds the tables and functions of other schemas in a piece of SQL."""

import re
from collections.abc import Iterator

from bootstrap.boundaries.loaded.application import Application

_HOLE = re.compile(r"\{[^}]*\}")


class Names:
    """What belongs to others, seen from one module."""

    def __init__(self, application: Application, own: str) -> None:
        self.others = application.schemas - {own}
        self._own = own
        self._tables = {schema: application.tables[schema] for schema in self.others}
        self._mine = frozenset(application.tables[own])
        schemas = "|".join(map(re.escape, sorted(self.others)))
        self._spelled = re.compile(rf"({schemas})\.(\w+)(?:\.(\w+))?")
        self._after_keyword = re.compile(
            rf"\b(?:from|join|into|update|table|references|only|truncate|copy|lock|on|using|call"
            rf"|function|procedure|view|sequence)\s+\"?({schemas})\"?\.\"?(\w+)",
            re.IGNORECASE,
        )

    def spelled(self, text: str) -> str | None:
        """The table a text names and does nothing else, as `metadata.tables` and keys do."""
        match = self._spelled.fullmatch(text)
        if match is None:
            return None
        table = self._tables[match[1]].get(match[2])
        named = table is not None and (match[3] is None or match[3] in table.columns)
        return f"{match[1]}.{match[2]}" if named else None

    def after_keyword(self, text: str) -> Iterator[str]:
        """Names of other schemas in pieces of SQL too small to parse."""
        for match in self._after_keyword.finditer(text):
            yield f"{match[1]}.{match[2]}"

    def in_statement(self, text: str) -> Iterator[str]:
        """Tables and functions of other schemas, with or without the schema written."""
        import sqlglot  # noqa: PLC0415 - a test dependency, and slow to import
        from sqlglot import exp  # noqa: PLC0415 - the same
        from sqlglot.errors import SqlglotError  # noqa: PLC0415 - the same

        try:
            statements = sqlglot.parse(_HOLE.sub("hole", text), dialect="postgres")
        except SqlglotError:
            return
        for statement in statements:
            if statement is not None:
                known = {expression.alias for expression in statement.find_all(exp.CTE)}
                for table in statement.find_all(exp.Table):
                    yield from self._table(table.text("db"), table.name, known)
                for dot in statement.find_all(exp.Dot):
                    if isinstance(dot.expression, exp.Func) and dot.this.name in self.others:
                        yield f"{dot.this.name}.{dot.expression.name}()"

    def _table(self, schema: str, name: str, known: set[str]) -> Iterator[str]:
        if schema in self.others:
            yield f"{schema}.{name}"
        if not schema and name not in known | self._mine:
            for other, tables in self._tables.items():
                if name in tables:
                    yield f"{other}.{name}, without naming its schema"
