"""A small, complete, correct module, written under any name: the ground violations grow in."""

from pathlib import Path

INIT = '"""{name}: leaves, counted."""\n'

PUBLIC = '''"""What other modules may see of {name}."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared_kernel.domain import DomainEvent


@dataclass(frozen=True, kw_only=True, slots=True)
class LeafFell(DomainEvent):
    """A leaf left its branch."""

    colour: str


@dataclass(frozen=True, slots=True)
class LeafView:
    """A leaf, as shown to others."""

    id: UUID
    colour: str


class Leaves(Protocol):
    """What may be asked of {name}."""

    async def leaf(self, leaf_id: UUID) -> LeafView: ...
'''

DOMAIN = '''"""Leaves and their one rule."""

from dataclasses import dataclass
from datetime import datetime

from modules.{name}.public import LeafFell
from shared_kernel.domain import Aggregate


@dataclass(eq=False, kw_only=True)
class Leaf(Aggregate):
    """A leaf that may fall."""

    colour: str

    def fall(self, *, at: datetime) -> None:
        self.record(LeafFell(subject_id=self.id, occurred_at=at, colour=self.colour))
'''

PORTS = '''"""What {name} needs from outside."""

from typing import Protocol
from uuid import UUID

from modules.{name}.domain import Leaf


class Tree(Protocol):
    """Where leaves are kept."""

    async def get(self, leaf_id: UUID) -> Leaf: ...
'''

APPLICATION = '''"""What can be done with leaves."""

from dataclasses import dataclass
from uuid import UUID

from modules.{name}.ports import Tree
from modules.{name}.public import LeafView


@dataclass(frozen=True, slots=True)
class LeafService:
    """Answers what others ask of {name}."""

    tree: Tree

    async def leaf(self, leaf_id: UUID) -> LeafView:
        found = await self.tree.get(leaf_id)
        return LeafView(found.id, found.colour)
'''

ADAPTERS = '"""Techniques of {name}."""\n'

HTTP = '''"""{name} over HTTP."""

from typing import Annotated
from uuid import UUID

from modules.{name}.application import LeafService
from modules.{name}.public import LeafView
from shared_kernel.adapters.http import Router, public, use

router = Router(tags=["{name}"])
Service = Annotated[LeafService, use(LeafService)]


@router.get("/leaves/{{leaf_id}}")
@public
async def show_leaf(leaf_id: UUID, service: Service) -> LeafView:
    """Show a leaf."""
    return await service.leaf(leaf_id)
'''

SQL = '''"""Leaves in PostgreSQL."""

from uuid import UUID

from sqlalchemy import Column, Named, String, Table
from sqlalchemy.orm import registry

from modules.{name}.domain import Leaf
from shared_kernel.adapters.sql import AggregateColumns, module_metadata

metadata = module_metadata("{name}")


class LeafColumns(AggregateColumns):
    """The columns of a leaf."""

    colour: Named[str] = Column(String(20), nullable=False)


leaves = Table("{name}_leaves", metadata, LeafColumns)
registry(metadata=metadata).map_imperatively(Leaf, leaves, version_id_col=leaves.c.version)


class SqlTree:
    """Holds no leaf: nothing here is ever run."""

    async def get(self, leaf_id: UUID) -> Leaf:
        raise LookupError(leaf_id)
'''

MODULE = '''"""{name}, put together."""

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.{name}.adapters import http, sql
from modules.{name}.application import LeafService
from modules.{name}.public import Leaves
from shared_kernel.application import Clock
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    """What {name} builds."""

    clock = Needs(Clock)
    tree = Singleton(sql.SqlTree)
    leaves = Factory(LeafService, tree=tree)


module = Module(
    name="{name}",
    container=Container,
    metadata=sql.metadata,
    routers=[http.router],
    provides={{Leaves: Container.leaves}},
)
'''

FILES = {
    "__init__.py": INIT,
    "public.py": PUBLIC,
    "domain.py": DOMAIN,
    "ports.py": PORTS,
    "application.py": APPLICATION,
    "adapters/__init__.py": ADAPTERS,
    "adapters/http.py": HTTP,
    "adapters/sql.py": SQL,
    "module.py": MODULE,
}


def sow(modules: Path, name: str) -> None:
    """Write the module `name` below a `modules/` directory."""
    for path, text in FILES.items():
        file = modules / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(name=name))
