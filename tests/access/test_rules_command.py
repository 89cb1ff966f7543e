"""`app access role` and `app access policy`: the rules one by one, checked like any change."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters import cli
from tests.access.test_http_assignments import may
from tests.kit.commands import Type, typing_over
from tests.kit.people import People
from tests.kit.ruling import (
    AUDIT,
    POLICIES,
    READ_POLICIES,
    READ_ROLES,
    VERSIONS,
    WRITE_POLICIES,
    WRITE_ROLES,
    make_policy,
    make_role,
    role_named,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

DRAFTS = {"attribute": "resource.status", "op": "eq", "value": "draft"}


@pytest_asyncio.fixture
async def type_in(app: FastAPI) -> Type:
    """Type a command."""
    return typing_over(app)


async def typed(type_in: Type, *words: str) -> Any:
    """Type `app access ...`, which has to be done, and return what it told as JSON."""
    done = await type_in(cli.access, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def test_a_role_is_made_shown_changed_and_deleted(type_in: Type, people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    made = await typed(
        type_in, "role", "create", "clerk", "--permission", READ_ROLES, "--inherits", "viewer"
    )
    assert (made["permissions"], made["inherits"]) == ([READ_ROLES], ["viewer"])
    assert "clerk" in [one["name"] for one in await typed(type_in, "role", "list")]
    assert (await type_in(cli.access, "assign", person.email, "clerk")).exit_code == 0
    assert await may(person, READ_ROLES)
    changed = await typed(
        type_in,
        *("role", "change", "clerk", "--add", AUDIT, "--remove", READ_ROLES),
        *("--disinherit", "viewer", "--reason", "They keep the log."),
    )
    assert (changed["permissions"], changed["inherits"]) == ([AUDIT], [])
    assert (await may(person, AUDIT), await may(person, READ_ROLES)) == (True, False)
    assert await typed(type_in, "role", "show", "clerk") == changed
    (newest, *_) = (await administrator.http.get(VERSIONS)).json()["items"]
    assert (newest["reason"], newest["author_id"]) == ("They keep the log.", None)
    in_use = await type_in(cli.access, "role", "delete", "clerk")
    assert (in_use.exit_code, "withdraw" in in_use.stderr) == (3, True)
    await type_in(cli.access, "withdraw", person.email, "clerk")
    assert await typed(type_in, "role", "delete", "clerk") == {"name": "clerk"}
    assert (await type_in(cli.access, "role", "show", "clerk")).exit_code == 4


async def test_a_role_that_needs_a_second_factor_is_made_to_and_not_to(
    type_in: Type, people: People
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", READ_ROLES)
    await typed(type_in, "role", "change", "clerk", "--second-factor")
    shown = await type_in(cli.access, "role", "show", "clerk")
    assert shown.stdout.splitlines() == ["clerk (only with a second factor)", f"  {READ_ROLES}"]
    assert (await role_named(administrator, "clerk"))["permissions"] == [READ_ROLES]
    told = await typed(type_in, "role", "change", "clerk", "--no-second-factor")
    assert not told["requires_second_factor"]


async def test_a_policy_is_made_shown_changed_and_deleted(type_in: Type, people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    words = ("policy", "create", "drafts", "--effect", "allow", "--role", "editor")
    made = await typed(
        type_in, *words, "--permission", "catalog.products.read", "--when", json.dumps(DRAFTS)
    )
    assert (made["roles"], made["anyone"], made["when"]) == (["editor"], False, DRAFTS)
    words = ("policy", "change", "drafts", "--role", "viewer", "--permission", AUDIT)
    wide = ("--when", '{"all": []}', "--description", "Who reads the log.")
    changed = await typed(type_in, *words, *wide)
    assert (changed["roles"], changed["permissions"]) == (["viewer"], [AUDIT])
    assert await may(person, AUDIT)
    assert not (await typed(type_in, "policy", "change", "drafts", "--disable"))["enabled"]
    assert not await may(person, AUDIT)
    told = await type_in(cli.access, "policy", "show", "drafts")
    assert told.stdout.splitlines() == [
        f"drafts: allow {AUDIT} for viewer (disabled)",
        '  when {"all": []}',
        "  Who reads the log.",
    ]
    listed = await typed(type_in, "policy", "list")
    assert [one["name"] for one in listed] == ["drafts"]
    assert (await administrator.http.get(POLICIES)).json()["items"][0]["roles"] == ["viewer"]
    assert await typed(type_in, "policy", "delete", "drafts") == {"name": "drafts"}
    assert await typed(type_in, "policy", "list") == []


async def test_an_author_gives_no_more_than_they_hold(type_in: Type, people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "warden", WRITE_ROLES, READ_ROLES, WRITE_POLICIES, READ_POLICIES)
    warden = await people.register(role="warden")
    by = ("--author", warden.email)
    for words in (
        ("role", "create", "spy", "--permission", AUDIT),
        ("role", "change", "warden", "--add", AUDIT),
        ("policy", "create", "spy", "--effect", "allow", "--anyone", "--permission", AUDIT),
    ):
        refused = await type_in(cli.access, *words, *by)
        assert (refused.exit_code, AUDIT in refused.stderr) == (4, True), (words, refused.output)
    await typed(type_in, "role", "create", "lookout", "--permission", READ_ROLES, *by)
    (newest, *_) = (await administrator.http.get(VERSIONS)).json()["items"]
    assert newest["author_id"] == str(warden.id)


async def test_who_would_lock_everybody_out_has_to_force_it(type_in: Type, people: People) -> None:
    await people.register(role="administrator")
    words = ("policy", "create", "lock", "--effect", "deny", "--anyone")
    refused = await type_in(cli.access, *words, "--permission", WRITE_ROLES)
    assert (refused.exit_code, "no administrator" in refused.stderr) == (3, True)
    await typed(type_in, *words, "--permission", WRITE_ROLES, "--force")


async def test_an_author_who_would_lock_themselves_out_has_to_force_it(
    type_in: Type, people: People
) -> None:
    administrator = await people.register(role="administrator")
    keeper = await make_role(administrator, "keeper", WRITE_ROLES, READ_ROLES)
    warden = await people.register(role="keeper")
    words = ("role", "change", keeper["name"], "--remove", WRITE_ROLES, "--author", warden.email)
    refused = await type_in(cli.access, *words)
    assert (refused.exit_code, "you would lose" in refused.stderr) == (3, True)
    await typed(type_in, *words, "--force")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("role", "show", "emperor"), 4, "no such role"),
        (("role", "change", "emperor", "--add", AUDIT), 4, "no such role"),
        (("role", "change", "editor", "--add", "shop.carts.fly"), 4, "no module declares"),
        (("role", "change", "administrator", "--add", AUDIT), 3, "administrator"),
        (("role", "delete", "editor"), 3, "comes with the system"),
        (("role", "create", "Emperor"), 4, "lower-case"),
        (("role", "create", "clerk", "--reason", "two\nlines"), 4, "one line"),
        (("role", "create", "clerk", "--author", "nobody@example.com"), 4, "no open account"),
        (("policy", "show", "nothing"), 4, "no such policy"),
        (("policy", "create", "log", "--effect", "maybe"), 2, "maybe"),
        (("policy", "create", "log", "--effect", "deny", "--anyone"), 4, "at least one"),
        (("policy", "create", "log", "--effect", "deny", "--permission", AUDIT), 4, "name roles"),
        (("policy", "change", "log", "--when", "[]"), 2, "object of JSON"),
        (("policy", "change", "log", "--when", "{"), 2, "object of JSON"),
        (("policy", "change", "log", "--when", '{"attribute": 1}'), 4, ""),
        (("policy", "change", "log", "--description", "two\nlines"), 4, "one line"),
    ],
)
async def test_what_is_wrong_is_told_in_one_line(
    type_in: Type, people: People, words: tuple[str, ...], code: int, message: str
) -> None:
    administrator = await people.register(role="administrator")
    await make_policy(administrator, "log", "allow", AUDIT)
    refused = await type_in(cli.access, *words)
    assert refused.exit_code == code, refused.output
    assert message in refused.stderr
    assert refused.stdout == ""
