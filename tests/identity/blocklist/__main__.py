"""`python -m tests.identity.blocklist` writes the filter of common passwords anew."""

from __future__ import annotations

from modules.identity.adapters.blocklist import FILE, BloomFilter
from tests.identity.blocklist.entries import entries

if __name__ == "__main__":
    FILE.write_bytes(BloomFilter.of(entries()).written)
