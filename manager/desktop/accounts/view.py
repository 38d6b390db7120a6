"""The accounts page: draws a Screen, passes on what the person wants."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from manager.desktop.appearance import Appearance
from manager.desktop.theme import SPACE
from manager.desktop.widgets.avatar import decoded
from manager.desktop.widgets.banner import BannerStrip
from manager.desktop.widgets.flow import cleared

from .details import WIDEST, DetailsPane
from .message_page import EmptyPage, WaitingPage
from .screen import Banner, Page, Screen
from .sidebar import Sidebar


class AccountsPage(QWidget):
    unlock = Signal()

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._banners: tuple[Banner, ...] | None = None
        self._pictures: dict[str, QPixmap] = {}
        self.screen_shown = Screen(Page.CONNECTING)
        self.setProperty("role", "page")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.sidebar = Sidebar(look)
        self._divider = QFrame()
        self._divider.setProperty("role", "divider")
        self._divider.setFixedWidth(1)
        row.addWidget(self.sidebar)
        row.addWidget(self._divider)
        right = QVBoxLayout()
        right.setSpacing(0)
        self._banner_box = QWidget()
        centre = QHBoxLayout(self._banner_box)
        centre.setContentsMargins(SPACE.page, SPACE.large, SPACE.page, 0)
        centre.setSpacing(0)
        strips = QWidget()
        strips.setMaximumWidth(round(WIDEST * look.text_scale))
        self._banner_column = QVBoxLayout(strips)
        self._banner_column.setContentsMargins(0, 0, 0, 0)
        centre.addStretch(1)
        centre.addWidget(strips, 100)
        centre.addStretch(1)
        right.addWidget(self._banner_box)
        self.details = DetailsPane(look)
        self.empty = EmptyPage(look)
        self.waiting = WaitingPage(look)
        self._blank = QWidget()
        self._blank.setProperty("role", "page")
        self._pages = QStackedWidget()
        for page in (self.details, self.empty, self.waiting, self._blank):
            self._pages.addWidget(page)
        right.addWidget(self._pages, 1)
        row.addLayout(right, 1)

    def show_screen(self, screen: Screen) -> None:
        self.screen_shown = screen
        listed = screen.page is Page.LIST
        self.sidebar.setVisible(listed)
        self._divider.setVisible(listed)
        self._show_banners(screen.banners)
        if listed:
            self.sidebar.show_screen(screen)
        if screen.page is Page.CONNECTING:
            self.waiting.connecting()
            self._pages.setCurrentWidget(self.waiting)
        elif screen.page is Page.UNREACHABLE:
            self.waiting.away(screen.trouble, screen.hint)
            self._pages.setCurrentWidget(self.waiting)
        elif screen.page is Page.EMPTY:
            self._pages.setCurrentWidget(self.empty)
        elif screen.details is None:
            self._pages.setCurrentWidget(self._blank)
        else:
            picture = self._pictures.get(screen.details.account.id)
            self.details.show_details(screen.details, picture)
            self._pages.setCurrentWidget(self.details)

    def show_avatar(self, account: str, image: bytes) -> None:
        picture = decoded(image)
        if picture is None:
            return
        self._pictures[account] = picture
        self.sidebar.set_picture(account, picture)
        self.show_screen(self.screen_shown)

    def _show_banners(self, banners: tuple[Banner, ...]) -> None:
        if banners == self._banners:
            return
        self._banners = banners
        cleared(self._banner_column)
        self._banner_box.setVisible(bool(banners))
        for banner in banners:
            icon = "lock" if banner.action == "unlock" else ""
            strip = BannerStrip(
                self._look, banner.tone.value, banner.title, banner.text, banner.button, icon
            )
            strip.pressed.connect(self.unlock)
            self._banner_column.addWidget(strip)
