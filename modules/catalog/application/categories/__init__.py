"""Categories: the upkeep of the tree, and showing it."""
