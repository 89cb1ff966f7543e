"""The command line: `app`, or `python -m bootstrap.cli`."""

from __future__ import annotations

from bootstrap import collector


def main() -> None:
    """Run the command line. The script `app` calls this."""
    collector.collect_seldom()
    collector.leave_out_the_end()
    from bootstrap.cli.application import run  # noqa: PLC0415 - the package stays light to import

    run()
