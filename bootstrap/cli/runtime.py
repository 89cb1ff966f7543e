"""What commands find in `ctx.obj`, and how they end when something is wrong."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from bootstrap import logging
from bootstrap.cli.console import Console, Exit
from bootstrap.development import adopt
from bootstrap.secure import require_secure
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import WrongSettings, read_settings

if TYPE_CHECKING:  # brings the frameworks along
    from shared_kernel.module import Services

T = TypeVar("T")

STANDARD_ERROR = 2


class CommandRuntime:
    """The application without HTTP, opened for one piece of work at a time."""

    def run(self, work: Callable[[Services], Awaitable[T]]) -> T:
        """Open the services, do one piece of work with them, close them."""
        from bootstrap.runtime import System  # noqa: PLC0415 - heavy, and many commands do without

        system = System.of(settings_of_command())
        return asyncio.run(system.run(work))


def settings_of_command(*, secure: bool = True) -> PlatformSettings:
    """Read the settings; what the command logs goes to standard error.

    Raises WrongSettings and PostgresUnavailable.
    """
    adopt()
    settings = checked_settings(secure=secure)
    logging.configure(
        "WARNING",
        production=settings.production,
        lines=logging.Lines(STANDARD_ERROR, every=True),
    )
    return settings


def checked_settings(*, secure: bool = True) -> PlatformSettings:
    """Read the settings. Raises WrongSettings; if `secure`, also when they are unsafe."""
    settings = cast("PlatformSettings", read_settings(PlatformSettings))
    if secure:
        require_secure(settings)
    return settings


def complete_settings() -> PlatformSettings:
    """Read all settings, the modules' as well. Raises WrongSettings with all that is wrong."""
    from bootstrap.modules import discover  # noqa: PLC0415 - heavy, and only servers need it
    from bootstrap.platform import module_settings  # noqa: PLC0415 - likewise

    settings, wrong = None, list[str]()
    try:
        settings = checked_settings(secure=False)
        require_secure(settings)
    except WrongSettings as error:
        wrong.extend(error.lines)
    try:
        module_settings(discover(), production=settings is not None and settings.production)
    except WrongSettings as error:
        wrong.extend(error.lines)
    if wrong or settings is None:
        raise WrongSettings(wrong)
    return settings


@contextmanager
def reported(console: Console | None = None) -> Generator[None]:
    """End the command with plain lines and the right exit code for what can be expected to fail."""
    console = console or Console(json="--json" in sys.argv)
    try:
        yield
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        console.fail(str(error), code)


def _exit_code(error: Exception) -> Exit | None:
    """Return how an expected failure ends a command, None for a defect."""
    from bootstrap.modules import CannotAssemble  # noqa: PLC0415 - loaded only when needed
    from bootstrap.postgres import PostgresUnavailable  # noqa: PLC0415 - heavy
    from bootstrap.revisions import DatabaseBehind  # noqa: PLC0415 - heavy
    from bootstrap.serving import PortTaken  # noqa: PLC0415 - heavy
    from shared_kernel.domain import Unavailable  # noqa: PLC0415 - heavy

    codes: dict[type[Exception] | tuple[type[Exception], ...], Exit] = {
        WrongSettings: Exit.USAGE,
        (CannotAssemble, DatabaseBehind): Exit.CHECK_FAILED,
        (PostgresUnavailable, PortTaken, Unavailable, ConnectionError): Exit.ENVIRONMENT,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)
