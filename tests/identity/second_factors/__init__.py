"""Second factors, as people and as thieves use them."""
