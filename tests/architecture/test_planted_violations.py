"""Violations are planted one at a time in a copy of the tree: each turns the right check red."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.architecture.planting import ALL, Plant, allowed, violations
from tests.architecture.tree import Gate, Tree, plant_ground, red


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return plant_ground(tmp_path_factory.mktemp("ground") / "tree", cleared=True)


@pytest.fixture(scope="session")
def gate(ground: Tree) -> Iterator[Gate]:
    gate = Gate(ground)
    yield gate
    gate.close()


@pytest.fixture(scope="session")
def before(ground: Tree, gate: Gate) -> frozenset[str]:
    """What the checks say of the ground: nothing, unless the project itself is broken."""
    return frozenset(gate.findings(ground, ALL))  # this also fills the caches that are copied


@pytest.fixture
def tree(ground: Tree, before: frozenset[str], tmp_path: Path) -> Tree:
    return ground.copy(tmp_path / "tree")


def new_findings(plant: Plant, tree: Tree, gate: Gate, before: frozenset[str]) -> Sequence[str]:
    return [line for line in plant.sow(tree, gate) if line not in before]


@pytest.mark.parametrize("plant", violations(), ids=lambda plant: plant.what)
def test_a_planted_violation_turns_its_check_red(
    plant: Plant,
    tree: Tree,
    gate: Gate,
    before: frozenset[str],
) -> None:
    found = new_findings(plant, tree, gate, before)
    assert plant.check in red(found), found


@pytest.mark.parametrize("plant", allowed(), ids=lambda plant: plant.what)
def test_what_is_allowed_stays_green(
    plant: Plant, tree: Tree, gate: Gate, before: frozenset[str]
) -> None:
    assert not new_findings(plant, tree, gate, before)
