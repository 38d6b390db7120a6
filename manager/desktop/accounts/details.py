"""Right: the chosen account, who and where, what it may do, how long, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.avatar import Avatar
from manager.desktop.widgets.banner import BannerStrip
from manager.desktop.widgets.button import Button
from manager.desktop.widgets.card import Card, Row
from manager.desktop.widgets.chips import Chips
from manager.desktop.widgets.flow import cleared
from manager.desktop.widgets.label import ElidedLabel, label
from manager.desktop.widgets.pill import Pill
from manager.desktop.widgets.spinner import Spinner

from .screen import Details

WIDEST = 720
"""Pixels of the column at the common text size; wider lines are hard to read."""
_STATES = {"signed in": "Signed in", "needs sign-in": "Needs sign-in", "server away": "Server away"}


class DetailsPane(QScrollArea):
    make_default = Signal()
    sign_in_again = Signal()
    open_server = Signal()
    copy_token = Signal()
    sign_out = Signal()
    check_now = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._drawn: Details | None = None
        self.setProperty("role", "page")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setProperty("role", "page")
        centre = QHBoxLayout(page)
        centre.setContentsMargins(SPACE.page, SPACE.page, SPACE.page, SPACE.wide)
        centre.setSpacing(0)
        body = QWidget()
        body.setMaximumWidth(round(WIDEST * look.text_scale))
        centre.addStretch(1)
        centre.addWidget(body, 100)
        centre.addStretch(1)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.large)
        column.addLayout(self._head())
        column.addSpacing(SPACE.tight)
        self._banner_place = QVBoxLayout()
        column.addLayout(self._banner_place)
        column.addWidget(self._facts())
        column.addLayout(self._actions())
        column.addStretch(1)
        self.setWidget(page)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE.large + 2)
        self._avatar = Avatar(self._look, 72)
        row.addWidget(self._avatar)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addStretch(1)
        self._name = ElidedLabel("", "title")
        self._identity = ElidedLabel("", "secondary")
        self._identity.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._pill = Pill(self._look)
        self._what_pill = Pill(self._look, "Key", "neutral")
        self._default_pill = Pill(self._look, "Default", "accent")
        pills = QHBoxLayout()
        pills.setSpacing(6)
        pills.setContentsMargins(0, 4, 0, 0)
        pills.addWidget(self._pill)
        pills.addWidget(self._what_pill)
        pills.addWidget(self._default_pill)
        pills.addStretch(1)
        column.addWidget(self._name)
        column.addWidget(self._identity)
        column.addLayout(pills)
        column.addStretch(1)
        row.addLayout(column, 1)
        return row

    def _facts(self) -> Card:
        card = self._card = Card()
        self._server = ElidedLabel("", "strong")
        self._address = ElidedLabel("", "caption")
        self._moved = ElidedLabel("", "caption")
        server = _stack(self._server, self._address, self._moved)
        row = Row(self._look, "server", "Server", server)
        self._open = Button(self._look, "Open", "quiet", "open", "Open the server in the browser")
        self._open.clicked.connect(self.open_server)
        row.add_control(self._open)
        card.add(row)
        self._roles = Chips()
        self._roles_row = Row(self._look, "person", "Role at this server", self._roles)
        self._scopes = Chips()
        self._access = Row(self._look, "shield", "Programs may use it to", self._scopes)
        card.add(self._roles_row)
        card.add(self._access)
        self._validity = label("", "strong")
        self._after = label("", "caption", wrap=True)
        row = Row(self._look, "clock", "Validity", _stack(self._validity, self._after))
        self._copy = Button(self._look, "Copy token", "quiet", "copy", "Copy access token")
        self._copy.clicked.connect(self.copy_token)
        row.add_control(self._copy)
        card.add(row)
        self._default_words = label("", "body", wrap=True)
        row = Row(self._look, "default", "Default", self._default_words)
        self._make_default = Button(self._look, "Make default", "quiet", "default")
        self._make_default.clicked.connect(self.make_default)
        row.add_control(self._make_default)
        card.add(row)
        return card

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE.small)
        self._again = Button(self._look, "Sign in again", "plain", "renew")
        self._again.clicked.connect(self.sign_in_again)
        row.addWidget(self._again)
        self._check = Button(
            self._look, "Check now", "plain", "check", "Check now whether the server accepts it"
        )
        self._check.clicked.connect(self.check_now)
        row.addWidget(self._check)
        row.addStretch(1)
        self._spinner = Spinner(self._look)
        self._busy = label("", "secondary")
        row.addWidget(self._spinner)
        row.addWidget(self._busy)
        self._sign_out = Button(self._look, "Sign out…", "quiet-danger", "sign-out")
        self._sign_out.clicked.connect(self.sign_out)
        row.addWidget(self._sign_out)
        return row

    def show_details(self, details: Details, picture: QPixmap | None) -> None:
        account = details.account
        moved = self._drawn is None or self._drawn.account.id != account.id
        self._drawn = details
        self._avatar.set(account.initials, account.tint, picture)
        self._name.set_whole(account.name)
        self._identity.set_whole(account.identity)
        self._pill.set(_STATES[account.state.value], details.tone.value)
        self._default_pill.setVisible(account.is_default)
        self._what_pill.set(account.what, "neutral")
        self._what_pill.setVisible(account.is_key)
        self._moved.set_whole(details.moved)
        self._moved.setVisible(bool(details.moved))
        self._server.set_whole(account.server_name)
        self._address.set_whole(account.address)
        self._validity.setText(details.validity)
        self._after.setText(details.validity_after)
        self._default_words.setText(details.default_words)
        self._make_default.setVisible(details.can_make_default)
        needs = details.banner is not None and bool(details.banner.action)
        self._copy.setVisible(details.can_copy)
        self._check.setVisible(not needs)
        self._again.setVisible(not needs)
        self._spinner.setVisible(bool(details.busy))
        self._busy.setText(details.busy)
        for button in (self._sign_out, self._again, self._check, self._copy, self._make_default):
            button.setEnabled(not details.busy)
        self._roles.show_words(details.roles)
        self._card.show_row(self._roles_row, shown=bool(details.roles))
        self._scopes.show_words(details.chips)
        self._card.show_row(self._access, shown=bool(details.chips))
        self._show_banner(details)
        if moved:
            self.verticalScrollBar().setValue(0)

    def _show_banner(self, details: Details) -> None:
        cleared(self._banner_place)
        banner = details.banner
        if banner is None:
            return
        strip = BannerStrip(self._look, banner.tone.value, banner.title, banner.text, banner.button)
        strip.pressed.connect(self.sign_in_again)
        self._banner_place.addWidget(strip)


def _stack(*widgets: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for widget in widgets:
        column.addWidget(widget)
    return box
