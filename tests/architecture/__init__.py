"""The shape of the code, enforced: what may import what, and what may reach whose tables."""
