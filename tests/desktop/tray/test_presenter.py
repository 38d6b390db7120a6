"""The tray's menu and its notices, without any Qt."""

from __future__ import annotations

from dataclasses import replace

from manager.desktop.account import State, read_account
from manager.desktop.tray.presenter import TrayPresenter, menu
from tests.desktop.sample_gateway import KEY, PEOPLE

ACCOUNTS = tuple(read_account(one) for one in PEOPLE)


def test_one_radio_list_over_all_servers_with_one_default() -> None:
    shown = menu(ACCOUNTS)
    assert [server for server, _ in shown.groups] == [
        "Harbour Studio",
        "Northbridge Engineering",
        "Speckle",
    ]
    entries = [entry for _, group in shown.groups for entry in group]
    assert [entry.account for entry in entries if entry.checked] == ["account-1"]
    assert len(entries) == len(ACCOUNTS)


def test_a_key_is_told_apart_from_a_sign_in() -> None:
    labels = [entry.label for _, group in menu((read_account(KEY),)).groups for entry in group]
    assert labels == ["Alice Moreau (hbk_7Qd3…, signing key)"]


def test_whoever_needs_the_person_stands_on_top() -> None:
    shown = menu(ACCOUNTS)
    assert [entry.account for entry in shown.attention] == ["account-3"]
    assert shown.tooltip == "Account Manager: 1 account needs sign-in"
    assert menu(ACCOUNTS[:2]).attention == ()


def test_one_notice_for_many_accounts_and_never_twice() -> None:
    presenter = TrayPresenter()
    broken = tuple(replace(one, state=State.ATTENTION) for one in ACCOUNTS)
    notice = presenter.notice(broken)
    assert notice is not None
    assert notice.title == "5 accounts need sign-in"
    assert "Harbour Studio, Northbridge Engineering and Speckle" in notice.text
    assert presenter.notice(broken) is None


def test_an_account_that_was_put_right_is_told_about_anew() -> None:
    presenter = TrayPresenter()
    first = presenter.notice(ACCOUNTS)
    assert first is not None
    assert first.account == "account-3"
    assert "Northbridge Engineering" in first.title
    well = tuple(replace(one, state=State.SIGNED_IN) for one in ACCOUNTS)
    assert presenter.notice(well) is None
    assert presenter.notice(ACCOUNTS) is not None
