"""What products refuse."""

from __future__ import annotations

from shared_kernel.domain import Conflict, Invalid, NotFound


class NoSuchProduct(NotFound):
    """There is no product of this id, or it is not the caller's to see."""


class CategoryUnknown(Invalid):
    """The category to stand in does not exist."""


class BrandUnknown(Invalid):
    """There is no brand of this id."""


class SkuTaken(Conflict):
    """Another product has this SKU."""


class SlugTaken(Conflict):
    """Something else has this slug."""


class SkuFixed(Conflict):
    """The SKU of a product that was ever published stays: others refer to it."""


class AlreadyPublished(Conflict):
    """The product is published already."""


class AlreadyArchived(Conflict):
    """The product was archived or withdrawn: its life is over."""


class NotDeleted(Conflict):
    """The product does not lie in the trash."""


class StillPublished(Conflict):
    """A published product is archived before it can be deleted."""
