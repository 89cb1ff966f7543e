"""The command line: `app`, or `python -m bootstrap.cli`."""

from __future__ import annotations


def main() -> None:
    """Run the command line. The script `app` calls this."""
    from bootstrap.cli.application import run  # noqa: PLC0415 - the package stays light to import

    run()
