"""The catalog's rules: products, what they cost, and the tree of categories they stand in."""
