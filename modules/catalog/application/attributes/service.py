"""What can be done with the attributes of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, Len, MaxLen

from modules.catalog.application.attributes.agreeing import agree
from modules.catalog.domain.attributes import (
    MOST_ATTRIBUTES,
    MOST_OPTIONS,
    OPTION_LENGTH,
    UNIT_LENGTH,
    Attribute,
    AttributeCodeTaken,
    AttributeKind,
    Definition,
    NoSuchAttribute,
    TooManyAttributes,
)
from modules.catalog.domain.category import MAX_POSITION, Forest
from modules.catalog.domain.text import NAME_LENGTH
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from shared_kernel.application import Caller, Clock, Command
from shared_kernel.domain import PreconditionRequired, Stale

Option = Annotated[str, Len(1, OPTION_LENGTH)]


class DefineAttribute(Command):
    """What an attribute is, whole. A number may have a `unit`; an enum has `options`."""

    label: Annotated[str, Len(1, NAME_LENGTH)]
    kind: AttributeKind
    unit: Annotated[str, Len(1, UNIT_LENGTH)] | None = None
    options: Annotated[list[Option], MaxLen(MOST_OPTIONS)] | None = None
    required: bool = False
    filterable: bool = True
    position: Annotated[int, Interval(ge=0, le=MAX_POSITION)] = 0

    def definition(self, code: str) -> Definition:
        """Return what is said as what is kept, under a code."""
        return Definition(
            code,
            self.label,
            self.kind,
            self.unit,
            tuple(self.options or ()),
            self.required,
            self.filterable,
            self.position,
        )


@dataclass(frozen=True, slots=True)
class AttributeService:
    """The upkeep of attributes. The tree stands still meanwhile: it says who inherits them."""

    begin: Transaction
    clock: Clock

    async def define(
        self,
        caller: Caller,
        category_id: UUID,
        code: str,
        command: DefineAttribute,
        *,
        expected: int | None,
    ) -> bool:
        """Define an attribute of a category; return whether it is new.

        `expected` is the version to redefine, or None for a new one. Raises NoSuchCategory,
        AttributeCodeTaken, TooManyAttributes, DefinitionRefused, ValuesContradict, Stale,
        PreconditionRequired.
        """
        definition = command.definition(code)
        async with self.begin() as tx:
            forest = await tx.categories.lock_forest()
            known = await tx.attributes.defined_by(forest.known(category_id))
            attribute = known.get(code)
            _must_be_at(attribute, expected)
            if attribute is None:
                await self._add(tx, forest, category_id, definition, others=len(known))
            else:
                await self._redefine(tx, forest, attribute, definition)
        return attribute is None

    async def remove(self, caller: Caller, category_id: UUID, code: str, *, expected: int) -> None:
        """Remove an attribute that the category itself defines.

        Raises NoSuchAttribute, ValuesContradict, Stale.
        """
        async with self.begin() as tx:
            forest = await tx.categories.lock_forest()
            known = await tx.attributes.defined_by(forest.known(category_id))
            if code not in known:
                raise NoSuchAttribute("the category defines no such attribute")
            attribute = known[code]
            attribute.must_be_at(expected)
            await agree(tx, forest.subtree(category_id), gone=[code])
            attribute.remove(at=self.clock.now())
            await tx.attributes.remove(attribute)

    async def _add(
        self,
        tx: CatalogUnitOfWork,
        forest: Forest,
        category_id: UUID,
        definition: Definition,
        *,
        others: int,
    ) -> None:
        if others >= MOST_ATTRIBUTES:
            raise TooManyAttributes(f"a category defines at most {MOST_ATTRIBUTES} attributes")
        related = {*forest.lineage(category_id), *forest.subtree(category_id)}
        if await tx.attributes.taken([definition.code], related) is not None:
            raise AttributeCodeTaken("a category above or below defines this attribute")
        if definition.required:
            await agree(tx, forest.subtree(category_id), changed=[definition])
        tx.attributes.add(Attribute.define(definition, of=category_id, at=self.clock.now()))

    async def _redefine(
        self, tx: CatalogUnitOfWork, forest: Forest, attribute: Attribute, definition: Definition
    ) -> None:
        old = attribute.definition
        attribute.redefine(definition, at=self.clock.now())
        if attribute.definition.asks_more_than(old):
            subtree = forest.subtree(attribute.category_id)
            await agree(tx, subtree, changed=[attribute.definition])


def _must_be_at(attribute: Attribute | None, expected: int | None) -> None:
    if attribute is None:
        if expected is not None:
            raise Stale("there is no such attribute any more; send no If-Match to define it")
    elif expected is None:
        raise PreconditionRequired("it is defined; send the ETag you read in If-Match")
    else:
        attribute.must_be_at(expected)
