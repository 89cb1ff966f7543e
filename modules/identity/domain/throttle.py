"""How often somebody may try to guess, and who counts as somebody."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from shared_kernel.domain import Limit, TooManyRequests

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class TooManyAttempts(TooManyRequests):
    """There were too many attempts. The same is said whether or not there is such an account."""


class Flow(StrEnum):
    """What is counted, each apart from the others."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    REAUTHENTICATE = "reauthenticate"
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a name
    REGISTER = "register"
    FORGOT = "forgot"
    RESEND = "resend"
    CHANGE_ADDRESS = "change_address"
    VERIFY = "verify"
    RESET = "reset"
    PASSKEY = "passkey"
    FEDERATED = "federated"
    REFRESH = "refresh"
    API_KEY = "api_key"


GUESSED = {Flow.SIGN_IN, Flow.SECOND_FACTOR, Flow.REAUTHENTICATE, Flow.CLIENT_SECRET}
"""A secret of somebody named is guessed: failures make that name wait, longer and longer."""

MAILED = {Flow.REGISTER, Flow.FORGOT, Flow.RESEND, Flow.CHANGE_ADDRESS}
"""Ends in a mail: an address gets only so many."""

FREQUENT = {Flow.REFRESH, Flow.API_KEY, Flow.CLIENT_SECRET}
"""What programs do all the time, with secrets that nobody guesses."""

CROWDED = {Flow.SIGN_IN, Flow.REGISTER, Flow.FORGOT, Flow.RESEND}
"""Open to everyone, and costly: there are ceilings for networks and for all clients together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleTerms:
    """How much is too much. What has no other unit is for each minute."""

    per_client: int = 30
    frequent_per_client: int = 1200
    per_network: int = 300
    in_all: int = 1000
    failures: int = 5
    failure_window: timedelta = timedelta(minutes=5)
    failures_per_day: int = 100
    longest_wait: timedelta = timedelta(minutes=15)
    mails_per_hour: int = 5

    def __post_init__(self) -> None:
        if self.longest_wait > timedelta(minutes=15):
            raise ValueError("nobody has to wait for more than 15 minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing to count. `forgiven`: it counts failures, which a success makes forgotten."""

    limit: Limit
    key: str
    forgiven: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """Whom an address stands for: `one` subscriber, in one `network`."""

    one: str
    network: str


NOBODY_KNOWN = Client("unknown", "unknown")


def client_of(address: str | None) -> Client:
    """Return the client behind an address.

    Of IPv6 the first 64 bits are one client, who has all the others; 48 are one network. Of IPv4
    it is the whole address, and 24 bits, however it is written.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return NOBODY_KNOWN
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            number = int(found)
            return Client(f"6:{number >> 64:x}", f"6:{number >> 80:x}")
        found = found.ipv4_mapped
    return Client(f"4:{int(found):x}", f"4:{int(found) >> 8:x}")


def name_of(text: str) -> str:
    """Return one form for all ways to write a name: they share one counter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def claims_of(
    flow: Flow,
    terms: ThrottleTerms,
    client: Client,
    *,
    who: str | None = None,
    device: UUID | None = None,
) -> Sequence[Claim]:
    """Return what an attempt counts against, in order: the first that is used up refuses it.

    The client comes first, so that whoever is sent away cannot use up what belongs to others, nor
    make an account wait. A device its account knows has counters of its own, and no others: what
    strangers do cannot keep it out.
    """
    if who is not None and device is not None:
        return list(_of_known_device(flow, terms, f"{name_of(who)}|{device}"))
    return list(_of_client(flow, terms, client)) + list(_of_name(flow, terms, who))


def _of_client(flow: Flow, terms: ThrottleTerms, client: Client) -> Iterator[Claim]:
    each = terms.frequent_per_client if flow in FREQUENT else terms.per_client
    yield _ceiling(flow, "client", each, client.one)
    if flow in CROWDED:
        yield _ceiling(flow, "network", terms.per_network, client.network)
        yield _ceiling(flow, "all", terms.in_all, "")


def _of_name(flow: Flow, terms: ThrottleTerms, who: str | None) -> Iterator[Claim]:
    if who is None:
        return
    if flow in GUESSED:
        yield from _failures(flow, terms, name_of(who), "account")
    elif flow in MAILED:
        mails = Limit(name=f"{flow}.address", quota=terms.mails_per_hour, window=HOUR)
        yield Claim(limit=mails, key=name_of(who))


def _of_known_device(flow: Flow, terms: ThrottleTerms, key: str) -> Iterator[Claim]:
    yield _ceiling(flow, "device", terms.per_client, key)
    yield from _failures(flow, terms, key, "device")


def _ceiling(flow: Flow, of: str, quota: int, key: str) -> Claim:
    return Claim(limit=Limit(name=f"{flow}.{of}", quota=quota, window=MINUTE), key=key)


def _failures(flow: Flow, terms: ThrottleTerms, key: str, of: str) -> Iterator[Claim]:
    # The day comes first: below its quota a count can be given back without a trace.
    for name, quota, window in (
        (f"{flow}.{of}_failures_per_day", terms.failures_per_day, DAY),
        (f"{flow}.{of}_failures", terms.failures, terms.failure_window),
    ):
        growing = Limit(name=name, quota=quota, window=window, longest_wait=terms.longest_wait)
        yield Claim(limit=growing, key=key, forgiven=True)
