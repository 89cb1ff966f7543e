"""A small world with random rules, to change and to look at."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from modules.access.application.administering.versions import RulebookService
from modules.access.application.explaining.assuming import Assume
from modules.access.application.rulebook.changing import ChangePolicy
from modules.access.application.rulebook.reading import read_rulebook
from modules.access.application.rulebook.revising import Revision
from modules.access.application.rulebook.rulebooks import document_of
from modules.access.application.simulation.changes import patched
from modules.access.domain import Assignment, ObjectGrant
from modules.access.ports import AccessTransaction
from shared_kernel.application import Authorizer, Clock, PermissionCatalogue
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.catalog import shop
from tests.catalog.objects import make_product
from tests.kit.people import People, Person

PRODUCTS = "catalog.products"
ACTIONS = tuple(f"{PRODUCTS}.{one}" for one in ("read", "write", "publish"))
MORE_ACTIONS = tuple(f"{PRODUCTS}.{one}" for one in ("share", "stock", "reserve"))
OTHERS = (
    f"{PRODUCTS}.manage",
    "access.roles.read",
    "audit.events.read",
    "catalog.categories.write",
)
ROLES = ("viewer", "editor", "clerk", "chief")

Happening = tuple[AccountId | None, str]
"""To whom (None: a stranger), with which permission."""


def when(value: Any, path: str = "resource.status", op: str = "eq") -> dict[str, Any]:
    return {"attribute": path, "op": op, "value": value}


OWN = {"attribute": "resource.owner_id", "op": "eq", "other": "caller.id"}
FOREIGN = {"attribute": "resource.owner_id", "op": "ne", "other": "caller.id"}
SURE: tuple[dict[str, Any], ...] = (
    {"all": []},
    when(True, "caller.verified"),
    when(True, "caller.second_factor"),
)


@dataclass
class World:
    """Accounts, products, and a dice."""

    app: FastAPI
    dice: random.Random
    accounts: list[AccountId]
    category: UUID
    products: list[UUID] = field(default_factory=list[UUID])

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def condition(self) -> dict[str, Any]:
        """Return a condition on products."""
        one = self.dice.choice(self.accounts)
        leaves: list[dict[str, Any]] = [
            *SURE,
            OWN,
            FOREIGN,
            when("draft"),
            when(["draft", "archived"], op="in"),
            when(str(one), "caller.id"),
            when(str(one), "resource.owner_id"),
            when("editor", "caller.roles", "has"),
            when(40, "resource.amount", "lt"),
            when(str(self.category), "resource.category_id"),
        ]
        chosen = self.dice.sample(leaves, k=self.dice.randint(1, 3))
        if self.dice.random() < 0.3:
            return {"not": {"all": chosen}}
        return {self.dice.choice(["all", "any"]): chosen}

    def policy(self) -> dict[str, Any]:
        """Return a policy on products, or on what has no objects."""
        of_objects = self.dice.random() < 0.7
        names = ACTIONS if of_objects else OTHERS[1:]
        anyone = self.dice.random() < 0.3
        return {
            "effect": self.dice.choice(["allow", "allow", "deny"]),
            "anyone": anyone,
            "roles": [] if anyone else self.dice.sample(ROLES, k=2),
            "permissions": self.dice.sample(names, k=self.dice.randint(1, 2)),
            "when": self.condition() if of_objects else self.dice.choice(SURE),
            "enabled": self.dice.random() < 0.9,
        }

    def patch(self) -> dict[str, Any]:
        """Return a change of roles and policies."""
        permissions = [*ACTIONS, *OTHERS]
        role = self.dice.choice(["editor", "clerk", "chief"])
        rules: dict[str, Any] = {
            "permissions": sorted(self.dice.sample(permissions, k=self.dice.randint(0, 4))),
            "inherits": ["clerk"] if role == "chief" and self.dice.random() < 0.5 else [],
            "requires_second_factor": self.dice.random() < 0.2,
        }
        policies: dict[str, Any] = {
            f"policy-{self.dice.randint(1, 4)}": self.policy() if self.dice.random() < 0.8 else None
        }
        return {"roles": {role: rules}, "policies": policies}

    def assignments(self) -> list[dict[str, Any]]:
        """Return that an account holds a role, everywhere or for one category; often two of them.

        Accounts that hold the same are simulated together.
        """
        number = self.dice.randrange(len(self.accounts))
        numbers = (number, number ^ 1) if self.dice.random() < 0.8 else (number,)
        given = {
            "role": self.dice.choice(ROLES),
            "scope": self.dice.choice(["", "", str(self.category), "nowhere"]),
        }
        return [{"account_id": str(self.accounts[one]), **given} for one in numbers]

    def shares(self) -> list[dict[str, Any]]:
        """Return that a product is shared."""
        whom: dict[str, Any] = {"account_id": str(self.dice.choice(self.accounts))}
        if self.dice.random() < 0.3:
            whom = {"role": self.dice.choice(ROLES)}
        given = {
            "resource": PRODUCTS,
            "object_id": str(self.dice.choice(self.products)),
            "permission": self.dice.choice(ACTIONS),
        }
        return [{**given, **whom}]

    def change(self) -> dict[str, Any]:
        """Return a random change of everything that can be changed."""
        made: dict[str, Any] = {}
        for name, some in (
            ("assign", self.assignments),
            ("withdraw", self.assignments),
            ("share", self.shares),
            ("unshare", self.shares),
        ):
            if self.dice.random() < 0.4:
                made[name] = some()
        if self.dice.random() < 0.7 or not made:
            made["policy"] = self.patch()
        return made

    async def make(self, change: Mapping[str, Any]) -> None:
        """Make a change for real."""
        changing = self.services.get(ChangePolicy)
        async with changing() as tx:
            await tx.change_policy()
            document = document_of((await tx.rules()).book)
            await self._take(tx, change)
        async with changing() as tx:
            await tx.change_policy()
            await self._give(tx, change)
        if "policy" in change:
            wanted = read_rulebook(patched(document, change["policy"]))
            await self.services.get(RulebookService).apply(wanted, Revision(force=True))

    async def _take(self, tx: AccessTransaction, change: Mapping[str, Any]) -> None:
        for given in change.get("withdraw", ()):
            wanted = await self._assigned(tx, given)
            held = await tx.assignments.find(wanted.account_id, wanted.role_id, wanted.scope)
            if held is not None:
                await tx.assignments.remove(held)
        for given in change.get("unshare", ()):
            known = await tx.grants.equal_to(await self._granted(tx, given))
            if known is not None:
                await tx.grants.remove(known)

    async def _give(self, tx: AccessTransaction, change: Mapping[str, Any]) -> None:
        for given in change.get("assign", ()):
            wanted = await self._assigned(tx, given)
            held = await tx.assignments.find(wanted.account_id, wanted.role_id, wanted.scope)
            if held is None:
                tx.assignments.add(wanted)
        for given in change.get("share", ()):
            grant = await self._granted(tx, given)
            if await tx.grants.equal_to(grant) is None:
                tx.grants.add(grant)

    async def _assigned(self, tx: AccessTransaction, given: Mapping[str, Any]) -> Assignment:
        return Assignment(
            account_id=AccountId(UUID(given["account_id"])),
            role_id=(await tx.roles.named(given["role"])).id,
            scope=given["scope"],
            assigned_at=self.services.get(Clock).now(),
        )

    async def _granted(self, tx: AccessTransaction, given: Mapping[str, Any]) -> ObjectGrant:
        account_id = given.get("account_id")
        return ObjectGrant(
            resource=PRODUCTS,
            object_id=UUID(given["object_id"]),
            permission=given["permission"],
            account_id=account_id and AccountId(UUID(account_id)),
            role_id=(await tx.roles.named(given["role"])).id if "role" in given else None,
            granted_by=self.accounts[0],
            granted_at=self.services.get(Clock).now(),
        )

    async def observed(self) -> tuple[set[Happening], dict[Happening, set[UUID]]]:
        """Ask about everybody, every permission and every product, one by one."""
        decides, now = self.services.get(Authorizer), self.services.get(Clock).now()
        names = [one.name for one in self.services.get(PermissionCatalogue).permissions]
        read = self.services.get(ResourceCatalogue).objects[PRODUCTS]()
        products: Mapping[UUID, Facts] = await read.attributes(self.products)
        held, may = set[Happening](), dict[Happening, set[UUID]]()
        for account in (None, *self.accounts):
            caller = None if account is None else Assume().caller(account, now)
            for name in names:
                if caller is not None and decides.permits(caller, name):
                    held.add((account, name))
            for action in (*ACTIONS, *MORE_ACTIONS):
                may[account, action] = {
                    id for id, facts in products.items() if decides.allows(caller, action, facts)
                }
        return held, may


async def a_world(app: FastAPI, people: People, seed: int) -> tuple[World, Person]:
    """Return accounts with roles of every kind, and their products."""
    persons = [await people.register() for _ in range(7)]
    administrator = await people.register(role="administrator")
    for name in ("clerk", "chief"):
        body: dict[str, Any] = {"name": name, "permissions": []}
        assert (await administrator.http.post("/v1/access/roles", json=body)).status_code == 201
    dice = random.Random(seed)  # noqa: S311 - the same each time
    category = UUID((await shop.category(administrator.http)).json()["id"])
    world = World(app, dice, [one.id for one in (*persons, administrator)], category)
    for owner in world.accounts[:5]:
        for public, place in ((True, None), (False, category), (False, None)):
            world.products.append(await make_product(world.services, owner, public, place))
    for _ in range(12):
        await world.make({"assign": world.assignments(), "share": world.shares()})
    return world, administrator
