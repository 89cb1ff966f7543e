"""Common passwords in a Bloom filter (docs/adr/0017): some 71,000 in 279 kB, asked in microseconds.

The filter is the file `common.bin`. `python -m tests.identity.blocklist` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

FILE = Path(__file__).with_name("common.bin")
BITS_PER_ENTRY, HASHES = 32, 22  # one in five million others is taken for an entry


class BloomFilter:
    """A set that never denies what is in it, and hardly ever affirms what is not."""

    def __init__(self, bits: bytes) -> None:
        self._bits, self._size = bits, len(bits) * 8

    @classmethod
    def of(cls, entries: Iterable[str]) -> BloomFilter:
        """Return a filter that holds the entries. Equal entries give equal bytes."""
        kept = sorted(set(entries))
        bits = bytearray(-(-len(kept) * BITS_PER_ENTRY // 8))
        for entry in kept:
            for place in _places(entry, len(bits) * 8):
                bits[place >> 3] |= 1 << (place & 7)
        return cls(bytes(bits))

    @classmethod
    def shipped(cls) -> BloomFilter:
        """Return the filter that comes with the code."""
        return cls(FILE.read_bytes())

    @property
    def written(self) -> bytes:
        """The filter as it stands in a file."""
        return self._bits

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        bits = self._bits
        return all(bits[place >> 3] >> (place & 7) & 1 for place in _places(text, self._size))


def _places(entry: str, size: int) -> Iterable[int]:
    """Return the bits of an entry: double hashing, after Kirsch and Mitzenmacher."""
    digest = blake2b(entry.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    first, second = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
    return ((first + turn * second) % size for turn in range(HASHES))
