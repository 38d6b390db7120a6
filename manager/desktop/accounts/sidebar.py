"""Left: the list of accounts, the search, and the way to another sign-in."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.flow import cleared
from manager.desktop.widgets.glyph import Glyph
from manager.desktop.widgets.label import label

from .list_model import ACCOUNT, AccountListModel
from .row_delegate import AccountRowDelegate
from .screen import Screen

WIDTH = 288


class Sidebar(QWidget):
    chosen = Signal(str)
    searched = Signal(str)
    sign_in = Signal()
    waiting_chosen = Signal(str)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(round(WIDTH * min(look.text_scale, 1.4)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search accounts")
        self.search.setAccessibleName("Search accounts")
        self.search.setClearButtonEnabled(True)
        self._magnifier = self.search.addAction(
            look.icon("search", size=16), QLineEdit.ActionPosition.LeadingPosition
        )
        look.changed.connect(self._tint)
        self.search.textEdited.connect(self.searched)
        self._search_row = QWidget()
        box = QHBoxLayout(self._search_row)
        box.setContentsMargins(SPACE.medium, 0, SPACE.medium, SPACE.small)
        box.addWidget(self.search)
        column.addWidget(self._search_row)
        self.model = AccountListModel()
        self.list = QListView()
        self.list.setProperty("role", "accounts")
        self.list.setAccessibleName("Accounts")
        self.list.setModel(self.model)
        self._delegate = AccountRowDelegate(look, self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMouseTracking(True)
        self.list.selectionModel().currentChanged.connect(self._current)
        column.addWidget(self.list, 1)
        self._nothing = label("No account fits.", "secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._nothing, 1)
        self._waiting_box = QWidget()
        self._waiting_column = QVBoxLayout(self._waiting_box)
        self._waiting_column.setContentsMargins(
            SPACE.medium, SPACE.small, SPACE.medium, SPACE.small
        )
        self._waiting_box.hide()
        column.addWidget(self._waiting_box)
        column.addWidget(self._foot())

    def _head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE.large + 4, SPACE.large, SPACE.medium, SPACE.small)
        row.addWidget(label("Accounts", "heading"), 1)
        self.add = Button(self._look, kind="icon", icon="plus", name="Sign in (Ctrl+N)")
        self.add.clicked.connect(self.sign_in)
        row.addWidget(self.add)
        return head

    def _foot(self) -> QWidget:
        self._footer = QWidget()
        row = QHBoxLayout(self._footer)
        row.setContentsMargins(SPACE.large + 4, SPACE.medium, SPACE.large, SPACE.medium + 2)
        row.setSpacing(SPACE.small)
        row.addWidget(Glyph(self._look, "info", "secondary", 16), 0, Qt.AlignmentFlag.AlignTop)
        self._footer_text = label("", "caption", wrap=True)
        row.addWidget(self._footer_text, 1)
        return self._footer

    def _tint(self) -> None:
        self._magnifier.setIcon(self._look.icon("search", size=16))
        self.list.viewport().update()

    def show_screen(self, screen: Screen) -> None:
        self.model.fill(screen.groups)
        account = screen.details.account if screen.details else None
        place = self.model.place(account.id if account else None)
        if place != self.list.currentIndex():
            blocker = QSignalBlocker(self.list.selectionModel())
            self.list.setCurrentIndex(place)
            blocker.unblock()
            self.list.viewport().update()
            self.list.scrollTo(place)
        self._search_row.setVisible(screen.searchable)
        if self.search.text() != screen.query:
            self.search.setText(screen.query)
        self.list.setVisible(bool(screen.groups))
        self._nothing.setVisible(not screen.groups)
        self._footer.setVisible(bool(screen.footer))
        self._footer_text.setText(screen.footer)
        self._footer_text.setToolTip(
            "This agent was started without asking for consent: every program that runs as you "
            "may see the accounts and get their tokens."
        )

    def show_waiting(self, waiting: tuple[tuple[str, str, str], ...]) -> None:
        """Sign-ins that wait for the person: (sign-in, words, icon)."""
        cleared(self._waiting_column)
        self._waiting_box.setVisible(bool(waiting))
        for sign_in, words, icon in waiting:
            button = Button(self._look, words, "choice", icon)
            button.clicked.connect(
                lambda _checked=False, which=sign_in: self.waiting_chosen.emit(which)
            )
            self._waiting_column.addWidget(button)

    def set_picture(self, account: str, picture: QPixmap) -> None:
        self.model.set_picture(account, picture)

    def _current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        account = current.data(ACCOUNT)
        if account is not None:
            self.chosen.emit(account.id)
