"""Check `request-path`: what costs a thread hop, a held connection or a lock on every request.

A synchronous endpoint or dependency runs in a thread (70 to 160 us); a `yield` dependency holds
its session until the response is sent; BaseHTTPMiddleware wraps every body in a task.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from bootstrap.boundaries.callables import Function, Functions
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.notify import notified_inside_a_transaction
from bootstrap.boundaries.sources import Source, called_name, name_of

_VERBS = frozenset(
    {"api_route", "delete", "get", "head", "options", "patch", "post", "put", "trace", "websocket"}
)
_DECIDES = frozenset({"batch_enforce", "enforce", "enforce_ex"})
_SUSPECT = re.compile(
    rf"@\w+\.(?:{'|'.join(sorted(_VERBS))})\b|\bDepends\b|\bSecurity\b|BaseHTTPMiddleware"
    rf"|\bmiddleware\(|\b(?:{'|'.join(sorted(_DECIDES))})\b|notify",
    re.IGNORECASE,
)


def request_path(sources: Sequence[Source]) -> Iterator[Finding]:
    """Every breach of the rules of the request path in the shipped packages."""
    functions = Functions(sources)
    for source in sources:
        if not source.mentions(_SUSPECT):
            continue
        for node in source.nodes:
            yield from _endpoints(source, node)
            yield from _dependencies(source, node, functions)
            yield from _costly_parts(source, node)
        yield from notified_inside_a_transaction(source)


def _endpoints(source: Source, node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.FunctionDef) and any(map(_is_route, node.decorator_list)):
        yield Finding(source.at(node), f"endpoint {node.name} is synchronous")


def _is_route(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in _VERBS
    )


def _dependencies(source: Source, node: ast.AST, functions: Functions) -> Iterator[Finding]:
    if not isinstance(node, ast.Call) or called_name(node) not in {"Depends", "Security"}:
        return
    given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "dependency")]
    for argument in given:
        fault = _fault(functions.named(source, argument), argument)
        if fault:
            yield Finding(source.at(node), f"dependency {ast.unparse(argument)} {fault}")


def _fault(function: Function | None, argument: ast.expr) -> str:
    if isinstance(argument, ast.Lambda):
        return "is synchronous"
    if isinstance(argument, ast.Subscript) and name_of(argument.value) == "Provide":
        return "asks dependency-injector on every request: say use(Type)"
    if function is None:
        return ""
    if function.yields:
        return "is a generator: it ends after the response was sent"
    return "" if function.is_async else "is synchronous"


def _costly_parts(source: Source, node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Name | ast.Attribute) and name_of(node) == "BaseHTTPMiddleware":
        yield Finding(source.at(node), "BaseHTTPMiddleware: write a plain ASGI middleware")
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "middleware" and _is_text(node.args, "http"):
        yield Finding(source.at(node), "@middleware('http') is BaseHTTPMiddleware")
    if node.func.attr in _DECIDES and ".adapters.casbin" not in source.name:
        yield Finding(source.at(node), "Enforcer.enforce: decisions are asked of the Authorizer")


def _is_text(arguments: list[ast.expr], text: str) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value == text
