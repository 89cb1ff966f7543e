"""Media of products: what can be done with them, and what is shown of them."""
