"""Roles and policies as documents: read, compared, kept, tried."""
