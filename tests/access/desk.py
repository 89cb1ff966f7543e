"""Somebody who edits the policy in a file, and types `app policy ...`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters import cli
from tests.kit.commands import Type, typing_over

POLICY = """
policies:
  open-log:
    description: Everybody signed in reads the log.
    effect: allow
    roles: [viewer]
    permissions: [audit.events.read]
    when: {attribute: caller.second_factor, op: eq, value: false}
"""


class Desk:
    """Somebody who edits the policy in a file."""

    def __init__(self, type_in: Type, folder: Path) -> None:
        self.type_in, self.path = type_in, folder / "policy.yaml"

    async def policy(self, *words: str) -> Any:
        """Type `app policy ...`, with the file in the place of FILE."""
        return await self.type_in(
            cli.policy, *(str(self.path) if one == "FILE" else one for one in words)
        )

    async def export(self) -> str:
        """Write what is in force to the file, and return it."""
        exported = await self.policy("export")
        assert exported.exit_code == 0, exported.output
        self.path.write_text(exported.stdout)
        return str(exported.stdout)

    async def edit(self, before: str, after: str) -> None:
        """Export, and replace a part of the file."""
        text = await self.export()
        assert before in text
        self.path.write_text(text.replace(before, after, 1))


@pytest_asyncio.fixture
async def desk(app: FastAPI, tmp_path: Path) -> Desk:
    return Desk(typing_over(app), tmp_path)
