"""The audit log: what is written, what is refused, who may read it."""
