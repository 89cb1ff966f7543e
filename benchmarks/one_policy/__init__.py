"""One policy, three uses: lists, decisions and allowed actions beside each other, at random."""
