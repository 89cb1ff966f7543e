"""A program: migrates the database whose URL it is given, and prints what it applied."""

from __future__ import annotations

import sys

from bootstrap import migrate

sys.stdout.write(" ".join(migrate.upgrade(sys.argv[1], app_role="app")) + "\n")
