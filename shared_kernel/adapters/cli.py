"""What every command shares: exit codes, the flags `--json --quiet --yes`, and how it talks.

Standard output carries the result and nothing else: with `--json` exactly one JSON document,
failures included. Progress goes to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol, TypeAlias, TypeVar

import typer

from shared_kernel.domain import Conflict, DomainError, Unavailable

if TYPE_CHECKING:  # the manifest brings the frameworks along, and most commands do without
    from shared_kernel.module import Services

T = TypeVar("T")

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
YesFlag = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before destroying.")]


class Exit(IntEnum):
    """The exit codes of `app`; scripts rely on them."""

    DONE = 0
    CHECK_FAILED = 1
    USAGE = 2
    CONFLICT = 3
    REFUSED = 4
    ENVIRONMENT = 5


@dataclass(frozen=True, slots=True)
class Console:
    """Speaks for one command, in the way its flags ask for."""

    json: bool = False
    quiet: bool = False
    yes: bool = False

    def say(self, text: str) -> None:
        """Tell a person what is going on; silent with `--quiet` and `--json`."""
        if not (self.quiet or self.json):
            typer.echo(text, err=True)

    def show(self, text: str, document: Json) -> None:
        """Give the command's result: the document with `--json`, the text otherwise."""
        if self.json:
            typer.echo(json.dumps(document, ensure_ascii=False, default=str))
        elif not self.quiet:
            typer.echo(text)

    def fail(self, message: str, exit_code: Exit) -> NoReturn:
        """End the command with one plain line (or paragraph) on what went wrong."""
        if self.json:
            document = {"error": message, "exit_code": int(exit_code)}
            typer.echo(json.dumps(document, ensure_ascii=False))
        else:
            typer.echo(f"error: {message}", err=True)
        raise typer.Exit(exit_code)

    def confirm(self, what: str) -> None:
        """Let a destructive command go on: `--yes`, or a person at a terminal says so.

        `what` completes "This will ...". Without a terminal nobody can be asked, so the command
        is refused (exit 4) rather than left waiting.
        """
        if self.yes:
            return
        if self.json or not sys.stdin.isatty():
            self.fail(f"This would {what}. Add --yes to do it.", Exit.REFUSED)
        if not typer.confirm(f"This will {what}. Go on?", err=True):
            self.fail("Nothing was changed.", Exit.REFUSED)


class Runtime(Protocol):
    """What a module's command finds in `ctx.obj`: the application, without HTTP."""

    def run(self, work: Callable[[Services], Awaitable[T]]) -> T:
        """Open the services, do one piece of work with them, close them."""
        ...


def work_with(
    context: typer.Context, console: Console, work: Callable[[Services], Awaitable[T]]
) -> T:
    """Do one piece of work with the application; end the command with one line if it is refused."""
    runtime: Runtime = context.obj
    try:
        return runtime.run(work)
    except Unavailable:
        raise  # the command line knows how to report it
    except Conflict as error:
        console.fail(str(error), Exit.CONFLICT)
    except DomainError as error:
        console.fail(str(error), Exit.REFUSED)
