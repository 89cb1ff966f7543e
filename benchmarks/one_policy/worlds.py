"""Random policies, accounts and products; what is random is decided by a seed alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from modules.access.adapters.casbin import compile_policy
from modules.access.application.decision.holders import Folding, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.rulebook.vocabulary import attributes_of
from modules.access.ports import StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from modules.catalog.application.guarding import ACTIONS, PRODUCTS
from modules.catalog.domain.product import Status
from modules.catalog.module import module as catalog
from shared_kernel.application import SECOND_FACTOR, Caller, Means
from shared_kernel.application.conditions import Kind
from shared_kernel.domain import AccountId

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ADDRESS = "192.0.2.7"
PRODUCTS_OF_A_WORLD = 24

NAMES = [one.name for one in catalog.permissions]
ROLES = ("viewer", "editor", "clerk", "auditor", "boss")
CURRENCIES = ("EUR", "USD")
TAGS = ("garden", "sawn", "no product has this one")
TEXTS: Mapping[str, Sequence[str]] = {
    "caller.roles": ROLES,
    "caller.methods": ("pwd", SECOND_FACTOR),
    "caller.means": tuple(Means),
    "resource.status": (*Status, "no such status, and longer than the column is wide"),
    "resource.tags": TAGS,
    "resource.currency": (*CURRENCIES, "EURO"),
    "resource.sku": ("S-1", "S-2", "S-3", "s-1", "S-1" + "0" * 100),
}
READABLE = attributes_of(PRODUCTS)

Document = dict[str, object]
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class World:
    """One policy, who there is, and what: `products` are rows, in the order of PRODUCT_COLUMNS."""

    random: Random
    roles: Sequence[StoredRole]
    policies: Sequence[StoredPolicy]
    assignments: Sequence[StoredAssignment]
    grants: Sequence[StoredGrant]
    accounts: Sequence[AccountId]
    products: Sequence[Row]

    def in_force(self) -> PolicyInForce:
        """Return the policy, compiled."""
        names = {one.id: one.name for one in self.roles}
        folding, sharing = Folding(names, ROLES[0]), Sharing(names)
        folding.add(self.assignments)
        sharing.add(self.grants)
        engine = compile_policy(
            self.roles, self.policies, {PRODUCTS.name: PRODUCTS}, frozenset(NAMES)
        )
        return PolicyInForce(1, engine, folding.holders(), sharing.grants(), lambda: NOW)


PRODUCT_COLUMNS = ("id", "version", "sku", "name", "description", "amount", "currency",
                   "category_id", "tags", "owner_id", "status", "created_at",
                   "published_at")  # fmt: skip


def world(seed: int, categories: Sequence[UUID]) -> World:
    """Return the world of a seed; its products stand in these categories, or in none."""
    random = Random(seed)  # noqa: S311 - it shall be the same again
    accounts = [AccountId(_uuid(random)) for _ in range(4)]
    roles = _roles(random)
    products = [
        _product(random, number, accounts, categories) for number in range(PRODUCTS_OF_A_WORLD)
    ]
    ids = [UUID(str(row[0])) for row in products]
    values = Values(random, [*accounts, *categories, ids[0]])
    return World(
        random=random,
        roles=roles,
        policies=[_policy(random, roles, values) for _ in range(random.randint(0, 5))],
        assignments=[
            _assignment(random, accounts, roles, categories) for _ in range(random.randint(0, 8))
        ],
        grants=[_grant(random, accounts, roles, ids) for _ in range(random.randint(0, 16))],
        accounts=accounts,
        products=products,
    )


def caller_of(here: World) -> Caller | None:
    """Return somebody who might look: a stranger, a person, a key, who acts as somebody else."""
    random = here.random
    if random.random() < 0.08:
        return None
    return Caller(
        random.choice(here.accounts),
        UUID(int=1),
        authenticated_at=random.choice([None, NOW - timedelta(seconds=random.randint(0, 900))]),
        methods=frozenset({"pwd", SECOND_FACTOR} if random.random() < 0.5 else {"pwd"}),
        impersonator_id=random.choice(here.accounts) if random.random() < 0.1 else None,
        scope=frozenset(random.sample(NAMES, 3)) if random.random() < 0.1 else None,
        means=random.choice(list(Means)),
        verified=random.random() < 0.7,
    )


@dataclass(frozen=True, slots=True)
class Values:
    """Makes up comparisons, with values that are often met."""

    random: Random
    ids: Sequence[UUID]

    def condition(self, depth: int) -> Document:
        """Return the document of a condition, nested so deep."""
        if depth == 0:
            return self._comparison()
        name = self.random.choice(["all", "any", "not"])
        if name == "not":
            return {"not": self.condition(depth - 1)}
        return {name: [self.condition(depth - 1) for _ in range(self.random.randint(0, 3))]}

    def _comparison(self) -> Document:
        own = [path for path in READABLE if path.startswith("resource.")]
        path = self.random.choice(own if self.random.random() < 0.7 else list(READABLE))
        kind = READABLE[path]
        said: Document = {"attribute": path}
        if kind is Kind.TEXTS:
            return {**said, "op": "has", "value": self._value(path, kind)}
        if kind is Kind.ADDRESS:
            return {**said, "op": "within", "value": [self.random.choice(["192.0.2.0/24", "::/0"])]}
        if kind in {Kind.TEXT, Kind.ID, Kind.NUMBER} and self.random.random() < 0.3:
            count = self.random.randint(0, 6)
            return {**said, "op": "in", "value": [self._value(path, kind) for _ in range(count)]}
        ordered = ["lt", "le", "gt", "ge"] if kind in {Kind.NUMBER, Kind.TIME} else []
        op = self.random.choice(["eq", "ne", *ordered])
        others = [one for one, its in READABLE.items() if its is kind and one != path]
        if others and self.random.random() < 0.3:
            return {**said, "op": op, "other": self.random.choice(others)}
        return {**said, "op": op, "value": self._value(path, kind)}

    def _value(self, path: str, kind: Kind) -> object:
        chosen: Mapping[Kind, Callable[[], object]] = {
            Kind.NUMBER: lambda: self.random.choice([0, 1, 2.5, 2.4999, 14, 10**14]),
            Kind.FLAG: lambda: self.random.random() < 0.5,
            Kind.TIME: lambda: str(NOW + timedelta(days=self.random.randint(-2, 2))),
            Kind.ID: lambda: str(self.random.choice(self.ids)),
        }
        return chosen[kind]() if kind in chosen else str(self.random.choice(TEXTS[path]))


def _roles(random: Random) -> Sequence[StoredRole]:
    """Return some roles; each inherits only from those before it."""
    made: list[StoredRole] = []
    for name in ROLES:
        inherited = random.sample(made, min(len(made), random.choice([0, 0, 1])))
        held = random.sample(NAMES, random.randint(0, 3))
        parents = [one.name for one in inherited]
        guarded = random.random() < 0.25
        made.append(StoredRole(_uuid(random), name, guarded, held, parents))
    return made


def _policy(random: Random, roles: Sequence[StoredRole], values: Values) -> StoredPolicy:
    anyone = random.random() < 0.4
    about = random.sample(ACTIONS, random.randint(1, 3))
    return StoredPolicy(
        id=_uuid(random),
        name=f"policy-{random.random()}",
        effect=random.choice(["allow", "allow", "deny"]),
        anyone=anyone,
        when=values.condition(random.choice([0, 0, 1, 1, 2, 3])),
        enabled=random.random() < 0.9,
        roles=[] if anyone else [one.name for one in random.sample(roles, 2)],
        permissions=[one.name for one in about],
    )


def _assignment(
    random: Random,
    accounts: Sequence[AccountId],
    roles: Sequence[StoredRole],
    categories: Sequence[UUID],
) -> StoredAssignment:
    return StoredAssignment(
        _uuid(random),
        random.choice(accounts),
        random.choice(roles).id,
        random.choice(["", *map(str, categories), "nowhere"]),
        random.choice([None, None, NOW + timedelta(hours=1), NOW, NOW - timedelta(hours=1)]),
    )


def _grant(
    random: Random,
    accounts: Sequence[AccountId],
    roles: Sequence[StoredRole],
    ids: Sequence[UUID],
) -> StoredGrant:
    to_role = random.random() < 0.3
    return StoredGrant(
        _uuid(random),
        PRODUCTS.name,
        random.choice([*ids, _uuid(random)]),
        random.choice(ACTIONS).name,
        None if to_role else random.choice(accounts),
        random.choice(roles).id if to_role else None,
        random.choice([None, NOW + timedelta(hours=1), NOW - timedelta(hours=1)]),
    )


def _product(
    random: Random, number: int, accounts: Sequence[AccountId], categories: Sequence[UUID]
) -> Row:
    status = random.choice(list(Status))
    created_at = NOW - timedelta(days=random.randint(-2, 2))
    return (
        _uuid(random),
        1,
        f"S-{number}",
        random.choice(["Ashlar", "ashlar", "Quoin", ""]) + str(number % 5),
        "",
        random.choice([Decimal(0), Decimal("2.5"), Decimal(14), Decimal("300.12")]),
        random.choice(CURRENCIES),
        random.choice([*categories, None]),
        random.sample(TAGS[:2], random.randint(0, 2)),
        random.choice([*accounts, None]),
        status.value,
        created_at,
        None if status is Status.DRAFT else random.choice([created_at, NOW]),
    )


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
