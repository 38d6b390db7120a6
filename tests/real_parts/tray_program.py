"""A small Qt program with an icon in the tray; says on stdout what a person did to it."""

from __future__ import annotations

import faulthandler
import sys

import shiboken6
from PySide6.QtGui import QActionGroup, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def say(*words: object) -> None:
    print(*words, flush=True)


def main() -> int:
    faulthandler.enable()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("tray-program")
    picture = QPixmap(22, 22)
    picture.fill(QColor("teal"))
    icon = QSystemTrayIcon(QIcon(picture))
    icon.setToolTip("A tray program")
    icon.activated.connect(lambda reason: say("activated", reason.name))
    icon.messageClicked.connect(lambda: say("message clicked"))

    menu = QMenu()
    group = QActionGroup(menu)
    for name in ("Ada", "Grace"):
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(name == "Ada")
        action.triggered.connect(lambda _checked, name=name: say("chosen", name))
        group.addAction(action)
    menu.addSeparator()
    menu.addAction("&Notify").triggered.connect(lambda: icon.showMessage("Hello", "From the tray"))
    menu.addAction("&Quit").triggered.connect(application.quit)
    icon.setContextMenu(menu)
    icon.show()
    say("shown", QSystemTrayIcon.isSystemTrayAvailable())
    status = application.exec()
    # Left to the end of Python, the icon goes after the application that it draws with: a crash.
    for thing in (icon, menu, application):
        shiboken6.delete(thing)
    return status


if __name__ == "__main__":
    sys.exit(main())
