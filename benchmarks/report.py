"""The figures of one run, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ladder import Rung, Samples

RESULTS = Path(__file__).parent / "results"


def figures(ladder: Sequence[Rung], samples: Mapping[str, Samples]) -> list[dict[str, Any]]:
    """Return one row per rung. A ratio compares processor time per request within one round."""
    return [_row(rung, samples) for rung in ladder]


def machine() -> str:
    """Describe where the run took place."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    return (
        f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}"
    )


def write(
    rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], notes: Sequence[str]
) -> Path:
    """Write `results/<date>.json` and `.md`. Returns the latter."""
    RESULTS.mkdir(exist_ok=True)
    document = {"machine": machine(), **facts, "rungs": rows}
    plain = RESULTS / f"{date.today().isoformat()}.json"  # noqa: DTZ011 - the day where it ran
    plain.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    page = plain.with_suffix(".md")
    page.write_text(_page(rows, facts, notes), "utf-8")
    return page


def _row(rung: Rung, samples: Mapping[str, Samples]) -> dict[str, Any]:
    own = samples[rung.name]
    row: dict[str, Any] = {
        "rung": rung.name,
        "cpu_us": round(median(own.cpu_us), 1),
        "per_second": round(median(own.per_second)),
        "p50_ms": round(median(own.p50_ms), 2),
        "p99_ms": round(median(own.p99_ms), 2),
    }
    if rung.against is not None:
        base = samples[rung.against]
        ratios = [b / o for b, o in zip(base.cpu_us, own.cpu_us, strict=True)]
        row |= {
            "ratio": round(median(ratios), 3),
            "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "target": rung.target,
        }
    return row


def _page(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], notes: Sequence[str]) -> str:
    lines = [
        f"# Benchmark of {date.today().isoformat()}",  # noqa: DTZ011 - as above
        "",
        f"{machine()}. " + ", ".join(f"{name}: {value}" for name, value in facts.items()) + ".",
        "",
        "A ratio is the server's processor time per request of the reference, divided by that of",
        "the rung, within one round; the median of the rounds, and their spread.",
        "",
        "| rung | ratio | spread | target | CPU us | requests/s | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|---|",
        *(_line(row) for row in rows),
        "",
        *(f"- {note}" for note in notes),
    ]
    return "\n".join(lines) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    spread = "{} to {}".format(*row["spread"]) if "spread" in row else ""
    cells = [row["rung"], row.get("ratio", 1), spread, row.get("target") or "", row["cpu_us"],
             row["per_second"], row["p50_ms"], row["p99_ms"]]  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
