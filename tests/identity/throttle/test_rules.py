"""How many attempts are too many: the rules and the counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.identity.application.throttle import Throttling
from modules.identity.domain.throttle import (
    Flow,
    ThrottleTerms,
    TooManyAttempts,
    claims_of,
    client_of,
    name_of,
)
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import Origin, Outcome, origin
from shared_kernel.domain import Unavailable
from tests.kit.identity import MovableClock, RecordedAudit
from tests.kit.limits import LimitsInMemory
from tests.kit.throttle import PatientThrottle

WHO = "ada@example.com"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Wrong(Exception):
    """What was verified did not hold."""


def verify(right: bool) -> None:
    if not right:
        raise Wrong


@dataclass
class Door:
    """A throttle over doubles, and somebody who tries."""

    terms: ThrottleTerms = field(default_factory=ThrottleTerms)
    clock: MovableClock = field(default_factory=MovableClock)
    audit: RecordedAudit = field(default_factory=RecordedAudit)
    limits: LimitsInMemory = field(default_factory=LimitsInMemory)

    def __post_init__(self) -> None:
        self.throttle: Throttle = Throttling(self.limits, self.clock, self.audit, self.terms)

    async def knock(
        self,
        who: str | None = WHO,
        *,
        flow: Flow = Flow.SIGN_IN,
        right: bool = False,
        device: UUID | None = None,
        address: str = "192.0.2.7",
    ) -> int:
        """Return how long to wait, nothing if it was verified."""
        come_from = origin.set(Origin(request_id="-", address=address))
        try:
            async with self.throttle.attempt(flow, who, device=device) as attempt:
                verify(right)
                attempt.succeed()
        except Wrong:
            return 0
        except TooManyAttempts as refused:
            return refused.retry_after
        finally:
            origin.reset(come_from)
        return 0

    async def fail(self, times: int, address: str = "192.0.2.7") -> list[int]:
        return [await self.knock(address=address) for _ in range(times)]


@pytest.fixture
def door() -> Door:
    return Door()


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_one_client_however_it_is_written(address: IPv4Address) -> None:
    mapped = f"::ffff:{address}"
    assert client_of(str(address)) == client_of(mapped) == client_of(mapped.upper())


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_addresses_of_an_ipv6_subscriber_are_one_client(
    address: IPv6Address, other: int
) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | other)
    if address.ipv4_mapped is None and neighbour.ipv4_mapped is None:
        assert client_of(str(address)) == client_of(neighbour.exploded)


def test_clients_side_by_side_share_a_network() -> None:
    for one, other, far in [
        ("192.0.2.1", "192.0.2.254", "192.0.3.1"),
        ("2001:db8:1:1::1", "2001:db8:1:ffff::1", "2001:db8:2:1::1"),
    ]:
        assert client_of(one).one != client_of(other).one
        assert client_of(one).network == client_of(other).network != client_of(far).network


@pytest.mark.parametrize("address", [None, "", "testclient", "192.0.2.1, 192.0.2.2", "fe80::%"])
def test_whoever_has_no_address_is_counted_all_the_same(address: str | None) -> None:
    assert client_of(address) == client_of("unknown")
    assert [one.limit.name for one in claims_of(Flow.VERIFY, ThrottleTerms(), client_of(address))]


@pytest.mark.parametrize(
    "written",
    ["ADA@EXAMPLE.COM", " ada@example.com ", "\uff41\uff44\uff41@example.com", "ada@example.com\n"],
)
def test_ways_to_write_a_name_are_one_name(written: str) -> None:
    assert name_of(written) == name_of(WHO)


@given(st.text(max_size=40))
def test_the_form_of_a_name_is_final(text: str) -> None:
    assert name_of(name_of(text)) == name_of(text)
    assert name_of(text.strip()) == name_of(text)


def test_nobody_is_made_to_wait_for_longer_than_a_quarter_of_an_hour() -> None:
    with pytest.raises(ValueError, match="15 minutes"):
        ThrottleTerms(longest_wait=timedelta(minutes=16))


@pytest.mark.parametrize("flow", list(Flow))
def test_every_flow_has_a_limit_for_each_client(flow: Flow) -> None:
    first = claims_of(flow, ThrottleTerms(), client_of("192.0.2.7"), who=WHO)[0]
    assert first.limit.name == f"{flow}.client"


async def test_the_sixth_failure_waits_and_each_further_one_twice_as_long(door: Door) -> None:
    assert await door.fail(6) == [0, 0, 0, 0, 0, 1]
    for seconds in (1, 2, 4, 8):
        door.clock.move(seconds * SECOND)
        assert await door.fail(1) == [0]
        assert (await door.fail(1))[0] == seconds * 2


async def test_a_success_makes_failures_forgotten(door: Door) -> None:
    await door.fail(4)
    assert await door.knock(right=True) == 0
    assert await door.fail(6) == [0, 0, 0, 0, 0, 1]


async def test_the_attempt_says_how_many_failures_came_before(door: Door) -> None:
    await door.fail(4)
    async with door.throttle.attempt(Flow.SIGN_IN, WHO) as attempt:
        assert attempt.failures == 4


async def test_an_attempt_counts_while_it_is_verified_and_when_it_is_cut_off(door: Door) -> None:
    counted = [door.throttle.attempt(Flow.SIGN_IN, WHO) for _ in range(6)]
    for one in counted[:5]:
        await one.__aenter__()
    with pytest.raises(TooManyAttempts):
        await counted[5].__aenter__()


async def test_what_could_not_be_verified_was_no_failure(door: Door) -> None:
    for _ in range(9):
        with pytest.raises(Unavailable):
            async with door.throttle.attempt(Flow.SIGN_IN, WHO):
                raise Unavailable("too many wait")
    assert await door.fail(6) == [0, 0, 0, 0, 0, 1]


async def test_other_accounts_and_other_flows_do_not_wait(door: Door) -> None:
    await door.fail(6)
    assert await door.knock("grace@example.com") == 0
    assert await door.knock(flow=Flow.SECOND_FACTOR) == 0


async def test_a_known_device_waits_only_for_failures_of_its_own(door: Door) -> None:
    laptop, phone = uuid4(), uuid4()
    assert (await door.fail(6))[-1] == 1
    assert [await door.knock(device=laptop) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    assert await door.knock(device=phone, right=True) == 0
    assert (await door.fail(1)) == [1]


async def test_a_known_device_comes_in_though_everybody_else_is_kept_out() -> None:
    door = Door(ThrottleTerms(per_client=3, per_network=3, in_all=3))
    assert (await door.fail(4))[-1] == 60
    assert await door.knock("grace@example.com", address="198.51.100.1") == 60
    assert await door.knock(device=uuid4(), right=True) == 0


async def test_a_client_sent_away_makes_no_account_wait_and_uses_up_nothing_of_others() -> None:
    door = Door(ThrottleTerms(per_client=3, per_network=10, in_all=10))
    assert (await door.fail(50))[3:] == [60] * 47
    assert await door.knock(address="192.0.2.8") == 0
    assert await door.knock(address="192.0.2.8") == 0
    assert await door.knock(address="192.0.2.8") == 1  # the sixth failure of the account


async def test_there_are_ceilings_for_a_client_a_network_and_everybody() -> None:
    door = Door(ThrottleTerms(per_client=2, per_network=4, in_all=6))
    waits = {
        address: [await door.knock(uuid4().hex, address=address) for _ in range(3)]
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1", "203.0.113.1")
    }
    assert waits == {
        "192.0.2.1": [0, 0, 60],
        "192.0.2.2": [0, 0, 60],
        "192.0.2.3": [60, 60, 60],
        "198.51.100.1": [0, 0, 60],
        "203.0.113.1": [60, 60, 60],
    }


async def test_mails_to_one_address_are_few_whoever_asks(door: Door) -> None:
    waits = [await door.knock(flow=Flow.FORGOT, address=f"192.0.2.{n}") for n in range(7)]
    assert waits == [0] * 5 + [3600] * 2


async def test_slow_guessing_meets_the_limit_of_the_day() -> None:
    door = Door(ThrottleTerms(failures_per_day=12))
    waits = list[int]()
    for _ in range(16):
        waits.extend(await door.fail(1))
        door.clock.move(2 * MINUTE)
    assert waits == [0] * 16
    assert door.limits.counts["sign_in.account_failures_per_day", WHO].taken == 16
    assert (await door.fail(2))[1] == 32  # a wait of the day's, not of the five minutes'


async def test_knocking_while_waiting_counts_for_no_day(door: Door) -> None:
    await door.fail(5)
    waits = [await door.knock(address=f"198.51.100.{n}") for n in range(120)]
    assert waits == [1] * 120
    assert door.limits.counts["sign_in.account_failures_per_day", WHO].taken == 5


async def test_of_many_refusals_the_first_is_audited(door: Door) -> None:
    await door.fail(30)
    await door.fail(300)
    entries = [(one.action, one.outcome, one.detail) for one in door.audit.entries]
    assert entries == [
        ("identity.attempts_limited", Outcome.REFUSED, {"limit": "sign_in.account_failures"}),
        ("identity.attempts_limited", Outcome.REFUSED, {"limit": "sign_in.client"}),
    ]


async def test_the_patient_double_is_a_throttle() -> None:
    double = PatientThrottle(closed={Flow.RESET}, failures=7)
    throttle: Throttle = double
    async with throttle.attempt(Flow.SIGN_IN, WHO) as attempt:
        assert attempt.failures == 7
        attempt.succeed()
    with pytest.raises(TooManyAttempts):
        async with throttle.attempt(Flow.RESET):
            pytest.fail("it let somebody in")
    assert (double.succeeded, len(double.tried)) == ([Flow.SIGN_IN], 2)
