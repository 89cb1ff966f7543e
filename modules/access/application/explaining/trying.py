"""Tables of what somebody may do, tried on roles and policies before they are in force.

tests:
  - name: an editor changes a draft of their own
    who: {roles: [editor]}
    action: catalog.products.write
    object: {owner_id: caller, status: draft}
    expect: allow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from modules.access.application.decision.holders import Grants, Held, Holders
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.loading import Compile
from modules.access.application.explaining.assuming import Assume
from modules.access.application.rulebook.reading import (
    PERMISSION,
    TEXT,
    BadRulebook,
    flag,
    listed,
    mapping,
    members,
    text,
)
from modules.access.application.rulebook.rulebooks import stored
from modules.access.application.rulebook.values import EXPECTED, literal
from modules.access.application.rulebook.wording import Wording
from modules.access.domain import ROLE_NAME, Rulebook
from shared_kernel.application import Clock
from shared_kernel.application.conditions import Facts, Kind, Value
from shared_kernel.application.resources import RESOURCE
from shared_kernel.domain import AccountId, new_id

CALLER = "caller"
"""What stands for the caller's own id in an object."""

ADDRESS_LENGTH = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who asks. `roles` of None: a stranger. `scoped`: the roles held within a scope, by scope."""

    roles: frozenset[str] | None
    scoped: Mapping[str, frozenset[str]]
    assumed: Assume


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One line of a table; `thing` are the attributes of the object, if it is about one."""

    name: str
    at: str
    who: Who
    permission: str
    thing: Mapping[str, object] | None
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one line."""

    trial: Trial
    allowed: bool

    @property
    def is_as_expected(self) -> bool:
        """Whether the policy decides as the table says."""
        return self.allowed is self.trial.allowed


def read_trials(document: object) -> Sequence[Trial]:
    """Return the lines of a table. Raises BadRulebook with the JSON pointer of a mistake."""
    return [_trial(one, f"/tests/{index}") for index, one in enumerate(listed(document, "/tests"))]


def _trial(document: object, at: str) -> Trial:
    said = members(document, at, {"name", "who", "action", "object", "expect"})
    expected = said.get("expect")
    if expected not in {"allow", "deny"}:
        raise BadRulebook("expect allow or deny", field=f"{at}/expect")
    permission = text(said.get("action"), f"{at}/action", PERMISSION)
    thing = said.get("object")
    return Trial(
        name=text(said.get("name", permission), f"{at}/name", TEXT),
        at=at,
        who=_who(said.get("who"), f"{at}/who"),
        permission=permission,
        thing=None if thing is None else mapping(thing, f"{at}/object"),
        allowed=expected == "allow",
    )


def _who(document: object, at: str) -> Who:
    if document == "stranger":
        return Who(roles=None, scoped={}, assumed=Assume())
    said = members(
        document, at, {"roles", "scopes", "second_factor", "verified", "address", "time"}
    )
    scopes = mapping(said.get("scopes", {}), f"{at}/scopes")
    time = said.get("time")
    assumed = Assume(
        second_factor=flag(said, "second_factor", at, default=False),
        verified=flag(said, "verified", at, default=True),
        address=text(said["address"], f"{at}/address", TEXT, length=ADDRESS_LENGTH)
        if "address" in said
        else None,
        time=None if time is None else _time(time, f"{at}/time"),
    )
    return Who(
        roles=_roles(said.get("roles", []), f"{at}/roles"),
        scoped={name: _roles(one, f"{at}/scopes/{name}") for name, one in scopes.items()},
        assumed=assumed,
    )


def _roles(document: object, at: str) -> frozenset[str]:
    return frozenset(
        text(one, f"{at}/{i}", ROLE_NAME) for i, one in enumerate(listed(document, at))
    )


def _time(value: object, at: str) -> datetime:
    found = _value(Kind.TIME, value, at)
    if not isinstance(found, datetime):
        raise BadRulebook(f"this has to be {EXPECTED[Kind.TIME]}", field=at)
    return found


def _value(kind: Kind, value: object, at: str) -> Value:
    try:
        return literal(kind, value)
    except (TypeError, ValueError):
        raise BadRulebook(f"this has to be {EXPECTED[kind]}", field=at) from None


@dataclass(frozen=True, slots=True)
class TryRulebook:
    """Decides a table by roles and policies, and by nothing else that is stored."""

    wording: Wording
    compile: Compile
    clock: Clock
    default_role: str

    def __call__(self, book: Rulebook, trials: Sequence[Trial]) -> Sequence[Outcome]:
        """Return what comes of each line.

        Raises BadRulebook, UnknownPermission; UnknownRole and what else keeps the rulebook from
        being applied.
        """
        book = self.wording.require_written(Rulebook(roles={}, policies={}), book)
        book.require_sound()
        roles, policies = stored(book)
        declared, resources = self.wording.permissions, self.wording.resources.resources
        engine = self.compile(roles, policies, resources, declared)
        nobody = Holders(Held((self.default_role,)), {})
        policy = PolicyInForce(0, engine, nobody, Grants(), self.clock.now)
        return [Outcome(trial=one, allowed=self._decides(policy, book, one)) for one in trials]

    def _decides(self, policy: PolicyInForce, book: Rulebook, trial: Trial) -> bool:
        self.wording.require_declared([trial.permission], f"{trial.at}/action")
        who, account_id = trial.who, AccountId(new_id())
        caller = None if who.roles is None else who.assumed.caller(account_id, self.clock.now())
        held = Holders(policy.holders.default, {account_id.int: self._held(book, trial)})
        deciding = who.assumed.policy(replace(policy, holders=held))
        with who.assumed.from_there():
            if trial.thing is None:
                return caller is not None and deciding.permits(caller, trial.permission)
            return deciding.allows(caller, trial.permission, self._facts(trial, account_id))

    def _held(self, book: Rulebook, trial: Trial) -> Held:
        who = trial.who
        named = (who.roles or frozenset()).union(*who.scoped.values())
        if not book.roles.keys() >= named:
            raise BadRulebook("there is no such role", field=f"{trial.at}/who")
        everywhere = tuple(sorted({*(who.roles or ()), self.default_role}))
        scoped = {scope: tuple(sorted(roles)) for scope, roles in who.scoped.items()}
        return Held(everywhere, tuple(sorted(scoped.items())))

    def _facts(self, trial: Trial, account_id: AccountId) -> Facts:
        at, given = f"{trial.at}/object", trial.thing or {}
        resource = self.wording.resource_of(trial.permission)
        if resource is None:
            raise BadRulebook("this action is on no object", field=at)
        kinds = {"id": Kind.ID, **resource.attributes}
        facts: dict[str, Value] = {RESOURCE + name: None for name in kinds}
        for name, value in given.items():
            if name not in kinds:
                raise BadRulebook("no such attribute is declared", field=f"{at}/{name}")
            facts[RESOURCE + name] = _fact(kinds[name], value, account_id, f"{at}/{name}")
        return facts


def _fact(kind: Kind, value: object, account_id: AccountId, at: str) -> Value:
    if kind is Kind.ID and value == CALLER:
        return account_id
    if kind is Kind.TEXTS:
        return frozenset(
            str(_value(Kind.TEXT, one, f"{at}/{i}")) for i, one in enumerate(listed(value, at))
        )
    return None if value is None else _value(kind, value, at)
