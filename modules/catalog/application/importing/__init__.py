"""Taking in whole catalogues from files: all or nothing, and twice is once."""
