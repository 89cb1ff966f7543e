"""How the catalog is kept, shown, fed and told."""
