"""Somebody who asks every route of identity once, and counts the statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.identity.federation.browsers import Browser
from tests.identity.timed import Place
from tests.kit.odd_provider import OddProvider
from tests.kit.people import Person
from tests.kit.running import client_of
from tests.kit.work import Work

IDENTITY = "/v1/identity"
Json = dict[str, Any]


@dataclass
class Tour(Place):
    """One application, and what was asked of its database for each route."""

    odd: OddProvider = field(kw_only=True)
    begin: Callable[[], Work] = field(kw_only=True)
    seen: dict[str, Work] = field(default_factory=dict[str, Work])

    async def ask(
        self,
        http: httpx2.AsyncClient,
        route: str,
        *ids: object,
        case: str = "",
        **options: Any,
    ) -> httpx2.Response:
        """Send a request, whose route is a method and a template, and note what it cost."""
        method, path = route.split(" ")
        for one in ids:
            head, _, rest = path.partition("{")
            path = f"{head}{one}{rest.partition('}')[2]}"
        work = self.begin()
        answer = await http.request(method, IDENTITY + path, **options)
        self.begin()
        assert answer.status_code < 400, f"{route}: {answer.status_code} {answer.text}"
        self.seen[f"{route} {case}".strip()] = [one for one in work if one != "one hash"]
        return answer

    def nobody(self) -> httpx2.AsyncClient:
        """Return somebody nobody knows."""
        return client_of(self.app)

    async def person(self, role: str | None = None) -> Person:
        """Return somebody whose address is verified."""
        person = await self.people.register(role)
        await self.rows(
            "update identity.accounts set email_verified_at = now() where id = $1", person.id
        )
        return person

    def browser(self) -> Browser:
        """Return a browser to visit the provider with."""
        return Browser(self.nobody())
