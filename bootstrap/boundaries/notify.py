"""NOTIFY inside a write transaction: commits queue behind one lock, a third of them per second."""

import ast
import re
from collections.abc import Iterator, Mapping

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import Source, called_name, name_of

_NOTIFY = re.compile(r"\bpg_notify\s*\(|^\s*notify\s+\w", re.IGNORECASE)
_SESSIONS = frozenset({"_session", "session", "transaction", "tx"})
_OPENS = frozenset({"begin", "begin_nested", "transaction"})
_WRITES = ("Repository", "UnitOfWork")


def notified_inside_a_transaction(source: Source) -> Iterator[Finding]:
    """Every NOTIFY that runs on a session, inside `begin()`, or in a migration's trigger."""
    texts = [node for node in source.strings() if _NOTIFY.search(str(node.value))]
    if not texts:
        return
    parents = {child: node for node in source.nodes for child in ast.iter_child_nodes(node)}
    for use in [*texts, *_uses(source, texts, parents)]:
        if source.name.startswith("migrations.") or _writes(use, parents):
            yield Finding(source.at(use), "NOTIFY inside a write transaction: signal after commit")


def _uses(
    source: Source, texts: list[ast.Constant], parents: Mapping[ast.AST, ast.AST]
) -> Iterator[ast.Name]:
    """Where the constants that hold such a text are used."""
    names = {
        target.id
        for text in texts
        for holder in _above(text, parents)
        if isinstance(holder, ast.Assign)
        for target in holder.targets
        if isinstance(target, ast.Name)
    }
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            yield node


def _writes(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    return any(_is_write(above) for above in _above(node, parents))


def _is_write(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return name_of(node.func.value) in _SESSIONS
    if isinstance(node, ast.With | ast.AsyncWith):
        opened = [item.context_expr for item in node.items]
        return any(isinstance(call, ast.Call) and called_name(call) in _OPENS for call in opened)
    return isinstance(node, ast.ClassDef) and any(
        name_of(parent).endswith(_WRITES) for parent in node.bases
    )


def _above(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node
