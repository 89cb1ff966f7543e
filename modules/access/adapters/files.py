"""The policy as a file of YAML.

Of YAML it takes what JSON knows as well: mappings, lists, texts, numbers, true, false, null. Words
like `yes`, times and anchors stay texts or are refused, so that nothing is read as what it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import yaml

from modules.access.ports import BadFile, Written

MOST_BYTES = 1_000_000

Lines = dict[str, int]


class _Loader(yaml.SafeLoader):
    """Knows the scalars of JSON, and texts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as the library has it


for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
):
    cast("Any", _Loader).add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first)
    )


class YamlFormat:
    """Reads and writes documents as YAML."""

    def read(self, content: bytes) -> Written:
        if len(content) > MOST_BYTES:
            raise BadFile(f"the file is larger than {MOST_BYTES:,} bytes", line=None)
        try:
            return _read(content.decode("utf-8"))
        except UnicodeDecodeError:
            raise BadFile("the file is not UTF-8", line=None) from None
        except RecursionError:
            raise BadFile("the file is nested too deeply", line=None) from None
        except yaml.MarkedYAMLError as error:
            problem, line = error.problem, _line(error.problem_mark)
            raise BadFile(f"this is no YAML: {problem}", line=line) from None
        except (yaml.YAMLError, ValueError) as error:
            raise BadFile(f"this is no YAML: {error}", line=None) from None

    def write(self, document: Mapping[str, object]) -> str:
        return yaml.dump(
            _plain(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )


class _Dumper(yaml.SafeDumper):
    """Puts in quotes whatever another reader of YAML might take for something else than a text."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _read(text: str) -> Written:
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise BadFile("anchors are not used here", line=_line(event.start_mark))
    loader: Any = _Loader(text)  # untyped in parts
    try:
        node: Any = loader.get_single_node()
        if node is None:
            return Written(document={}, lines={})
        lines = dict(_places(node, ""))
        return Written(document=loader.construct_document(node), lines=lines)
    finally:
        loader.dispose()


def _places(node: yaml.Node, at: str) -> Iterator[tuple[str, int]]:
    """Yield the line of everything, by JSON pointer. Raises BadFile where a name comes twice."""
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _places(item, f"{at}/{index}")
    elif isinstance(node, yaml.MappingNode):
        yield from _members(node, at)


def _members(node: yaml.MappingNode, at: str) -> Iterator[tuple[str, int]]:
    seen = set[str]()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise BadFile("a name has to be a text", line=line)
        if key.value in seen:
            raise BadFile(f"{key.value!r} is there twice", line=line)
        seen.add(key.value)
        for place, number in _places(value, f"{at}/{key.value}"):
            yield place, line if place == f"{at}/{key.value}" else number


def _line(mark: Any) -> int | None:  # the library has two kinds of marks
    return None if mark is None else int(mark.line) + 1


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value)
        return {str(name): _plain(one) for name, one in named.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Iterable[object]", value)]
    return value
