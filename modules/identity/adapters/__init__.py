"""The techniques identity uses."""
