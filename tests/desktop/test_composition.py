"""Window, tray, presenters and gateway together on the loop that the program runs on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from manager.desktop.accounts.screen import Page
from manager.desktop.appearance import Appearance
from manager.desktop.composition import Composition
from manager.desktop.event_loop import EventLoop
from manager.desktop.gateway import Event, GatewayError
from manager.desktop.sign_in.schemes import Holder
from manager.desktop.sign_in.steps import Done, Waiting
from manager.desktop.tasks import Tasks
from manager.desktop.widgets.button import Button
from tests.desktop.sample_gateway import SPECKLE, SampleGateway
from tests.desktop.sign_in.scene import EVERY_WAY

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(qapp: QApplication) -> Any:
    return "asyncio", {"loop_factory": lambda: EventLoop(qapp)}


class OwnSchemes:
    async def holder(self, scheme: str) -> Holder:
        return Holder(ours=True)

    async def take(self, scheme: str, *, from_another: bool) -> None:
        raise AssertionError("it is ours")


class Running:
    def __init__(self, look: Appearance) -> None:
        self.errors: list[Exception] = []
        self.gateway = SampleGateway()
        self.tasks = Tasks(self.errors.append)
        self.all = Composition(look, self.gateway, OwnSchemes(), self.tasks)
        self.opened: list[str] = []
        self.all.open_browser = self._open  # type: ignore[method-assign]
        self.window = self.all.window

    async def _open(self, url: str) -> bool:
        self.opened.append(url)
        return True

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    @property
    def page(self) -> Page:
        return self.window.page.screen_shown.page


@pytest.fixture
async def running(look: Appearance) -> AsyncIterator[Running]:
    one = Running(look)
    one.window.show()
    one.tasks.start(one.all.live())
    async with asyncio.TaskGroup() as group:
        group.create_task(one.tasks.run())
        await one.until(lambda: one.page is Page.LIST)
        yield one
        one.tasks.stop()
    one.window.may_close = True
    one.window.close()
    one.all.tray.icon.hide()
    one.window.deleteLater()
    assert one.errors == []


async def test_events_of_the_agent_reach_window_and_tray(running: Running) -> None:
    running.gateway.accounts[1]["state"] = "attention_needed"
    running.gateway.happened.put_nowait(Event("attention.needed", {}))
    menu = running.all.tray.menu
    await running.until(lambda: "needs sign-in" in menu.actions()[1].text())
    assert menu.actions()[0].text().endswith("needs sign-in")


async def test_the_default_is_switched_in_the_tray(running: Running) -> None:
    entries = [act for act in running.all.tray.menu.actions() if act.isCheckable()]
    assert [act.text() for act in entries if act.isChecked()] == [
        "Alice Moreau (alice@harbour-studio.example)"
    ]
    next(act for act in entries if act.text().startswith("Studio Render Farm")).trigger()
    await running.until(lambda: running.all.accounts.state.accounts[3].is_default)


async def test_a_lost_agent_is_said_and_found_again(running: Running) -> None:
    running.gateway.happened.put_nowait(Event("connection.lost", {}))
    await running.until(lambda: running.page is Page.UNREACHABLE)
    await running.until(lambda: running.page is Page.LIST)


async def test_signing_in_through_the_sheet(running: Running) -> None:
    running.gateway.probes[SPECKLE[0]] = {
        "provider": "speckle",
        "name": "Speckle",
        "url": SPECKLE[0],
        "sign_in_methods": ["browser"],
        "redirect_methods": ["scheme"],
        "needs": [],
    }
    sheet, presenter = running.window.sign_in_sheet, running.all.sign_in
    running.all.begin_sign_in(SPECKLE[0])
    await running.until(lambda: sheet.isVisible() and sheet.address.go.isEnabled())
    await running.until(lambda: "Speckle" in sheet.address._outcome.title.text())
    sheet.address.go.click()
    await running.until(lambda: isinstance(presenter.step, Waiting) and bool(running.opened))
    assert sheet.waiting.isVisible()
    sheet.waiting.hidden.emit()
    assert not sheet.isVisible()
    assert running.window.page.sidebar._waiting_box.isVisible()
    running.all._show_waiting("sign-in-1")
    running.gateway.finish("sign-in-1")
    await running.until(lambda: isinstance(presenter.step, Done))
    await running.until(lambda: running.all.accounts.state.chosen == "account-90")
    running.all.tray.attention_chosen.emit("account-3")
    assert not sheet.isVisible()
    assert running.all.accounts.state.chosen == "account-3"


async def test_a_password_and_a_second_step_through_the_sheet(running: Running) -> None:
    running.gateway.probes["harbour.example"] = EVERY_WAY
    sheet, presenter = running.window.sign_in_sheet, running.all.sign_in
    running.all.begin_sign_in("harbour.example")
    await running.until(sheet.address.ways.isVisible)
    choices = sheet.address.ways.choices
    next(one for one in choices if one.accessibleName() == "E-mail and password").click()
    sheet.address.go.click()
    await running.until(sheet.form.isVisible)
    email, password = (row.control for row in sheet.form.rows)
    QTest.keyClicks(email, "mika@example.org")
    QTest.keyClick(email, Qt.Key.Key_Return)
    await running.until(lambda: sheet.form.rows[1].wrong.text() == "Password is needed.")
    QTest.keyClicks(password, "a secret")
    assert not sheet.form.rows[1].wrong.isVisible()
    sheet.form.go.click()
    await running.until(lambda: sheet.form.title.text() == "Second step")
    QTest.keyClicks(sheet.form.rows[0].control, "123456")
    QTest.keyClick(sheet.form.rows[0].control, Qt.Key.Key_Return)
    await running.until(lambda: isinstance(presenter.step, Done))
    sent = [one["fields"] for one in running.gateway.called("sign_in.submit")]
    assert sent == [{"email": "mika@example.org", "password": "a secret"}, {"code": "123456"}]


async def test_a_code_waits_behind_a_pasted_key(running: Running) -> None:
    running.gateway.probes["harbour.example"] = EVERY_WAY
    sheet, presenter = running.window.sign_in_sheet, running.all.sign_in
    running.all.begin_sign_in("harbour.example")
    await running.until(sheet.address.ways.isVisible)
    choices = {one.accessibleName(): one for one in sheet.address.ways.choices}
    choices["With a code on another device"].click()
    sheet.address.go.click()
    await running.until(sheet.code.isVisible)
    sheet.code.hidden.emit()
    running.all.begin_sign_in("harbour.example")
    await running.until(sheet.address.ways.isVisible)
    choices = {one.accessibleName(): one for one in sheet.address.ways.choices}
    choices["Access token"].click()
    sheet.address.go.click()
    await running.until(sheet.form.isVisible)
    QApplication.clipboard().setText(" a-token-of-some-length\n")
    line = sheet.form.rows[0].control
    QTest.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await running.until(lambda: isinstance(presenter.step, Done))
    assert running.gateway.called("sign_in.submit")[0]["fields"] == {
        "token": "a-token-of-some-length"
    }
    running.gateway.happened.put_nowait(Event("sign_in.progress", {"status": "succeeded"}))
    lines = running.window.page.sidebar._waiting_box
    await running.until(lambda: len(lines.findChildren(Button)) == 1)
    assert lines.findChildren(Button)[0].accessibleName() == "Waiting for the code at Speckle"
    running.all._show_waiting("sign-in-1")
    assert sheet.code.isVisible()
    sheet.code.cancelled.emit()
    await running.until(lambda: not lines.isVisible())


async def test_the_first_key_after_ctrl_n_is_typed_into_the_sheet(running: Running) -> None:
    window = running.window
    window.activateWindow()
    await running.until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_X)
    assert window.sign_in_sheet.address.address.text() == "x"
    await running.until(lambda: bool(running.gateway.called("providers.list")))
    await running.until(lambda: bool(running.all.sign_in.step.kinds))
    assert window.sign_in_sheet.address.address.text() == "x"


async def test_signing_out_asks_and_then_tells(running: Running) -> None:
    running.window.ask_to_sign_out()
    running.window.confirmation.agree.click()
    await running.until(lambda: "signed out" in running.window.toast.text)
    assert running.gateway.called("accounts.remove")


async def test_closing_without_a_tray_is_quitting(running: Running) -> None:
    told: list[bool] = []
    running.all.quitting.connect(lambda: told.append(True))
    assert not running.all.tray.available
    running.window.close()
    assert told == [True]


async def test_an_error_of_the_agent_is_told_in_the_window(running: Running) -> None:
    refused = GatewayError("keychain_locked", "The keychain is locked.", "Unlock it.")
    running.gateway.failing["token.get"] = refused
    running.window.ask_to_copy()
    running.window.confirmation.agree.click()
    await running.until(lambda: running.window.toast.text == "The keychain is locked. Unlock it.")
