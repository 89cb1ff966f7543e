"""Work that takes longer than a request: who started it, how far it is, and what came of it."""
