"""`python -m tests.architecture`: plants every violation and prints what caught it, as a table."""

import sys
import tempfile
from pathlib import Path

from tests.architecture.law import weaknesses
from tests.architecture.planting import violations, weakened
from tests.architecture.tree import ROOT, Gate, plant_ground, red


def main() -> None:
    write = sys.stdout.write
    write("| planted | expected | caught by |\n|---|---|---|\n")
    with tempfile.TemporaryDirectory() as directory:
        ground = plant_ground(Path(directory) / "ground", cleared=True)
        gate = Gate(ground)
        gate.findings(ground)
        for number, plant in enumerate(violations()):
            found = plant.sow(ground.copy(Path(directory) / str(number)), gate)
            write(f"| {plant.what} | {plant.check} | {', '.join(sorted(red(found)))} |\n")
        gate.close()
    for plant in weakened():
        text = (ROOT / "importlinter.ini").read_text("utf-8")
        for edit in plant.edits:
            text = edit.made_in(text)
        write(f"| {plant.what} | law | {'law' if weaknesses(text) else 'nothing'} |\n")


if __name__ == "__main__":
    main()
