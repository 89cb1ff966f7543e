"""Parameters that can be read without the framework: single values, known when a route is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from fastapi import Request, params
from fastapi.dependencies.models import Dependant

SINGLE = (str, int, float, Decimal, UUID, date, datetime, Enum, NoneType)

Source = Callable[[Request], Mapping[str, Any]]


class NotForUs(Exception):
    """The framework has to do it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of the path, the query or the headers. `validate` returns a value and errors."""

    name: str
    key: str
    validate: Callable[[Any], tuple[Any, list[dict[str, Any]]]]
    required: bool
    default: Any


Sources = tuple[tuple[Source, tuple[Parameter, ...]], ...]


def _path(request: Request) -> Mapping[str, Any]:
    return request.path_params


def _query(request: Request) -> Mapping[str, Any]:
    return dict(request.query_params) if request.scope["query_string"] else {}


def _headers(request: Request) -> Mapping[str, Any]:
    return request.headers


def sources_of(dependant: Dependant) -> Sources:
    """Return where the parameters of a call are, and which. Raises NotForUs."""
    read: list[tuple[Source, list[Any]]] = [
        (_path, dependant.path_params),
        (_query, dependant.query_params),
        (_headers, dependant.header_params),
    ]
    return tuple((source, tuple(map(_parameter, ones))) for source, ones in read if ones)


def _parameter(declared: Any) -> Parameter:
    """Return what to know of a parameter, whose type the framework keeps to itself."""
    info, default, key = declared.field_info, declared.get_default(), declared.alias
    if not isinstance(info, params.Param) or not _is_single(info.annotation):
        raise NotForUs
    if info.validation_alias not in {None, key} or info.validate_default:
        raise NotForUs
    if not (info.is_required() or isinstance(default, SINGLE)):
        raise NotForUs
    return Parameter(declared.name, key, declared.validate, info.is_required(), default)


def _is_single(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_single(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return all(map(_is_single, get_args(annotation)))
    return origin is Literal or (isinstance(annotation, type) and issubclass(annotation, SINGLE))
