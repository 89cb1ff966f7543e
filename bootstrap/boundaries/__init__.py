"""The walls: what may import what, and the checks that need more than imports.

`lint-imports` runs the static contracts of `importlinter.ini`; `python -m bootstrap.boundaries`
runs these and the checks over source text and over the loaded application. See
`docs/boundaries.md`. Needs the test dependencies; nothing on the request path imports it.
"""
