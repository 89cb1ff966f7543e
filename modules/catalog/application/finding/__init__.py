"""Finding products by what people remember of them: words, beginnings, and what resembles them."""
