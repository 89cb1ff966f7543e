"""Media by themselves: what is a picture, and what is none."""

from __future__ import annotations

import pytest

from modules.catalog.domain.media import Kind, NoPicture, kind_of
from tests.catalog.pictures import GIF, JPEG, PNG, WEBP

STARTS = {PNG: Kind.PNG, JPEG: Kind.JPEG, GIF: Kind.GIF, WEBP: Kind.WEBP}


def test_a_picture_is_what_its_first_bytes_say_whatever_follows() -> None:
    for start, kind in STARTS.items():
        assert kind_of(start + b"<html><script>alert(1)</script>") is kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html>" + PNG,
        b" " + PNG,
        b"\xef\xbb\xbf" + GIF,
        PNG[:7],
        JPEG[:2],
        WEBP[:11],
        b"GIF88a",
        b"RIFF\0\0\0\0WAVE",
        b"BM\0\0\0\0",
        b"%PDF-1.7",
        b"PK\3\4",
    ],
)
def test_all_else_is_none(content: bytes) -> None:
    with pytest.raises(NoPicture):
        kind_of(content)
