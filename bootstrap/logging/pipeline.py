"""Joins structlog and the standard library's logging into one stream of lines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from bootstrap.logging.lines import Lines, standard_output
from bootstrap.logging.rendering import Event, as_json, as_text, standing

Render = Callable[[Event], bytes]

# Attributes of every record; the others came with `extra=`.
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# They speak of each request or of each statement; what matters of it is in our own lines.
QUIET = {
    "uvicorn.access": logging.CRITICAL,
    "granian.access": logging.CRITICAL,
    "uvicorn.error": logging.WARNING,
    "_granian": logging.WARNING,
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "casbin": logging.ERROR,  # logs the arguments of every decision at lower levels
    "watchfiles": logging.WARNING,
    "httpx2": logging.WARNING,
    "alembic": logging.WARNING,
}


LEVELS = {"exception": "error", "warn": "warning", "fatal": "critical", "msg": "info"}


class Bridge(logging.Handler):
    """Takes the records of the standard library, whoever wrote them."""

    def __init__(self, lines: Lines, render: Render) -> None:
        super().__init__()
        self._lines, self._render = lines, render

    def emit(self, record: logging.LogRecord) -> None:
        try:
            extra = {
                k: v for k, v in vars(record).items() if k not in PLAIN and k != "color_message"
            }
            event: Event = {**extra, "event": record.getMessage(), "exc_info": record.exc_info}
            self._lines.write(self._render(standing(event, record.levelname.lower(), record.name)))
        except Exception:  # noqa: BLE001 - a line that cannot be written must not fail a request
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say where the line came from, and nothing of what it would have said."""
        place = f"{record.pathname}:{record.lineno}"
        self._lines.write(
            self._render(standing({"event": "unwritable log line", "place": place}, "error", "log"))
        )


class LineLogger:
    """What structlog writes with: the rendered line goes to the stream."""

    def __init__(self, lines: Lines) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = lines.write
        self.msg = self.exception = lines.write


def forget() -> None:
    """Write no access lines until the next `configure`: for tests, which share a process."""
    flush()
    stream.lines = None


@dataclass(slots=True)
class Stream:
    """The stream of this process, once it is configured."""

    lines: Lines | None = None
    render: Render = as_json


stream = Stream()


def configure(level: str, *, production: bool, lines: Lines | None = None) -> None:
    """Send all log lines of this process to one stream, standard output unless told otherwise.

    May be called again; the last call wins.
    """
    lines = lines or standard_output(every=not production)
    render: Render = as_json if production else partial(as_text, colours=sys.stdout.isatty())
    _configure_logging(level, Bridge(lines, render))
    _configure_structlog(level, lines, render)
    stream.lines, stream.render = lines, render


def flush() -> None:
    """Write what is buffered."""
    if stream.lines is not None:
        stream.lines.flush()


def _configure_logging(level: str, bridge: Bridge) -> None:
    root = logging.getLogger()
    root.handlers[:] = [bridge]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelNamesMapping()[level]))
    logging.captureWarnings(capture=True)


def _configure_structlog(level: str, lines: Lines, render: Render) -> None:
    def rendered(_: object, method: str, event: MutableMapping[str, Any]) -> bytes:
        return render(standing(dict(event), LEVELS.get(method, method), event.pop("logger", "app")))

    structlog.configure(
        processors=[rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=lambda *_: LineLogger(lines),
        cache_logger_on_first_use=False,
    )
