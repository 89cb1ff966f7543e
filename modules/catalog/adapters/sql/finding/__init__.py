"""Finds products in PostgreSQL: by words, by likeness, and by how their names begin."""

from modules.catalog.adapters.sql.finding.finding import SqlFindingQueries

__all__ = ["SqlFindingQueries"]
