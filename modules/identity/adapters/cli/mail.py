"""`app mail preview`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Letter, Previews
from shared_kernel.adapters.cli import Console, JsonFlag, QuietFlag, work_with
from shared_kernel.module import Services

mail = typer.Typer(help="The mails that are sent.", no_args_is_help=True)


class Format(StrEnum):
    """A mail carries both."""

    TEXT = "text"
    HTML = "html"


Chosen = Annotated[Template | None, typer.Argument(help="The mail; without one, all are listed.")]
Locale = Annotated[str | None, typer.Option(help="A language, such as de.")]
Shown = Annotated[Format, typer.Option("--format", help="The part to show.")]


@mail.callback()
def group() -> None:
    """Keep the group's name in the command line even while it holds one command."""


@mail.command("preview")
def preview(  # noqa: PLR0917 - typer reads them by name
    context: typer.Context,
    template: Chosen = None,
    locale: Locale = None,
    part: Shown = Format.TEXT,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show a mail as its reader would see it, with values made up; nothing is sent."""
    console = Console(json=json, quiet=quiet)
    if template is None:
        names = [one.value for one in Template]
        console.show("\n".join(names), names)
        return

    async def write(services: Services) -> Letter:
        return services.get(Previews).example(template, locale)

    letter = work_with(context, console, write)
    console.show(
        f"{letter.subject}\n\n{letter.text}" if part is Format.TEXT else letter.html,
        {
            "template": template.value,
            "language": letter.language,
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
        },
    )
