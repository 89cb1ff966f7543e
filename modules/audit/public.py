"""What others may see of the audit log: the permission to read it."""

from __future__ import annotations

from shared_kernel.domain import Permission

EVENTS_READ = Permission("audit.events.read", "Read the audit log.")
