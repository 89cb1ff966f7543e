"""Random policies, accounts and objects; what is random is decided by a seed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from modules.access.application.rulebook.documents import parse
from modules.access.application.rulebook.vocabulary import GENERAL, attributes_of
from modules.access.ports import StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from shared_kernel.application import SECOND_FACTOR, Caller, Means
from shared_kernel.application.conditions import Facts, Kind
from shared_kernel.application.resources import RESOURCE, Resource, Rule
from shared_kernel.domain import AccountId, Permission

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # a Monday
ADDRESS = "192.0.2.7"

ROLES = (
    "default",
    "clerk",
    "a, b",
    '"; *',
    "r:s",
    "ädmin",
    "\u0430dmin",
    "anyone",
    "holds:x",
    "\n",
)
PLACES = ("north", "south", "a, b", "*")
STATUSES = ("draft", "open", "gone")
TAGS = ("red", "blue", "a, b")
ATTRIBUTES = {
    "owner_id": Kind.ID,
    "status": Kind.TEXT,
    "tags": Kind.TEXTS,
    "weight": Kind.NUMBER,
    "made_at": Kind.TIME,
    "place": Kind.TEXT,
}


def permission(name: str) -> Permission:
    """Return a permission of this name."""
    return Permission(name, f"{name}, for a comparison.")


ACTIONS = {
    kind: [permission(f"shop.{kind}.{verb}") for verb in ("read", "write", "share")]
    for kind in ("things", "notes")
}
PLAIN = [permission("shop.things.manage"), permission("shop.reports.read")]
PERMISSIONS = [*ACTIONS["things"], *ACTIONS["notes"], *PLAIN]
NAMES = [one.name for one in PERMISSIONS]

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class World:
    """One policy, and who and what there is."""

    random: Random
    resources: Mapping[str, Resource]
    roles: Sequence[StoredRole]
    policies: Sequence[StoredPolicy]
    assignments: Sequence[StoredAssignment]
    grants: Sequence[StoredGrant]
    accounts: Sequence[AccountId]
    objects: Sequence[Facts] = field(default=())


def world(seed: int) -> World:
    """Return the world of a seed."""
    random = Random(seed)  # noqa: S311 - it shall be the same again
    accounts = [AccountId(_uuid(random)) for _ in range(5)]
    resources = {kind: _resource(random, kind, accounts) for kind in ACTIONS}
    roles = _roles(random)
    objects = [_object(random, accounts) for _ in range(6)]
    return World(
        random=random,
        resources={one.name: one for one in resources.values()},
        roles=roles,
        policies=[_policy(random, roles, resources, accounts) for _ in range(random.randint(0, 6))],
        assignments=[_assignment(random, accounts, roles) for _ in range(random.randint(0, 14))],
        grants=[
            _grant(random, accounts, roles, objects) for _ in range(random.choice([0, 0, 3, 5]))
        ],
        accounts=accounts,
        objects=objects,
    )


def caller_of(here: World) -> Caller | None:
    """Return somebody who might ask: a stranger, a person, a key, who acts as somebody else."""
    random = here.random
    if random.random() < 0.08:
        return None
    methods = frozenset({"pwd", SECOND_FACTOR} if random.random() < 0.5 else {"pwd"})
    scope = frozenset(random.sample(NAMES, 3)) if random.random() < 0.25 else None
    return Caller(
        random.choice(here.accounts),
        UUID(int=1),
        authenticated_at=random.choice([None, NOW - timedelta(seconds=random.randint(0, 900))]),
        methods=methods,
        impersonator_id=random.choice(here.accounts) if random.random() < 0.15 else None,
        scope=scope,
        means=random.choice(list(Means)),
        verified=random.random() < 0.7,
    )


def condition(random: Random, attributes: Mapping[str, Kind], ids: Sequence[UUID]) -> Document:
    """Return the document of a random condition on these attributes; now and then, of none."""
    if random.random() < 0.3:
        return {"all": []}
    own = {path: kind for path, kind in attributes.items() if path.startswith(RESOURCE)}
    read = own if own and random.random() < 0.4 else attributes
    return _condition(random, read, ids, random.choice([0, 0, 1, 1, 2, 3]))


def _condition(
    random: Random, attributes: Mapping[str, Kind], ids: Sequence[UUID], depth: int
) -> Document:
    if depth == 0:
        return _comparison(random, attributes, ids)
    name = random.choice(["all", "any", "not"])
    if name == "not":
        return {"not": _condition(random, attributes, ids, depth - 1)}
    count = random.randint(0, 3)
    return {name: [_condition(random, attributes, ids, depth - 1) for _ in range(count)]}


def _comparison(random: Random, attributes: Mapping[str, Kind], ids: Sequence[UUID]) -> Document:
    path = random.choice(list(attributes))
    kind = attributes[path]
    said: Document = {"attribute": path}
    others = [one for one, its in attributes.items() if its is kind and one != path]
    ordered = kind in {Kind.NUMBER, Kind.TIME}
    ops = ["eq", "ne", *(["lt", "le", "gt", "ge"] if ordered else [])]
    if kind is Kind.TEXTS:
        texts = [one for one, its in attributes.items() if its is Kind.TEXT]
        if random.random() < 0.3:
            return {**said, "op": "has", "other": random.choice(texts)}
        return {**said, "op": "has", "value": _value(random, path, kind, ids)}
    if kind is Kind.ADDRESS:
        network = random.choice(["192.0.2.0/24", "10.0.0.0/8", "::/0"])
        return {**said, "op": "within", "value": [network]}
    if kind in {Kind.TEXT, Kind.ID, Kind.NUMBER} and random.random() < 0.25:
        values = [_value(random, path, kind, ids) for _ in range(random.randint(0, 3))]
        return {**said, "op": "in", "value": values}
    if others and random.random() < 0.5:
        return {**said, "op": random.choice(ops), "other": random.choice(others)}
    return {**said, "op": random.choice(ops), "value": _value(random, path, kind, ids)}


def _value(random: Random, path: str, kind: Kind, ids: Sequence[UUID]) -> object:
    texts = {
        "caller.roles": ROLES[:6],
        "caller.methods": ("pwd", SECOND_FACTOR),
        "caller.means": tuple(Means),
        "resource.status": STATUSES,
        "resource.tags": TAGS,
        "resource.place": PLACES,
    }
    by_kind: dict[Kind, object] = {
        Kind.NUMBER: random.choice([0, 1, 2.5, 14, 300]),
        Kind.FLAG: random.random() < 0.5,
        Kind.TIME: (NOW + timedelta(days=random.randint(-2, 2))).isoformat(),
        Kind.ID: str(random.choice(ids)),
    }
    return by_kind[kind] if kind in by_kind else str(random.choice(texts[path]))


def _resource(random: Random, kind: str, ids: Sequence[UUID]) -> Resource:
    actions = ACTIONS[kind]
    bare = Resource(
        name=f"shop.{kind}",
        attributes=ATTRIBUTES,
        read=actions[0],
        share=actions[2],
        actions=actions,
        rules=(),
        scope="place" if kind == "things" else None,
    )
    known = attributes_of(bare)
    rules = [
        Rule(
            actions=random.sample(actions, random.randint(1, 3)),
            when=parse(condition(random, known, ids), known),
            holding=random.choice([None, *PERMISSIONS]),
        )
        for _ in range(random.randint(1, 4))
    ]
    return Resource(
        name=bare.name,
        attributes=ATTRIBUTES,
        read=bare.read,
        share=bare.share,
        actions=actions,
        rules=rules,
        scope=bare.scope,
    )


def _roles(random: Random) -> Sequence[StoredRole]:
    """Return some roles; each inherits only from those before it."""
    made: list[StoredRole] = []
    for name in ROLES[: random.randint(2, len(ROLES))]:
        inherited = random.sample(made, min(len(made), random.choice([0, 0, 1, 2])))
        made.append(
            StoredRole(
                id=_uuid(random),
                name=name,
                requires_second_factor=random.random() < 0.35,
                permissions=random.sample(NAMES, random.randint(0, 3)) or NAMES[:1],
                inherits=[one.name for one in inherited],
            )
        )
    return made


def _policy(
    random: Random,
    roles: Sequence[StoredRole],
    resources: Mapping[str, Resource],
    ids: Sequence[UUID],
) -> StoredPolicy:
    kind = random.choice([*resources, None])
    about = PLAIN if kind is None else ACTIONS[kind]
    known = GENERAL if kind is None else attributes_of(resources[kind])
    anyone = random.random() < 0.4
    chosen = random.sample(roles, random.randint(1, 2))
    return StoredPolicy(
        id=_uuid(random),
        name=f"policy-{random.random()}",
        effect=random.choice(["allow", "allow", "deny"]),
        anyone=anyone,
        when=condition(random, known, ids),
        enabled=random.random() < 0.9,
        roles=[] if anyone else [one.name for one in chosen],
        permissions=[one.name for one in random.sample(about, random.randint(1, 2))],
    )


def _assignment(
    random: Random, accounts: Sequence[AccountId], roles: Sequence[StoredRole]
) -> StoredAssignment:
    return StoredAssignment(
        _uuid(random),
        random.choice(accounts),
        random.choice(roles).id,
        random.choice(["", "", *PLACES]),
        random.choice([None, None, NOW + timedelta(hours=1), NOW, NOW - timedelta(hours=1)]),
    )


def _grant(
    random: Random,
    accounts: Sequence[AccountId],
    roles: Sequence[StoredRole],
    objects: Sequence[Facts],
) -> StoredGrant:
    kind = random.choice(list(ACTIONS))
    object_id = random.choice(objects)["resource.id"]
    to_role = random.random() < 0.5
    return StoredGrant(
        _uuid(random),
        f"shop.{kind}",
        object_id if isinstance(object_id, UUID) else UUID(int=0),
        random.choice(ACTIONS[kind]).name,
        None if to_role else random.choice(accounts),
        random.choice(roles).id if to_role else None,
        random.choice([None, NOW + timedelta(hours=1), NOW - timedelta(hours=1)]),
    )


def _object(random: Random, accounts: Sequence[AccountId]) -> Facts:
    return {
        "resource.id": _uuid(random),
        "resource.owner_id": random.choice([*accounts, None]),
        "resource.status": random.choice([*STATUSES, None]),
        "resource.tags": random.choice([None, frozenset(random.sample(TAGS, 2))]),
        "resource.weight": random.choice([None, Decimal("2.5"), 1, 300]),
        "resource.made_at": random.choice([None, NOW, NOW - timedelta(days=2)]),
        "resource.place": random.choice([*PLACES, None]),
    }


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
