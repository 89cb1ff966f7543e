"""`python -m bootstrap.cli`."""

from bootstrap.cli import main

main()
