"""What can be done with the catalog, and asked of it."""
