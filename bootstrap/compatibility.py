"""What a change of the API's description would break for those who use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
DEEPEST = 12  # of nested schemas; a tree refers to itself


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Return a line for each thing clients of the old document would miss or have to add."""
    return list(_Comparison(old, new).lines())


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new

    def lines(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method in METHODS:
                if method not in operations:
                    continue
                place = f"{method.upper()} {path}"
                changed = self._new["paths"].get(path, {}).get(method)
                if changed is None:
                    yield f"{place}: is gone"
                else:
                    yield from self._operation(place, operations[method], changed)

    def _operation(self, place: str, old: Document, new: Document) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{place}: is called {new.get('operationId')} now"
        yield from _parameters(place, old, new)
        before, after = (_body(one) for one in (old, new))
        if after is not None:
            yield from self._sent(f"{place} body", before or {}, after, DEEPEST)
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                changed = new["responses"].get(status)
                if changed is None:
                    yield f"{place}: does not answer {status} any more"
                else:
                    yield from self._answered(
                        f"{place} {status}", _schema(answer), _schema(changed), DEEPEST
                    )

    def _sent(self, place: str, old: Document, new: Document, depth: int) -> Iterator[str]:
        """Compare what clients send: nothing new may be required, nothing known refused."""
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        yield from _type(place, old, new)
        known, now = old.get("properties", {}), new.get("properties", {})
        yield from (
            f"{place}: {name} is required now"
            for name in new.get("required", ())
            if name not in old.get("required", ())
        )
        yield from (f"{place}: {name} is not known any more" for name in known if name not in now)
        yield from _enumeration(place, old, new)
        if depth:
            for name in known.keys() & now.keys():
                yield from self._sent(f"{place}/{name}", known[name], now[name], depth - 1)

    def _answered(self, place: str, old: Document, new: Document, depth: int) -> Iterator[str]:
        """Compare what clients read: nothing may be missing."""
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        yield from _type(place, old, new)
        known, now = old.get("properties", {}), new.get("properties", {})
        yield from (f"{place}: {name} is gone" for name in known if name not in now)
        if depth:
            for name in known.keys() & now.keys():
                yield from self._answered(f"{place}/{name}", known[name], now[name], depth - 1)
            if "items" in old and "items" in new:
                yield from self._answered(f"{place}/*", old["items"], new["items"], depth - 1)


def _parameters(place: str, old: Document, new: Document) -> Iterator[str]:
    known = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
    now = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
    for key in known.keys() - now.keys():
        yield f"{place}: the {key[0]} parameter {key[1]} is gone"
    for key, one in now.items():
        if one.get("required") and not known.get(key, {}).get("required"):
            yield f"{place}: the {key[0]} parameter {key[1]} is required now"


def _type(place: str, old: Document, new: Document) -> Iterator[str]:
    if "type" in old and "type" in new and old["type"] != new["type"]:
        yield f"{place}: is of type {new['type']} now, was {old['type']}"


def _enumeration(place: str, old: Document, new: Document) -> Iterator[str]:
    for value in old.get("enum", ()):
        if "enum" in new and value not in new["enum"]:
            yield f"{place}: {value} is not accepted any more"


def _body(operation: Document) -> Document | None:
    return _schema(operation["requestBody"]) if "requestBody" in operation else None


def _schema(holder: Document) -> Document:
    schema: Document = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _resolved(document: Document, schema: Document) -> Document:
    """Follow references, and the one branch of `X or null`."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif branches := [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]:
            if len(branches) != 1:
                return schema
            schema = branches[0]
        else:
            return schema
