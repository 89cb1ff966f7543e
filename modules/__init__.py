"""The bounded contexts. Found by looking into this folder; nothing lists them."""
