"""What was given beyond the catalog's own rules: scoped roles, shares, policies."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.catalog.shop import (
    PRODUCTS,
    category,
    draft,
    listed,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.people import People, Person

ACCESS = "/v1/access"
DENIED = (403, "permission_denied")


async def made(person: Person, what: str, **body: Any) -> httpx2.Response:
    """Make something of access."""
    answer = await person.http.post(f"{ACCESS}/{what}", json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def share(owner: Person, product_id: str, action: str, other: Person) -> None:
    """Let somebody do something with one product."""
    permission = f"catalog.products.{action}"
    await made(
        owner,
        "grants",
        resource="catalog.products",
        object_id=product_id,
        permission=permission,
        account_id=str(other.id),
    )


async def actions(person: Person, place: str) -> list[str]:
    """Return what somebody is told they may do with a product."""
    answer = await person.http.get(place, params={"include": "allowed_actions"})
    told: list[str] = answer.json()["allowed_actions"]
    return told


async def test_an_editor_of_a_category_edits_in_it_and_nowhere_else(people: People) -> None:
    boss, person = await people.register("administrator"), await people.register()
    mine, other = [(await category(boss.http)).json()["id"] for _ in range(2)]
    await made(boss, "assignments", account_id=str(person.id), role="editor", scope=mine)
    for category_id in (None, other):
        answer = await person.http.post(PRODUCTS, json=product_body(category_id=category_id))
        assert problem(answer) == DENIED
    drafted = await draft(person.http, category_id=mine)
    place = drafted.headers["location"]
    moved = await person.http.patch(place, json={"category_id": other}, headers=tag(drafted))
    assert problem(moved) == DENIED
    assert (await person.http.get(place)).json() == drafted.json()
    renamed = await person.http.patch(place, json={"name": "Quoin"}, headers=tag(drafted))
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Quoin")


async def test_what_was_shared_is_seen_and_changed_as_far_as_it_was_shared(people: People) -> None:
    owner, friend = await people.register("editor"), await people.register()
    drafted = await draft(owner.http)
    id, place = drafted.json()["id"], drafted.headers["location"]
    assert (await friend.http.get(place)).status_code == 404
    await share(owner, id, "read", friend)
    assert await actions(friend, place) == ["read"]
    assert [one["id"] for one in await listed(friend.http, PRODUCTS, status="draft")] == [id]
    change = {"name": "Ours"}
    assert problem(await friend.http.patch(place, json=change, headers=tag(drafted))) == DENIED
    await share(owner, id, "write", friend)
    assert await actions(friend, place) == ["read", "write"]
    changed = await friend.http.patch(place, json=change, headers=tag(drafted))
    assert (changed.status_code, changed.json()["name"]) == (200, "Ours")
    assert problem(await friend.http.post(f"{place}/publish")) == DENIED


async def test_what_a_policy_hides_is_in_no_list_and_no_count(
    people: People, client: httpx2.AsyncClient
) -> None:
    boss, owner = await people.register("administrator"), await people.register("editor")
    hidden, shown = await publish(owner.http), await publish(owner.http)
    id = hidden.json()["id"]
    policy = await made(
        boss,
        "policies",
        name="recalled",
        effect="deny",
        anyone=True,
        permissions=["catalog.products.read"],
        when={"attribute": "resource.id", "op": "eq", "value": id},
    )
    for http in (client, owner.http, boss.http):
        assert problem(await http.get(f"{PRODUCTS}/{id}"))[0] == 404
        page = (await http.get(PRODUCTS, params={"include_total": True})).json()
        assert ([one["id"] for one in page["items"]], page["total"]) == ([shown.json()["id"]], 1)
    gone = await boss.http.delete(
        f"{ACCESS}/policies/{policy.json()['id']}", headers={"If-Match": policy.headers["etag"]}
    )
    assert gone.status_code == 204, gone.text
    assert len(await listed(client, PRODUCTS)) == 2
