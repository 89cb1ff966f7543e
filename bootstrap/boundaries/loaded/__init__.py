"""Checks that need the application in memory: tables, events, signatures, containers."""
