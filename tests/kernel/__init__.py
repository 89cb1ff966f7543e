"""The kernel on a real PostgreSQL, with a small garden where no module would fit."""
