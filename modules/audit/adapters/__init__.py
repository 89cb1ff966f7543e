"""How the audit log is kept and shown."""
