"""Draws every state of the window into PNG files: `python tests/desktop/pictures.py FOLDER`.

Runs without a screen. Look at them after every change of the window.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))

import shiboken6
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget
from sample_gateway import KEY, NOON, PEOPLE, STUDIO, SampleGateway, account

from manager.desktop.account import read_account
from manager.desktop.accounts.presenter import AccountsPresenter
from manager.desktop.appearance import Appearance
from manager.desktop.gateway import GatewayError
from manager.desktop.main_window import MainWindow
from manager.desktop.sign_in.form import Field, FieldKind, Form
from manager.desktop.sign_in.probe import BROWSER, DEVICE, Asking, Found, Refused, Way
from manager.desktop.sign_in.problem import Problem
from manager.desktop.sign_in.steps import (
    Done,
    Ended,
    EnterAddress,
    EnterCode,
    FillIn,
    Opening,
    Pending,
    Preset,
    Step,
    TakeOver,
    Waiting,
)
from manager.desktop.theme import DARK, LIGHT, Theme

PASSWORD = Form("password", "E-mail and password", (
    Field("email", "E-mail", FieldKind.EMAIL),
    Field("password", "Password", FieldKind.SECRET),
), "The password is used once to sign in and is not kept.")  # fmt: skip
SECOND = Form("code", "Second step", (
    Field("code", "Code", FieldKind.TEXT, hint="Six digits from your authenticator app."),
), "Harbour Studio wants to be sure that it is you.")  # fmt: skip
TOKEN = Form("token", "Personal access token", (
    Field("token", "Token", FieldKind.SECRET,
          hint="Made on your profile page, under Developer settings."),
), "It is checked as soon as you paste it.")  # fmt: skip
MANY = Form("session", "User name and password", (
    Field("user", "User name"),
    Field("password", "Password", FieldKind.SECRET),
    Field("scopes", "Scopes", FieldKind.WORDS, required=False,
          hint="What programs may do with it; empty for everything that you may do."),
    Field("lifetime", "Lifetime in days", FieldKind.NUMBER, default="30"),
    Field("region", "Region", FieldKind.CHOICE, choices=("Europe", "America"), default="Europe"),
    Field("addresses", "Allowed addresses", FieldKind.WORDS, required=False),
))  # fmt: skip


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
        shiboken6.delete(widget)  # deleteLater waits for an event loop, and none runs here

    def both(self, name: str, make: Callable[[], QWidget]) -> None:
        for theme, suffix in ((LIGHT, "light"), (DARK, "dark")):
            self.use(theme)
            self.keep(f"{name}-{suffix}", make())

    def use(self, theme: Theme) -> None:
        self.look.use(theme)


def accounts_pictures(studio: Studio) -> None:
    studio.both("accounts", lambda: studio.window(SampleGateway()))
    studio.both("attention", lambda: studio.window(SampleGateway(), "account-3"))
    studio.both("key", lambda: studio.window(SampleGateway([*PEOPLE, KEY]), "account-6"))
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
    for number, name in enumerate(
        ["Noor", "Ida", "Tomás", "Wen", "Amara", "Luca", "Zoë", "Björn"], 20
    ):
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


def sign_in_pictures(studio: Studio) -> None:
    presets = (Preset("Speckle", "https://app.speckle.systems"),
               Preset("Northbridge Engineering", "https://id.northbridge.example"))  # fmt: skip
    speckle = Found("speckle", "Speckle", "https://app.speckle.systems", (BROWSER,))
    client = Found(
        "oidc", "Northbridge Engineering", "https://id.northbridge.example", (BROWSER,),
        ("scheme", "loopback"), ("client_id",),
        {"scheme": "io.github.account-manager:/callback/id.northbridge.example"},
    )  # fmt: skip
    away = Refused(
        Problem(
            "No server of a known kind answers at app.speckle.system.",
            "Check the address: it is what the browser shows when you open the server.",
        )
    )
    in_browser = Waiting(
        "one", "Speckle", "https://app.speckle.systems", "https://x.example", NOON + 581
    )
    other = Waiting("two", "Harbour Studio", STUDIO[0], "https://y.example", NOON + 300)
    alice = read_account(PEOPLE[0])
    several = Found(
        "harbour", "Harbour Studio", STUDIO[0], (
            BROWSER, DEVICE, Way("form", "E-mail and password", "Continue", "password"),
            Way("form", "Personal access token", "Continue", "token"),
            Way("form", "Signing key", "Continue", "key"),
        ), kind="Harbour Cloud",
    )  # fmt: skip
    code = EnterCode(
        "three", "Northbridge Engineering", "https://id.northbridge.example", "WDJB-MJHT",
        "https://id.northbridge.example/device", NOON + 581,
        "https://id.northbridge.example/device?user_code=WDJB-MJHT",
    )  # fmt: skip
    password = FillIn("four", "Harbour Studio", STUDIO[0], PASSWORD, NOON + 600)
    typed = password.with_text("email", "alice@harbour-studio.example")
    token = FillIn("five", "Harbour Studio", STUDIO[0], TOKEN, NOON + 600)
    many = FillIn("six", "Harbour Studio", STUDIO[0], MANY, NOON + 600)
    second = FillIn("four", "Harbour Studio", STUDIO[0], SECOND, NOON + 600, pages=1)
    refused = Problem("Harbour Studio does not accept this e-mail and password.",
                      "Check both, and whether Caps Lock is on.")  # fmt: skip
    steps: dict[str, tuple[Step, tuple[Pending, ...]]] = {
        "sign-in-1-start": (EnterAddress(presets=presets), (other,)),
        "sign-in-1-found": (EnterAddress("app.speckle.systems", speckle), ()),
        "sign-in-1-asking": (EnterAddress("app.speckle.systems", Asking()), ()),
        "sign-in-1-client": (EnterAddress("id.northbridge.example", client), ()),
        "sign-in-1-more": (EnterAddress("id.northbridge.example", client, more=True), ()),
        "sign-in-1-refused": (EnterAddress("app.speckle.system", away), ()),
        "sign-in-2-waiting": (in_browser, ()),
        "sign-in-2-paste": (
            replace(in_browser, redirect="paste", trouble=Problem(
                "This address belongs to no sign-in that is waiting.",
                "Copy it once more, from the start of the line to its end.")),
            (other,),
        ),
        "sign-in-2-no-browser": (replace(in_browser, browser_opened=False), ()),
        "sign-in-3-done": (Done(alice), ()),
        "sign-in-4-denied": (
            Ended(Problem("The server said no: the access was not allowed.",
                          "Start the sign-in again and allow the access."),
                  "Speckle", "https://app.speckle.systems"), ()),
        "sign-in-1-take-over": (
            TakeOver(replace(in_browser, scheme="speckle"), "Speckle Manager", {}), ()),
        "sign-in-1-ways": (EnterAddress(several.url, several), ()),
        "sign-in-1-ways-chosen": (EnterAddress(several.url, several, way="form:token"), (token,)),
        "sign-in-2-code": (code, ()),
        "sign-in-2-code-long": (replace(
            code, user_code="WDJB-MJHT-KQXZ", verification_uri="https://login.northbridge-"
            "engineering.example/realms/office/device", trouble=Problem(
                "No browser could be opened here.", "Use another device.")), (in_browser,)),
        "sign-in-2-form": (typed, ()),
        "sign-in-2-form-filled": (typed.with_text("password", "a long password"), ()),
        "sign-in-2-form-busy": (replace(typed, busy=True), ()),
        "sign-in-2-form-wrong": (
            replace(typed, wrong={"password": "Password is needed."}), ()),
        "sign-in-2-form-refused": (replace(typed, trouble=refused), ()),
        "sign-in-2-form-second": (second, ()),
        "sign-in-2-form-token": (token, ()),
        "sign-in-2-form-many": (replace(many, wrong={
            "lifetime": "This is a whole number, 1 or more."}), ()),
        "sign-in-0-opening": (Opening("Speckle"), ()),
    }  # fmt: skip

    for name, (step, others) in steps.items():

        def made(step: Step = step, others: tuple[Pending, ...] = others) -> MainWindow:
            window = studio.window(SampleGateway())
            window.sign_in_sheet.show_step(step, others, NOON)
            return window

        studio.both(name, made)


def main(arguments: list[str]) -> None:
    studio = Studio(Path(arguments[0]))
    accounts_pictures(studio)
    sign_in_pictures(studio)


if __name__ == "__main__":
    main(sys.argv[1:])
