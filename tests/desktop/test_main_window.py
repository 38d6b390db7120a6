"""The window itself, drawn without a screen: what is said to assistive programs, and the keys."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from manager.desktop.accounts.presenter import AccountsPresenter
from manager.desktop.appearance import Appearance
from manager.desktop.main_window import MainWindow
from manager.desktop.sign_in.probe import Found
from manager.desktop.sign_in.steps import EnterAddress, Preset, Waiting
from manager.desktop.theme import DARK, LIGHT
from tests.desktop.sample_gateway import KEY, NOON, PEOPLE, SPECKLE, SampleGateway, account


def opened(
    qtbot: QtBot, look: Appearance, gateway: SampleGateway
) -> tuple[MainWindow, AccountsPresenter]:
    window = MainWindow(look)
    window.may_close = True
    qtbot.addWidget(window)
    presenter = AccountsPresenter(gateway, window, lambda: datetime.fromtimestamp(NOON, UTC))
    window.chosen.connect(presenter.choose)
    window.nth_chosen.connect(presenter.choose_nth)
    window.searched.connect(presenter.search)
    asyncio.run(presenter.refresh())
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window, presenter


def unnamed(window: QWidget) -> list[str]:
    controls = (QAbstractButton, QLineEdit, QComboBox, QListView)
    return [
        f"{type(control).__name__} in {type(control.parent()).__name__}"
        for control in window.findChildren(QWidget)
        if isinstance(control, controls)
        and control.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not control.accessibleName()
        and not isinstance(control.parent(), QLineEdit | QComboBox)
        and control.parent().metaObject().className() != "QComboBoxPrivateContainer"
    ]


def test_every_control_has_a_name(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway(keychain="locked"))
    window.sign_in_sheet.show_step(EnterAddress(presets=(Preset("A", "https://a.example"),)), (), 0)
    window.ask_to_sign_out()
    assert unnamed(window) == []


def test_the_chosen_account_is_drawn(qtbot: QtBot, look: Appearance) -> None:
    window, presenter = opened(qtbot, look, SampleGateway())
    presenter.choose("account-3")
    details = window.page.details
    assert details._name.accessibleName() == "Alice Moreau"
    assert details._pill.accessibleName() == "Needs sign-in"
    assert not details._copy.isVisible()
    names = [
        window.page.sidebar.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(window.page.sidebar.model.rowCount())
    ]
    assert "Alice Moreau, alice@harbour-studio.example, Speckle, signed in, default" in names


def test_a_key_says_what_it_is_and_can_be_checked(qtbot: QtBot, look: Appearance) -> None:
    window, presenter = opened(qtbot, look, SampleGateway([*PEOPLE, KEY]))
    asked: list[str] = []
    window.check_now.connect(asked.append)
    presenter.choose("account-6")
    details = window.page.details
    assert (details._what_pill.isVisible(), details._what_pill.accessibleName()) == (
        True,
        "Signing key",
    )
    assert details._moved.accessibleName() == "Moved from models.harbour-studio.example"
    assert not details._copy.isVisible()
    details._check.click()
    assert asked == ["account-6"]
    model = window.page.sidebar.model
    heard = model.place("account-6").data(Qt.ItemDataRole.AccessibleTextRole)
    assert "hbk_7Qd3…, Signing key, Harbour Studio" in heard
    presenter.choose("account-1")
    assert not details._what_pill.isVisible()
    assert not details._moved.isVisible()
    assert not details._roles_row.isVisible()


def test_ctrl_digits_and_arrows_choose(qtbot: QtBot, look: Appearance) -> None:
    window, presenter = opened(qtbot, look, SampleGateway())
    order = [one.id for one in presenter.state.visible]
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert presenter.state.chosen == order[1]
    qtbot.keyClick(window.page.sidebar.list, Qt.Key.Key_Down)
    assert presenter.state.chosen == order[2]


def test_delete_asks_and_escape_decides_nothing(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    signed_out: list[str] = []
    window.sign_out.connect(signed_out.append)
    window.page.sidebar.list.setFocus()
    qtbot.keyClick(window.page.sidebar.list, Qt.Key.Key_Delete)
    assert window.confirmation.isVisible()
    qtbot.keyClick(window.confirmation, Qt.Key.Key_Escape)
    assert not window.confirmation.isVisible()
    assert signed_out == []
    window.ask_to_sign_out()
    window.confirmation.agree.click()
    assert signed_out == ["account-1"]


def test_enter_presses_the_focused_button(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    window.ask_to_sign_out()
    qtbot.keyClick(window.confirmation.cancel, Qt.Key.Key_Return)
    assert not window.confirmation.isVisible()


def test_the_search_appears_from_ten_accounts_on(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    assert not window.page.sidebar.search.isVisible()
    many = [account(one, f"P{one}", f"p{one}", SPECKLE) for one in range(10)]
    window, presenter = opened(qtbot, look, SampleGateway(many))
    search = window.page.sidebar.search
    assert search.isVisible()
    qtbot.keyClicks(search, "P7")
    assert [one.name for one in presenter.state.visible] == ["P7"]
    assert window.page.sidebar.model.rowCount() == 2


def test_a_thousand_accounts_are_only_painted_where_they_are_seen(
    qtbot: QtBot, look: Appearance
) -> None:
    many = [account(one, f"P{one}", f"p{one}", SPECKLE) for one in range(1000)]
    window, _ = opened(qtbot, look, SampleGateway(many))
    sidebar = window.page.sidebar
    assert sidebar.model.rowCount() == 1001
    assert len(sidebar.list.findChildren(QWidget)) < 20


def test_server_text_is_never_read_as_markup(qtbot: QtBot, look: Appearance) -> None:
    hostile = account(1, "<img src=x onerror=y>", "<b>x</b>", ("https://x.example", "<h1>S</h1>"))
    window, _ = opened(qtbot, look, SampleGateway([hostile]))
    details = window.page.details
    assert details._name.textFormat() == Qt.TextFormat.PlainText
    assert details._name.accessibleName() == "<img src=x onerror=y>"


def test_the_theme_changes_while_the_window_is_open(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    look.use(DARK)
    dark = window.grab().toImage().pixelColor(4, 4).lightness()
    look.use(LIGHT)
    light = window.grab().toImage().pixelColor(4, 4).lightness()
    assert dark < 60 < 200 < light


@pytest.mark.parametrize(
    "step",
    [
        EnterAddress(),
        EnterAddress("app.speckle.systems", Found("speckle", "Speckle", SPECKLE[0])),
        Waiting("one", "Speckle", SPECKLE[0], "https://x.example", NOON + 60),
    ],
    ids=["empty", "found", "waiting"],
)
def test_the_sheet_is_as_tall_as_its_content(
    qtbot: QtBot, look: Appearance, step: EnterAddress | Waiting
) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    sheet = window.sign_in_sheet
    sheet.show_step(step, (), NOON)
    assert sheet.isVisible()
    qtbot.waitUntil(lambda: sheet.card.height() > 100)
    inside = sheet.card.rect()
    for text in sheet.card.findChildren(QLabel):
        if text.isVisible():
            needed = text.heightForWidth(text.width()) if text.wordWrap() else 0
            assert text.height() >= needed, text.text()
            assert inside.contains(text.mapTo(sheet.card, text.rect().bottomRight()))


def test_tab_stays_inside_the_sheet(qtbot: QtBot, look: Appearance) -> None:
    window, _ = opened(qtbot, look, SampleGateway())
    sheet = window.sign_in_sheet
    sheet.show_step(EnterAddress("x.example", Found("oidc", "X", "https://x.example")), (), 0)
    seen = set()
    for _ in range(12):
        sheet.focusNextPrevChild(True)
        focused = window.focusWidget()
        seen.add(focused.accessibleName())
        assert sheet.card.isAncestorOf(focused)
    assert {"Server address", "Cancel", "Continue in the browser"} <= seen


def test_a_copied_token_leaves_the_clipboard(qtbot: QtBot, look: Appearance) -> None:
    from PySide6.QtWidgets import QApplication

    from manager.desktop.clipboard import SecretClipboard

    board = QApplication.clipboard()
    secret = SecretClipboard(board, kept_ms=20)
    secret.put("sample-token")
    assert board.text() == "sample-token"
    assert bytes(board.mimeData().data("x-kde-passwordManagerHint").data()) == b"secret"
    qtbot.waitUntil(lambda: board.text() == "")
    secret.put("sample-token")
    board.setText("something else")
    secret.clear()
    assert board.text() == "something else"


def test_the_people_of_the_samples_fit_the_protocol() -> None:
    from manager.client.values import Account

    assert all(
        Account.from_wire({"reason": None, "last_attempt": None, **one}) for one in [*PEOPLE, KEY]
    )
