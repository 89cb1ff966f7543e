"""One Alembic branch per module, each in a folder of the module's name."""
