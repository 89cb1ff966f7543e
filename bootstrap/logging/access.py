"""One line for each request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bootstrap.logging.pipeline import stream
from bootstrap.logging.rendering import timestamp


class AccessLog:
    """Writes the line of each request: its route rather than its path, and no text of the client's.

    What is written holds only values of ours, so it takes the short way past the search for
    secrets. The level is that of the logger `access`.
    """

    def __init__(self) -> None:
        self._logger = logging.getLogger("access")

    def write(self, level: int, fields: Mapping[str, Any]) -> None:
        """Write the fields, unless lines of this level are not wanted."""
        if stream.lines is not None and self._logger.isEnabledFor(level):
            name = logging.getLevelName(level).lower()
            line = {"time": timestamp(), "level": name, "event": "request", **fields}
            stream.lines.write(stream.render({**line, "logger": "access"}))
