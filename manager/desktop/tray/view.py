"""The icon in the panel and its menu."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from manager.desktop import icons

from .presenter import Menu, Notice

_NOTICE_MS = 15_000


class Tray(QObject):
    """Stays away where no panel shows it."""

    default_chosen = Signal(str)
    attention_chosen = Signal(str)
    sign_in = Signal()
    open_window = Signal()
    quit = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Menu | None = None
        self._notice: Notice | None = None
        self.icon = QSystemTrayIcon(_icon(attention=False), self)
        self.menu = QMenu()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(self._clicked)
        self.show_menu(Menu())
        self.icon.show()

    @property
    def available(self) -> bool:
        """Does any panel show icons now?"""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_menu(self, shown: Menu) -> None:
        if shown == self._drawn:
            return
        self._drawn = shown
        self.menu.clear()
        for entry in shown.attention:
            act = self._act(entry.label, self.attention_chosen, entry.account)
            act.setIcon(icons.icon("attention", "#D98A0B", 16))
        if shown.attention:
            self.menu.addSeparator()
        group = QActionGroup(self.menu)
        for heading, entries in shown.groups:
            title = self.menu.addAction(_escaped(heading))
            title.setEnabled(False)
            for entry in entries:
                act = self._act(entry.label, self.default_chosen, entry.account)
                act.setCheckable(True)
                act.setChecked(entry.checked)
                group.addAction(act)
        if shown.groups:
            self.menu.addSeparator()
        self._act("Sign in…", self.sign_in)
        self._act("Open Account Manager", self.open_window)
        self.menu.addSeparator()
        self._act("Quit", self.quit)
        self.icon.setToolTip(shown.tooltip)
        self.icon.setIcon(_icon(attention=bool(shown.attention)))

    def notify(self, notice: Notice) -> None:
        self._notice = notice
        self.icon.showMessage(notice.title, notice.text, icons.application_icon(), _NOTICE_MS)

    def say(self, title: str, text: str) -> None:
        """A sentence that no account belongs to."""
        self._notice = None
        self.icon.showMessage(title, text, icons.application_icon(), _NOTICE_MS)

    def _act(self, label: str, signal: object, *arguments: str) -> QAction:
        act = self.menu.addAction(_escaped(label))
        act.triggered.connect(lambda: signal.emit(*arguments))  # type: ignore[attr-defined]
        return act

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.open_window.emit()

    def _clicked(self) -> None:
        if self._notice is not None:
            self.attention_chosen.emit(self._notice.account)


def _escaped(text: str) -> str:
    """A server's name must not make an access key of its own."""
    return text.replace("&", "&&")


def _icon(*, attention: bool) -> QIcon:
    """In one colour where the system says how dark it is, else in ours, which fits both."""
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme == Qt.ColorScheme.Unknown:
        return icons.coloured_tray_icon(attention=attention)
    return icons.tray_icon(attention=attention, dark=scheme == Qt.ColorScheme.Dark)
