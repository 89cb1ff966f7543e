"""Ratios, measured in one interleaved run. Absolute times belong to one machine and one day."""
