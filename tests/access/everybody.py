"""One living person of every role, who call routes and say what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI

from bootstrap.matrix import ALLOWED, STRANGER, Line, Ownership
from modules.access.public import ADMINISTRATOR, VIEWER
from shared_kernel.application.resources import Resource, ResourceCatalogue
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.kit.objects import body_for, part_of, query_for, recipe_of
from tests.kit.people import People, Person

GRANTS = "/v1/access/grants"
FIRST_VERSION = {"if-match": '"v1"'}
TOO_EARLY = {400, 412, 415, 422, 428}
"""What a request to an object must not end with: its guard would not have been asked."""


@dataclass(slots=True)
class Everybody:
    """Calls routes as a stranger and as people, who are replaced when a call was their last.

    With whom an object is shared is somebody else than who knows of none.
    """

    app: FastAPI
    people: People
    stranger: httpx2.AsyncClient
    persons: dict[tuple[str, bool], Person] = field(default_factory=dict[tuple[str, bool], Person])
    untouched: dict[tuple[object, ...], UUID] = field(
        default_factory=dict[tuple[object, ...], UUID]
    )

    async def person(self, role: str, *, sharing: bool = False) -> Person:
        """Return the living person of a role."""
        if (role, sharing) not in self.persons:
            self.persons[role, sharing] = await self.people.register(role=role)
        return self.persons[role, sharing]

    async def call(self, line: Line, role: str) -> str:
        """Call the route of a line: what becomes of it is `yes`, or the status of the refusal."""
        sharing = line.ownership is Ownership.SHARED
        caller = None if role == STRANGER else await self.person(role, sharing=sharing)
        http = self.stranger if caller is None else caller.http
        if not is_about_one(line):
            body: Any = None if line.method in {"GET", "DELETE"} else {}
            answer = await _request(http, line.method, filled(line.path), body)
            verdict = str(answer.status_code) if is_refused_at_the_gate(answer) else ALLOWED
        else:
            object_id = await self._object(line, caller)
            named = await self._named(line, object_id)
            about = self._resource(line).name, line.method, line.path
            body, path = body_for(*about), line.path + query_for(*about)
            answer = await _request(http, line.method, path.format(**named), body)
            verdict = _verdict_on_object(answer)
            if verdict == ALLOWED and line.method != "GET":
                self.untouched = {
                    key: one for key, one in self.untouched.items() if one != object_id
                }
            if answer.status_code == 404:
                of_unknown = path.format(**named | {next(iter(named)): uuid4()})
                unknown = await _request(http, line.method, of_unknown, body)
                assert _told(answer) == _told(unknown), "it differs from one that does not exist"
        assert answer.status_code < 500, (line.method, line.path, answer.text)
        if caller is not None and line.method != "GET" and answer.status_code < 300:
            await self._forget_unless_signed_in(caller)
        return verdict

    async def _object(self, line: Line, caller: Person | None) -> UUID:
        """Return the object that is meant, owned and shared as the line says.

        It is the one of a call before, if that changed nothing and wanted no parts of it.
        """
        assert line.access.permission is not None
        name, wanted = self._resource(line).name, line.access.permission.name
        mine = caller is not None and line.ownership in {Ownership.OWN, Ownership.SHARED}
        key = (name, line.ownership, caller.id if caller and mine else None, wanted)
        if line.path.count("{") > 1:
            return await self._made(line, caller)
        if key not in self.untouched:
            self.untouched[key] = await self._made(line, caller)
        return self.untouched[key]

    async def _made(self, line: Line, caller: Person | None) -> UUID:
        services: Services = self.app.state.services
        assert line.access.permission is not None
        resource, wanted = self._resource(line), line.access.permission.name
        owner = AccountId(uuid4())
        if caller is not None and line.ownership is Ownership.OWN:
            owner = caller.id
        public = line.ownership is Ownership.PUBLIC
        made = await recipe_of(resource.name)(services, owner, public)
        if line.ownership is Ownership.SHARED:
            receiver = caller or await self.person(VIEWER, sharing=True)
            for one in {wanted, resource.read.name}:
                await self._share(resource, made, one, receiver)
        return made

    async def _named(self, line: Line, object_id: UUID) -> dict[str, object]:
        """Return all the path names: first the object, then its parts."""
        services: Services = self.app.state.services
        named: dict[str, object] = {}
        for name in re.findall(r"{(\w+)}", line.path):
            make = part_of(self._resource(line).name, name) if named else None
            named[name] = object_id if make is None else await make(services, named)
        return named

    def _resource(self, line: Line) -> Resource:
        services: Services = self.app.state.services
        resources = services.get(ResourceCatalogue).resources.values()
        return next(one for one in resources if line.access.permission in one.actions)

    async def _share(
        self, resource: Resource, object_id: UUID, permission: str, receiver: Person
    ) -> None:
        body = {
            "resource": resource.name,
            "object_id": str(object_id),
            "permission": permission,
            "account_id": str(receiver.id),
        }
        answer = await (await self.person(ADMINISTRATOR)).http.post(GRANTS, json=body)
        assert answer.status_code == 201, answer.text

    async def _forget_unless_signed_in(self, person: Person) -> None:
        """Forget whoever has ended their session, or their account, by what they called."""
        if (await person.http.get("/v1/identity/me")).status_code != 200:
            self.persons = {key: one for key, one in self.persons.items() if one is not person}


def is_about_one(line: Line) -> bool:
    """Say whether the route is about an object that is there already."""
    return line.ownership is not None and "{" in line.path


def is_refused_at_the_gate(answer: httpx2.Response) -> bool:
    """Say whether nobody looked at the request: the refusals of modules have a code of theirs."""
    return answer.status_code in {401, 403} and "." not in answer.json().get("code", ".")


def filled(path: str, id: UUID | None = None) -> str:
    """Return a path with an id, or one that nobody has, wherever it wants one."""
    return re.sub(r"{\w+}", lambda _: str(id or uuid4()), path)


async def _request(http: httpx2.AsyncClient, method: str, path: str, body: Any) -> httpx2.Response:
    if isinstance(body, bytes):
        return await http.request(method, path, headers=FIRST_VERSION, content=body)
    sent: dict[str, Any] = {} if body is None else {"json": body}
    return await http.request(method, path, headers=FIRST_VERSION, **sent)


def _verdict_on_object(answer: httpx2.Response) -> str:
    assert answer.status_code not in TOO_EARLY, f"the guard was not asked: {answer.text}"
    refused = answer.status_code in {401, 403, 404}
    return str(answer.status_code) if refused else ALLOWED


def _told(answer: httpx2.Response) -> dict[str, Any]:
    return {
        name: value
        for name, value in answer.json().items()
        if name not in {"instance", "request_id", "trace_id", "decision_id"}
    }
