"""Lists of every module tell how long they are, when they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.kit.people import People


def counted(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the lists that can be counted and ask for nothing else."""
    for path, routes in document["paths"].items():
        parameters = routes.get("get", {}).get("parameters", [])
        if any(one["required"] for one in parameters):
            continue
        if any(one["name"] == "include_total" for one in parameters):
            yield path


async def test_every_list_is_counted_on_request_only(
    document: Mapping[str, Any], people: People
) -> None:
    boss = await people.register("administrator")
    paths = list(counted(document))
    assert len(paths) > 5
    for path in paths:
        page = (await boss.http.get(path, params={"include_total": True})).json()
        assert page.get("total_capped") is False, (path, page)
        assert page["total"] == len(page["items"]) or page["next_cursor"], path
        assert "total" not in (await boss.http.get(path)).json(), path
