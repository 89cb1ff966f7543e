"""The rules of accounts and links: no clock, no database."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from modules.identity.domain.account import (
    Account,
    AccountIsClosed,
    AccountStatus,
    AlreadySuspended,
    EmailAddress,
    NotSuspended,
)
from modules.identity.domain.link import LASTS, LinkRefused, LinkRequest, LinkToken, Purpose
from shared_kernel.domain import new_id
from tests.kit.identity import NOON

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ADA = EmailAddress("Ada@example.com", "ada@example.com")
EVE = EmailAddress("eve@example.com", "eve@example.com")
TOKEN = LinkToken(b"s" * 32)


def an_account(*, verified: bool = True) -> Account:
    account = Account.register(ADA, "hash", at=NOON, verified=verified)
    account.release_events()
    return account


def told(account: Account) -> list[str]:
    return [event.kind().removeprefix("identity.") for event in account.release_events()]


def test_a_token_reads_as_it_was_written_and_nothing_else_does() -> None:
    assert TOKEN.text.startswith("app_link_")
    assert LinkToken.parse(TOKEN.text) == TOKEN
    assert len(TOKEN.hash) == 32
    for text in ("", "app_link_", TOKEN.text[:-1], TOKEN.text + "0", TOKEN.text.replace("_", "-")):
        with pytest.raises(LinkRefused):
            LinkToken.parse(text)
    assert "s" * 32 not in repr(TOKEN)


def test_suspending_and_restoring_go_back_and_forth() -> None:
    account = an_account()
    account.suspend(at=NOON)
    assert not account.accepts("hash")
    with pytest.raises(AlreadySuspended):
        account.suspend(at=NOON)
    account.restore(at=NOON)
    assert account.accepts("hash")
    with pytest.raises(NotSuspended):
        account.restore(at=NOON)
    assert told(account) == ["AccountSuspended", "AccountRestored"]


def test_nothing_happens_to_an_account_that_is_closed_or_erased() -> None:
    for end in (Account.close, Account.erase):
        account = an_account()
        end(account, at=NOON)
        for verb in (Account.close, Account.erase, Account.suspend, Account.restore):
            with pytest.raises(AccountIsClosed):
                verb(account, at=NOON)


def test_an_erased_account_says_farewell_and_keeps_its_id_alone() -> None:
    account = an_account()
    account.change_profile(display_name="Ada", locale="de", at=NOON)
    account.release_events()
    account.erase(at=NOON)
    events = account.release_events()
    assert [one.kind() for one in events] == [
        "identity.AccountClosed",
        "identity.AccountErased",
        "identity.FarewellOwed",
    ]
    assert (events[-1].email, events[-1].locale) == (ADA.written, "de")  # type: ignore[attr-defined]  # of FarewellOwed
    kept = [getattr(account, one.name) for one in fields(account)]
    assert "ada" not in str(kept).replace(str(account.id), "").lower()
    assert account.status is AccountStatus.ERASED


def test_an_address_is_verified_once() -> None:
    account = an_account(verified=False)
    account.verify_address(at=NOON)
    account.verify_address(at=NOON + DAY)
    assert account.email_verified_at == NOON
    assert told(account) == ["AddressVerified"]


def test_only_an_unverified_address_is_contested_or_makes_way() -> None:
    mine = an_account()
    assert (mine.contest(), mine.make_way(at=NOON), mine.accepts("hash")) == (False, False, True)
    contested, displaced = an_account(verified=False), an_account(verified=False)
    assert (contested.contest(), contested.accepts("hash")) == (True, False)
    assert (displaced.make_way(at=NOON), displaced.accepts("hash")) == (True, False)


def test_what_makes_way_is_told_to_nobody() -> None:
    account = an_account(verified=False)
    account.make_way(at=NOON)
    assert told(account) == ["AccountClosed", "AccountErased"]
    assert account.email_normalized != ADA.normalized


def test_taking_an_address_back_forgets_the_password() -> None:
    account = an_account()
    account.change_address(EVE, at=NOON)
    account.take_back(ADA, at=NOON + DAY)
    assert (account.email, account.password_hash) == (ADA.written, None)
    assert told(account) == ["AddressChanged", "AddressTakenBack"]


def test_a_link_a_thief_asked_for_is_not_mailed_once_the_account_is_taken_back() -> None:
    account = an_account()
    account.change_address(EVE, at=NOON)
    asked = LinkRequest(id=new_id(), purpose=Purpose.CHANGE_ADDRESS, asked_at=NOON + HOUR, to=EVE)
    assert asked.link_for(account, TOKEN, at=NOON + 2 * HOUR) is not None
    account.take_back(ADA, at=NOON + 3 * HOUR)
    assert asked.link_for(account, TOKEN, at=NOON + 4 * HOUR) is None


def test_a_profile_that_stays_the_same_is_no_event() -> None:
    account = an_account()
    account.change_profile(display_name=None, locale=None, at=NOON)
    assert told(account) == []
    account.change_profile(display_name="Ada", locale=None, at=NOON)
    assert [one.members for one in account.release_events()] == [("display_name",)]  # type: ignore[attr-defined]  # of ProfileChanged


@pytest.mark.parametrize(
    ("purpose", "verified", "wanted"),
    [
        (Purpose.VERIFY, False, Purpose.VERIFY),
        (Purpose.VERIFY, True, None),
        (Purpose.RESET, False, Purpose.RESET),
        (Purpose.RESET, True, Purpose.RESET),
        (Purpose.CHANGE_ADDRESS, True, Purpose.CHANGE_ADDRESS),
        (Purpose.UNDO_CHANGE, True, Purpose.UNDO_CHANGE),
    ],
)
def test_a_link_is_made_where_it_is_good_for_something(
    purpose: Purpose, verified: bool, wanted: Purpose | None
) -> None:
    asked = LinkRequest(id=new_id(), purpose=purpose, asked_at=NOON, to=None)
    link = asked.link_for(an_account(verified=verified), TOKEN, at=NOON)
    assert (link.purpose if link else None) == wanted
    if link is not None:
        assert link.expires_at == NOON + LASTS[purpose]


def test_a_link_that_waited_too_long_or_was_overtaken_is_not_mailed() -> None:
    asked = LinkRequest(id=new_id(), purpose=Purpose.RESET, asked_at=NOON)
    assert asked.link_for(an_account(), TOKEN, at=NOON + timedelta(hours=1)) is None
    changed = an_account()
    changed.change_password("other", at=NOON + SECOND)
    assert asked.link_for(changed, TOKEN, at=NOON + SECOND) is None
    suspended = an_account()
    suspended.suspend(at=NOON)
    assert asked.link_for(suspended, TOKEN, at=NOON) is None


def test_a_contested_account_is_never_verified_without_choosing_a_password() -> None:
    account = an_account(verified=False)
    account.contest()
    asked = LinkRequest(id=new_id(), purpose=Purpose.VERIFY, asked_at=NOON)
    link = asked.link_for(account, TOKEN, at=NOON)
    assert link is not None
    assert link.purpose is Purpose.RESET


def test_a_link_no_longer_fits_an_account_that_moved() -> None:
    account = an_account()
    link = LinkRequest(id=new_id(), purpose=Purpose.RESET, asked_at=NOON).link_for(
        account, TOKEN, at=NOON
    )
    assert link is not None
    assert link.fits(account)
    account.change_address(EVE, at=NOON)
    assert not link.fits(account)
