"""Puts the system together: finds the modules, wires them, serves them. It names none of them."""
