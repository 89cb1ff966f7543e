"""Attributes of categories: defining them, and showing them."""
