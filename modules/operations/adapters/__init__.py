"""How operations are kept, shown and done."""
