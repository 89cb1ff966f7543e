"""Files that are written from the code, and checked against it."""

from __future__ import annotations

from pathlib import Path

import typer

from bootstrap.cli.console import Console, Exit

ROOT = Path(__file__).resolve().parents[2]


def write(console: Console, path: Path, content: str) -> None:
    """Write the file, unless it says so already."""
    shown = path.relative_to(ROOT)
    changed = not path.exists() or path.read_text("utf-8") != content
    try:
        if changed:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, "utf-8", newline="\n")
    except OSError as error:
        console.fail(f"cannot write {shown}: {error.strerror}", Exit.ENVIRONMENT)
    console.show(
        f"Wrote {shown}." if changed else f"{shown} is up to date.",
        {"file": str(shown), "changed": changed},
    )


def check(console: Console, path: Path, content: str, command: str, *, notes: list[str]) -> None:
    """Exit with 1 when the file is not what the code says; `notes` tell more about it."""
    shown = path.relative_to(ROOT)
    if path.exists() and path.read_text("utf-8") == content:
        console.show(f"{shown} is up to date.", {"file": str(shown), "drift": False, "notes": []})
        return
    lines = [f"{shown} is not what the code says; write it with `{command}`", *notes]
    console.show("\n".join(lines), {"file": str(shown), "drift": True, "notes": notes})
    raise typer.Exit(Exit.CHECK_FAILED)
