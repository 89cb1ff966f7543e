"""`app db migrate|revision|status|check`: the schemas of the modules."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from bootstrap.cli.console import Console, Exit, JsonFlag, QuietFlag
from bootstrap.postgres import PostgresUnavailable
from bootstrap.target import target
from shared_kernel.adapters.settings import WrongSettings

migrations_app = typer.Typer(help="Migrations.", no_args_is_help=True)


@migrations_app.command()
def migrate(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Bring the database to the newest revision of every module."""
    from bootstrap import migrate as migrations  # noqa: PLC0415 - Alembic is slow to import

    console = Console(json=json, quiet=quiet)
    with _reported(console):
        chosen = target()
        applied = migrations.upgrade(chosen.owner_url, app_role=chosen.app_role)
    lines = [f"applied {revision}" for revision in applied] or ["Nothing to apply."]
    console.show("\n".join(lines), {"applied": list(applied)})


@migrations_app.command()
def revision(
    module: Annotated[str, typer.Argument(help="The module whose tables changed.")],
    message: Annotated[str, typer.Argument(help="What the revision does, in a few words.")],
    empty: Annotated[bool, typer.Option(help="Write one to be filled by hand.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write a revision from the difference between a module's tables and the database."""
    from bootstrap import migrate as migrations  # noqa: PLC0415 - Alembic is slow to import

    console = Console(json=json, quiet=quiet)
    with _reported(console):
        written = migrations.revise(target().owner_url, module, message, empty=empty)
    if written is None:
        console.show("Nothing differs; no file was written.", {"written": None})
        return
    warnings = [f"destructive: it {one}" for one in written.destructive]
    lines = [f"wrote {written.path}", *warnings]
    document = {"written": str(written.path), "destructive": list(written.destructive)}
    console.show("\n".join(lines), document)


@migrations_app.command()
def status(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show which revision each module is at, and which are pending."""
    from bootstrap import migrate as migrations  # noqa: PLC0415 - Alembic is slow to import

    console = Console(json=json, quiet=quiet)
    with _reported(console):
        states = migrations.status(target().owner_url)
    lines = [
        f"{state.name:<12} {state.current or 'none':<16} "
        + (f"pending: {', '.join(state.pending)}" if state.pending else "current")
        for state in states
    ]
    document = [asdict(state) | {"pending": list(state.pending)} for state in states]
    console.show("\n".join(lines), document)


@migrations_app.command()
def check(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Exit with 1 when revisions are pending, or tables are not as the modules declare them."""
    from bootstrap import migrate as migrations  # noqa: PLC0415 - Alembic is slow to import

    console = Console(json=json, quiet=quiet)
    with _reported(console):
        findings = migrations.check(target().owner_url)
    console.show(
        "\n".join(findings) or "The database is as declared.", {"findings": list(findings)}
    )
    if findings:
        raise typer.Exit(Exit.CHECK_FAILED)


@contextmanager
def _reported(console: Console) -> Generator[None]:
    from bootstrap.migrate import MigrationFailed, NotRevised  # noqa: PLC0415 - the same

    try:
        yield
    except NotRevised as error:
        console.fail(str(error), Exit.CHECK_FAILED)
    except WrongSettings as error:
        console.fail(str(error), Exit.USAGE)
    except (MigrationFailed, PostgresUnavailable, OSError) as error:
        console.fail(str(error), Exit.ENVIRONMENT)
