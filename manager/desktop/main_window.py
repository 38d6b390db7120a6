"""The window: the accounts page, the sheets above it, the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from .accounts.screen import Screen, Tone
from .accounts.view import AccountsPage
from .appearance import Appearance
from .clipboard import SecretClipboard
from .sign_in.view import SignInSheet
from .widgets.confirmation import Confirmation
from .widgets.toast import Toast

_SIZE, _SMALLEST = (1040, 660), (760, 540)


class MainWindow(QMainWindow):
    """Signals say what the person wants; account ids are the agent's."""

    sign_in = Signal(str)
    """A server's address, or an empty text."""
    sign_in_again = Signal(str)
    make_default = Signal(str)
    sign_out = Signal(str)
    copy_token = Signal(str)
    check_now = Signal(str)
    open_server = Signal(str)
    refresh = Signal()
    chosen = Signal(str)
    nth_chosen = Signal(int)
    searched = Signal(str)
    unlock = Signal()
    waiting_chosen = Signal(str)
    closing = Signal()
    pictured = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.setWindowTitle("Account Manager")
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        self.page = AccountsPage(look)
        self.setCentralWidget(self.page)
        self.toast = Toast(look, self.page)
        self.confirmation = Confirmation(look, self.page)
        clipboard = QApplication.clipboard()
        self.clipboard = SecretClipboard(clipboard)
        self.sign_in_sheet = SignInSheet(look, self.page)
        self.sign_in_sheet.pictures = self.page.sidebar.model.pictures
        self.may_close = False
        self.page.sidebar.list.setFocus()
        self._connect()
        self._bind_keys()

    def _connect(self) -> None:
        page, details, side = self.page, self.page.details, self.page.sidebar
        side.chosen.connect(self.chosen)
        side.searched.connect(self.searched)
        side.sign_in.connect(lambda: self.sign_in.emit(""))
        page.empty.sign_in.connect(self.sign_in)
        page.waiting.retry.connect(self.refresh)
        page.unlock.connect(self.unlock)
        side.waiting_chosen.connect(self.waiting_chosen)
        details.make_default.connect(lambda: self._with_account(self.make_default))
        details.sign_in_again.connect(lambda: self._with_account(self.sign_in_again))
        details.open_server.connect(lambda: self._with_account(self.open_server))
        details.check_now.connect(lambda: self._with_account(self.check_now))
        details.copy_token.connect(self.ask_to_copy)
        details.sign_out.connect(self.ask_to_sign_out)

    def _bind_keys(self) -> None:
        for keys, act in (
            ("Ctrl+N", lambda: self.sign_in.emit("")),
            ("F5", self.refresh.emit),
            ("Ctrl+R", self.refresh.emit),
            ("Ctrl+F", self._focus_search),
            ("Ctrl+W", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        delete = QShortcut(QKeySequence("Delete"), self.page.sidebar.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.ask_to_sign_out)
        for place in range(1, 10):
            digit = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            digit.activated.connect(lambda at=place: self.nth_chosen.emit(at))

    def _focus_search(self) -> None:
        search = self.page.sidebar.search
        if search.isVisible():
            search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            search.selectAll()

    def _with_account(self, signal: object) -> None:
        details = self.page.screen_shown.details
        if details is not None:
            signal.emit(details.account.id)  # type: ignore[attr-defined]

    # What the presenter asks ----------------------------------------------------------------

    def show(self, screen: Screen | None = None) -> None:
        """The presenter's `show` with a Screen; Qt's own without."""
        if screen is None:
            super().show()
        else:
            self.page.show_screen(screen)

    def tell(self, text: str, tone: Tone) -> None:
        self.toast.tell(text, tone.value)

    def show_avatar(self, account: str, image: bytes) -> None:
        self.page.show_avatar(account, image)
        self.pictured.emit()

    def put_on_clipboard(self, secret: str) -> None:
        self.clipboard.put(secret)

    # What asks first ------------------------------------------------------------------------

    def ask_to_sign_out(self) -> None:
        details = self.page.screen_shown.details
        if details is None or details.busy:
            return
        account = details.account
        self.confirmation.ask(
            "sign-out",
            f"Sign {account.name} out of {account.server_name}?",
            details.sign_out_words,
            "Sign out",
            lambda: self.sign_out.emit(account.id),
            dangerous=True,
        )

    def ask_to_copy(self) -> None:
        details = self.page.screen_shown.details
        if details is None:
            return
        account = details.account
        self.confirmation.ask(
            "key",
            "Copy an access token?",
            f"Whoever has it can act as {account.identity} on {account.server_name} until it "
            "runs out. It leaves the clipboard after one minute, and clipboard histories are "
            "asked to skip it.",
            "Copy token",
            lambda: self.copy_token.emit(account.id),
        )

    # The window itself ----------------------------------------------------------------------

    def bring_to_front(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        super().show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if self.may_close:
            event.accept()
            return
        event.ignore()
        self.closing.emit()
