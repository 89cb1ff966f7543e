"""What is sold of products, inside one transaction."""

from __future__ import annotations

from modules.catalog.adapters.sql.media import CONSTRAINTS as OF_MEDIA
from modules.catalog.adapters.sql.media import SqlMedia
from modules.catalog.adapters.sql.prices import CONSTRAINTS as OF_PRICES
from modules.catalog.adapters.sql.prices import SqlPrices, history
from modules.catalog.adapters.sql.stock import SqlReservations, SqlStocks
from modules.catalog.adapters.sql.variants import CONSTRAINTS as OF_VARIANTS
from modules.catalog.adapters.sql.variants import SqlVariants
from shared_kernel.adapters.sql import Constraints, SqlUnitOfWork
from shared_kernel.application import origin

CONSTRAINTS: Constraints = {**OF_VARIANTS, **OF_PRICES, **OF_MEDIA}


class SellingUnitOfWork(SqlUnitOfWork):
    """Variants, stocks, prices and media. Every change of a price is noted with who did it."""

    @property
    def variants(self) -> SqlVariants:
        return SqlVariants(self)

    @property
    def stocks(self) -> SqlStocks:
        return SqlStocks(self)

    @property
    def reservations(self) -> SqlReservations:
        return SqlReservations(self)

    @property
    def prices(self) -> SqlPrices:
        return SqlPrices(self)

    @property
    def media(self) -> SqlMedia:
        return SqlMedia(self)

    async def _write_journal(self) -> None:
        # Released here, so that what they tell of prices goes in the same statement as they do.
        for aggregate in self.seen:
            self._events.extend(aggregate.release_events())
        self.besides(history(self._events, origin.get()))
        await super()._write_journal()
