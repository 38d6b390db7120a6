"""The sheet drawn without a screen: keys, focus, what is said to assistive programs, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from manager.desktop.appearance import Appearance
from manager.desktop.main_window import MainWindow
from manager.desktop.sign_in.form import read_form
from manager.desktop.sign_in.probe import found
from manager.desktop.sign_in.problem import Problem
from manager.desktop.sign_in.steps import EnterAddress, EnterCode, FillIn, Pending, Step
from manager.desktop.sign_in.view import SignInSheet
from manager.desktop.theme import DARK, LIGHT, contrast
from manager.desktop.widgets.qr_code import QUIET, QrCode, modules
from tests.desktop.sample_gateway import (
    NOON,
    PASSWORD_FORM,
    SECOND_FACTOR,
    SESSION_FORM,
    STUDIO,
    TOKEN_FORM,
)
from tests.desktop.sign_in.scene import EVERY_WAY

WAYS = EnterAddress("harbour.example", found(EVERY_WAY))
CODE = EnterCode(
    "one", "Harbour Studio", STUDIO[0], "WDJB-MJHT", f"{STUDIO[0]}/device", NOON + 60,
    f"{STUDIO[0]}/device?user_code=WDJB-MJHT",
)  # fmt: skip
PASSWORD = FillIn("two", "Harbour Studio", STUDIO[0], read_form(PASSWORD_FORM), NOON + 60)
TOKEN = replace(PASSWORD, sign_in="three", form=read_form(TOKEN_FORM))
SESSION = replace(PASSWORD, sign_in="four", form=read_form(SESSION_FORM))
TROUBLE = Problem("The server does not accept this.", "Look whether Caps Lock is on.")
STEPS: dict[str, Step] = {
    "ways": WAYS,
    "code": CODE,
    "long code": replace(CODE, user_code="WDJB-MJHT-KQXZ-9999", trouble=TROUBLE),
    "password": replace(PASSWORD, wrong={"password": "Password is needed."}),
    "refused": replace(PASSWORD, trouble=TROUBLE),
    "key": TOKEN,
    "session": replace(SESSION, wrong={"days": "This is a whole number, 1 or more."}),
    "busy": replace(PASSWORD, busy=True),
}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@pytest.fixture
def sheet(qtbot: QtBot, look: Appearance) -> Iterator[SignInSheet]:
    window = MainWindow(look)
    window.may_close = True
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield window.sign_in_sheet
    look.use(LIGHT)


class ShownWindows(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        shows = event.type() == QEvent.Type.Show
        if shows and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


def show(sheet: SignInSheet, step: Step, *others: Pending) -> None:
    sheet.show_step(step, others, NOON)
    QApplication.processEvents()


def controls(sheet: SignInSheet) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    return [one for one in sheet.card.findChildren(QWidget) if isinstance(one, kinds)]


@each_step
def test_everything_can_be_reached_and_has_a_name(sheet: SignInSheet, step: Step) -> None:
    show(sheet, step, CODE, TOKEN)
    wanted = {
        one
        for one in controls(sheet)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not isinstance(one, QRadioButton) or one.isChecked()  # arrows lead to the others
    }
    assert wanted
    assert [one for one in wanted if not one.accessibleName().strip()] == []
    reached = set()
    for _ in range(len(wanted) + 1):
        sheet.focusNextPrevChild(True)
        reached.add(QApplication.focusWidget())
    assert wanted <= reached


@each_step
def test_no_text_is_cut_off(sheet: SignInSheet, step: Step) -> None:
    show(sheet, step)
    for text in sheet.card.findChildren(QLabel):
        if text.isVisible():
            needed = text.heightForWidth(text.width()) if text.wordWrap() else 0
            assert text.height() >= needed, text.text()
    natural = sheet.content.totalHeightForWidth(sheet._body.width())
    assert sheet._body.height() == natural
    assert sheet.card.geometry().bottom() <= sheet.height()


@each_step
def test_no_window_of_its_own_flashes_up(sheet: SignInSheet, step: Step) -> None:
    """As a part does that is shown before it has its place; the window then loses the focus."""
    windows = ShownWindows()
    QApplication.instance().installEventFilter(windows)
    show(sheet, step, CODE, TOKEN)
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []


def test_arrows_choose_a_way_and_enter_goes_it(sheet: SignInSheet, qtbot: QtBot) -> None:
    chosen: list[object] = []
    gone: list[bool] = []
    sheet.address.changed.connect(lambda name, value: chosen.append((name, value)))
    sheet.address.proceed.connect(lambda: gone.append(True))
    show(sheet, WAYS)
    first, second, *_ = sheet.address.ways.findChildren(QRadioButton)
    assert (first.isChecked(), first.accessibleName()) == (True, "In the browser")
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is second
    assert chosen == [("way", "device")]
    qtbot.keyClick(second, Qt.Key.Key_Return)
    assert gone == [True]
    show(sheet, replace(WAYS, way="device"))
    assert (second.isChecked(), sheet.address.go.text()) == (True, "Get a code")


def test_a_single_way_is_no_question(sheet: SignInSheet) -> None:
    show(sheet, EnterAddress("x.example", found({**EVERY_WAY, "sign_in_methods": ["browser"]})))
    assert not sheet.address.ways.isVisible()
    assert sheet.address.go.text() == "Continue in the browser"


def test_the_options_of_a_program_are_not_those_of_a_form(sheet: SignInSheet) -> None:
    show(sheet, replace(WAYS, more=True))
    assert sheet.address.client_id.isVisible()
    assert sheet.address.redirect.isVisible()
    show(sheet, replace(WAYS, more=True, way="device"))
    assert sheet.address.client_id.isVisible()
    assert not sheet.address.redirect.isVisible()
    show(sheet, replace(WAYS, more=True, way="form:token"))
    assert not sheet.address.client_id.isVisible()


def test_the_code_is_heard_copied_and_counted(sheet: SignInSheet) -> None:
    show(sheet, CODE)
    code = sheet.code
    assert code.code.accessibleName() == "Code WDJB-MJHT"
    assert "speckle.harbour-studio.example/device" in code.picture.accessibleName()
    assert code._left.text() == "1:00 left"
    code.copy.click()
    assert QApplication.clipboard().text() == "WDJB-MJHT"
    assert any("started yourself" in one.text() for one in code.findChildren(QLabel))


def test_without_a_picture_nobody_is_told_to_scan(sheet: SignInSheet) -> None:
    show(sheet, replace(CODE, complete="https://x.example/" + "y" * 990))
    assert not sheet.code.picture.isVisible()
    assert "Scan" not in sheet.code.text.text()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_picture_is_dark_on_light_module_by_module(
    qtbot: QtBot, look: Appearance, theme: object
) -> None:
    look.use(theme)  # type: ignore[arg-type]
    picture = QrCode(180)
    qtbot.addWidget(picture)
    picture.show_content(CODE.scanned, "A code")
    drawn = picture.grab().toImage()
    expected = modules(CODE.scanned)
    across = len(expected)
    size = 180 // (across + 2 * QUIET)
    start = (180 - across * size) // 2
    assert start >= QUIET * size
    for row, line in enumerate(expected):
        for column, dark in enumerate(line):
            x, y = (start + place * size + size // 2 for place in (column, row))
            assert drawn.pixelColor(x, y) == QColor("#000000" if dark else "#FFFFFF")
    for x in range(8, 172):
        assert drawn.pixelColor(x, start // 2) == QColor("#FFFFFF")
    look.use(LIGHT)
    assert contrast("#000000", "#FFFFFF") > 20


def test_fields_are_drawn_by_their_kind(sheet: SignInSheet) -> None:
    show(sheet, SESSION)
    drawn = {row.field.name: row.control for row in sheet.form.rows}
    key, days, region = drawn["key"], drawn["days"], drawn["region"]
    assert isinstance(key, QLineEdit)
    assert key.echoMode() is QLineEdit.EchoMode.Password
    assert key.inputMethodHints() & Qt.InputMethodHint.ImhSensitiveData
    assert isinstance(days, QLineEdit)
    assert days.text() == "30"
    assert isinstance(region, QComboBox)
    assert [region.itemText(at) for at in range(region.count())] == ["Choose…", "eu", "us"]
    optional = [one.text() for one in sheet.form.findChildren(QLabel) if one.text() == "Optional"]
    assert len(optional) == 1


def test_typing_enter_and_the_choice_are_told(sheet: SignInSheet, qtbot: QtBot) -> None:
    told: list[tuple[str, str]] = []
    sent: list[bool] = []
    sheet.form.edited.connect(lambda name, text: told.append((name, text)))
    sheet.form.submitted.connect(lambda: sent.append(True))
    show(sheet, SESSION)
    drawn = {row.field.name: row.control for row in sheet.form.rows}
    assert QApplication.focusWidget() is drawn["user"]
    qtbot.keyClicks(drawn["user"], "al")
    drawn["region"].setFocus()
    qtbot.keyClick(drawn["region"], Qt.Key.Key_Down)
    qtbot.keyClick(drawn["user"], Qt.Key.Key_Return)
    assert told == [("user", "a"), ("user", "al"), ("region", "eu")]
    assert sent == [True]


def test_a_paste_is_told_as_one(sheet: SignInSheet) -> None:
    pasted: list[tuple[str, str]] = []
    sheet.form.pasted.connect(lambda name, text: pasted.append((name, text)))
    show(sheet, TOKEN)
    (row,) = sheet.form.rows
    QApplication.clipboard().setText("pasted-token-1234")
    QTest.keyClick(row.control, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert pasted == [("token", "pasted-token-1234")]


def test_a_secret_is_shown_only_while_asked_for(sheet: SignInSheet) -> None:
    show(sheet, PASSWORD.with_text("password", "a secret"))
    row = sheet.form.rows[1]
    assert isinstance(row.control, QLineEdit)
    assert row._eye.accessibleName() == "Show Password"
    row._eye.click()
    assert row.control.echoMode() is QLineEdit.EchoMode.Normal
    assert row._eye.accessibleName() == "Hide Password"
    show(sheet, replace(PASSWORD, busy=True))
    assert row.control.echoMode() is QLineEdit.EchoMode.Password
    assert row.control.text() == ""


@pytest.mark.parametrize("leaving", ["hidden", "another step", "another form"])
def test_no_secret_stays_in_a_field(sheet: SignInSheet, qtbot: QtBot, leaving: str) -> None:
    show(sheet, PASSWORD)
    line = sheet.form.rows[1].control
    assert isinstance(line, QLineEdit)
    qtbot.keyClicks(line, "secret")
    assert line.text() == "secret"
    if leaving == "hidden":
        sheet.close_sheet()
    else:
        show(sheet, CODE if leaving == "another step" else TOKEN)
    lines = [one for one in sheet.findChildren(QLineEdit) if one is not line]
    lines += [] if leaving == "another form" else [line]
    for one in lines:
        one.undo()
        assert "secret" not in one.text()


def test_focus_goes_where_the_person_goes_on(sheet: SignInSheet) -> None:
    show(sheet, PASSWORD)
    email, password = (row.control for row in sheet.form.rows)
    assert QApplication.focusWidget() is email
    typed = PASSWORD.with_text("email", "alice@example.org")
    show(sheet, replace(typed, wrong={"password": "Password is needed."}))
    assert QApplication.focusWidget() is password
    assert password.accessibleDescription() == "Password is needed."
    show(sheet, replace(typed, busy=True))
    show(sheet, replace(typed, trouble=TROUBLE))
    assert QApplication.focusWidget() is password
    assert sheet.form.trouble.accessibleName() == TROUBLE.sentence
    show(sheet, replace(typed, form=read_form(SECOND_FACTOR), pages=1))
    assert QApplication.focusWidget() is sheet.form.rows[0].control


def test_a_tall_form_scrolls_in_a_small_window(sheet: SignInSheet) -> None:
    sheet.window().resize(760, 540)
    show(sheet, STEPS["session"])
    bar = sheet._scroll.verticalScrollBar()
    assert bar.isVisible()
    sheet.form.go.setFocus()
    sheet.form.rows[0].control.setFocus()
    for _ in range(12):
        sheet.focusNextPrevChild(True)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen = sheet._scroll.viewport().rect()
        corner = focused.mapTo(sheet._scroll.viewport(), focused.rect().center())
        assert seen.contains(corner)
    assert bar.maximum() > 0
