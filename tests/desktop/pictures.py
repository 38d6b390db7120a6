"""Draws every state of the window into PNG files: `python tests/desktop/pictures.py FOLDER`.

Runs without a screen. Look at them after every change of the window.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget
from sample_gateway import NOON, PEOPLE, STUDIO, SampleGateway, account

from manager.desktop.accounts.presenter import AccountsPresenter
from manager.desktop.appearance import Appearance
from manager.desktop.gateway import GatewayError
from manager.desktop.main_window import MainWindow
from manager.desktop.theme import DARK, LIGHT, Theme


def now() -> datetime:
    return datetime.fromtimestamp(NOON, UTC)


class Studio:
    """One application, a window a picture."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.application = QApplication(sys.argv[:1])
        for file in os.environ.get("PICTURE_FONTS", "").split(os.pathsep):
            if file:
                QFontDatabase.addApplicationFont(file)
        self.look = Appearance(self.application, LIGHT)

    def window(self, gateway: SampleGateway, chosen: str = "account-1") -> MainWindow:
        window = MainWindow(self.look)
        presenter = AccountsPresenter(gateway, window, now)
        asyncio.run(presenter.refresh())
        if presenter.state.accounts:
            presenter.choose(chosen)
        window.show()
        return window

    def keep(self, name: str, widget: QWidget) -> None:
        for _ in range(4):
            self.application.processEvents()
        widget.grab().save(str(self.folder / f"{name}.png"))
        widget.hide()
        widget.deleteLater()
        self.application.processEvents()

    def both(self, name: str, make: Callable[[], QWidget]) -> None:
        for theme, suffix in ((LIGHT, "light"), (DARK, "dark")):
            self.use(theme)
            self.keep(f"{name}-{suffix}", make())

    def use(self, theme: Theme) -> None:
        self.look.use(theme)


def accounts_pictures(studio: Studio) -> None:
    studio.both("accounts", lambda: studio.window(SampleGateway()))
    studio.both("attention", lambda: studio.window(SampleGateway(), "account-3"))
    studio.both("empty", lambda: studio.window(SampleGateway([])))
    studio.use(LIGHT)
    studio.keep("away", studio.window(SampleGateway(), "account-5"))
    studio.keep("locked", studio.window(SampleGateway(keychain="locked")))
    lost = SampleGateway()
    lost.failing["accounts.list"] = GatewayError(
        "unreachable", "The part that keeps your accounts does not answer.", ""
    )
    studio.both("lost", lambda: studio.window(lost))
    many = [*PEOPLE]
    for number, name in enumerate("Noor Ida Tomás Wen Amara Luca Zoë Björn".split(), 20):
        many.append(account(number, f"{name} Keller", f"{name.lower()}@studio.example", STUDIO))
    studio.keep("many", studio.window(SampleGateway(many), "account-4"))

    def sign_out() -> MainWindow:
        window = studio.window(SampleGateway())
        window.ask_to_sign_out()
        return window

    studio.both("sign-out", sign_out)
    studio.use(LIGHT)
    window = studio.window(SampleGateway())
    window.ask_to_copy()
    studio.keep("copy", window)


def main(arguments: list[str]) -> None:
    studio = Studio(Path(arguments[0]))
    accounts_pictures(studio)


if __name__ == "__main__":
    main(sys.argv[1:])
