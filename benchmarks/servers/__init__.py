"""The rungs of the ladder, each an application over the same database."""
