"""Circles in a directed graph, in linear time (Tarjan 1972), without recursion."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Graph = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class _Search:
    graph: Graph
    index: dict[str, int] = field(default_factory=dict[str, int])
    low: dict[str, int] = field(default_factory=dict[str, int])
    stack: list[str] = field(default_factory=list[str])
    open: set[str] = field(default_factory=set[str])

    def from_node(self, root: str) -> Iterator[list[str]]:
        path = [(self._enter(root), iter(self.graph.get(root, ())))]
        while path:
            node, targets = path[-1]
            unseen = self._advance(node, targets)
            if unseen is not None:
                path.append((self._enter(unseen), iter(self.graph.get(unseen, ()))))
                continue
            path.pop()
            if path:
                parent = path[-1][0]
                self.low[parent] = min(self.low[parent], self.low[node])
            if self.low[node] == self.index[node]:
                yield self._close(node)

    def _enter(self, node: str) -> str:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.open.add(node)
        return node

    def _advance(self, node: str, targets: Iterator[str]) -> str | None:
        for target in targets:
            if target not in self.index:
                return target
            if target in self.open:
                self.low[node] = min(self.low[node], self.index[target])
        return None

    def _close(self, node: str) -> list[str]:
        component: list[str] = []
        while not component or component[-1] != node:
            component.append(self.stack.pop())
        self.open.difference_update(component)
        return component


def components(graph: Graph) -> Iterator[list[str]]:
    """The sets of nodes that reach each other; single nodes are left out."""
    search = _Search(graph)
    for node in graph:
        if node not in search.index:
            yield from (found for found in search.from_node(node) if len(found) > 1)


def loop(graph: Graph, component: Collection[str]) -> list[str]:
    """A shortest circle through the first node of a component, by breadth."""
    start = min(component)
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in graph.get(node, ()):
            if target == start:
                return _way_back(came_from, start, node)
            if target in component and target not in came_from:
                came_from[target] = node
                queue.append(target)
    raise ValueError(f"no circle passes through {start}")


def _way_back(came_from: Mapping[str, str], start: str, node: str) -> list[str]:
    way = [node]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
