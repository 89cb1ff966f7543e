"""Addresses that look like those of somebody else."""

from __future__ import annotations

import pytest

from modules.identity.adapters.email import ValidatedEmailAddresses
from modules.identity.domain.account import EmailMalformed

EMAILS = ValidatedEmailAddresses()


@pytest.mark.parametrize(
    "text",
    [
        "\u0430da@example.com",  # Cyrillic a
        "\uff41da@example.com",  # full width
        "\ufb01rst@example.com",  # a ligature
        "\u0131da@example.com",  # a dotless i
        "a\u0307da@example.com",
        "ada@ex\u0430mple.com",  # one Cyrillic letter among Latin ones
        "ada@xn--exmple-4nf.com",  # the same, as it is sent
        "ada@\u0430\u0440\u0440\u04cf\u0435.com",  # all Cyrillic, reads apple
        "ada@xn--80ak6aa92e.com",  # the same, as it is sent
        "ada@\u03b1\u03b9\u03c1.com",  # all Greek, reads aip
        "ada@g\u03bfogle.com",  # a Greek omicron
        "ada@exam\u0440le.ex\u0430mple.com",
    ],
)
def test_an_address_that_poses_as_another_is_refused(text: str) -> None:
    with pytest.raises(EmailMalformed) as refused:
        EMAILS.parse(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("ada@b\u00fccher.example.com", "ada@xn--bcher-kva.example.com"),
        ("ada@bu\u0308cher.example.com", "ada@xn--bcher-kva.example.com"),
        ("ada@xn--bcher-kva.example.com", "ada@xn--bcher-kva.example.com"),
        ("ada@\u043f\u043e\u0447\u0442\u0430.com", "ada@xn--80a1acny.com"),  # Russian for mail
        ("ada@\u65e5\u672c\u8a9e\u306e.com", "ada@xn--u9ju32nb2abz6g.com"),  # Japanese
        ("ada@\ud55c\uad6d.com", "ada@xn--3e0b707e.com"),  # Korean
        ("ada@caf\u00e9.com", "ada@xn--caf-dma.com"),
        ("ada+tag@example.com", "ada+tag@example.com"),
    ],
)
def test_all_ways_to_write_an_address_are_one(text: str, normalized: str) -> None:
    assert EMAILS.parse(text).normalized == normalized
