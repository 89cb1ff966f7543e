"""Tests of administration make roles, and take them back."""

from tests.access.conftest import own_roles

__all__ = ["own_roles"]
