"""Puts window, tray, presenters and gateway together; the one place that knows them all."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from manager.system.browser import Opened, open_in_browser_async

from .account import Account
from .accounts.presenter import AccountsPresenter
from .accounts.screen import Tone
from .accounts.state import Accounts, Link
from .appearance import Appearance
from .gateway import Gateway, GatewayError
from .main_window import MainWindow
from .sign_in.pending_wording import also_waiting
from .sign_in.presenter import SignInPresenter
from .sign_in.schemes import Schemes
from .sign_in.steps import Done, Ended, Pending, Preset, Step
from .tasks import Tasks
from .tray.presenter import TrayPresenter, menu
from .tray.view import Tray

_AGAIN = 1.0
"""Seconds between two tries to find the agent."""
_MINUTE = 60.0


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class Composition(QObject):
    """`quitting` comes once the person wants the program gone."""

    quitting = Signal()

    def __init__(self, look: Appearance, gateway: Gateway, schemes: Schemes, tasks: Tasks) -> None:
        super().__init__()
        self._gateway = gateway
        self._tasks = tasks
        self._told_about_tray = False
        self._notices = TrayPresenter()
        self.window = MainWindow(look)
        self.tray = Tray()
        self.accounts = AccountsPresenter(gateway, self.window, local_now)
        self.accounts.changed.append(self._accounts_changed)
        self.sign_in = SignInPresenter(gateway, self, schemes, _unix_now)
        self._stale = asyncio.Event()
        self._connect_window()
        self._connect_sheet()
        self._connect_tray()

    # From clicks to coroutines ------------------------------------------------------------------

    def _connect_window(self) -> None:
        window, accounts, start = self.window, self.accounts, self._tasks.start
        window.sign_in.connect(self.begin_sign_in)
        window.sign_in_again.connect(self._sign_in_again)
        window.make_default.connect(lambda one: start(accounts.make_default(one)))
        window.sign_out.connect(lambda one: start(accounts.sign_out(one)))
        window.check_now.connect(lambda one: start(accounts.check_now(one)))
        window.copy_token.connect(lambda one: start(accounts.copy_token(one)))
        window.open_server.connect(lambda one: start(self._open_server(one)))
        window.refresh.connect(lambda: start(accounts.refresh()))
        window.unlock.connect(lambda: start(accounts.unlock()))
        window.chosen.connect(accounts.choose)
        window.nth_chosen.connect(accounts.choose_nth)
        window.searched.connect(accounts.search)
        window.waiting_chosen.connect(self._show_waiting)
        window.closing.connect(self._closing)
        window.pictured.connect(self.sign_in.tick)

    def _connect_sheet(self) -> None:
        sheet, presenter, start = self.window.sign_in_sheet, self.sign_in, self._tasks.start
        sheet.ticked.connect(presenter.tick)
        sheet.dismissed.connect(lambda: start(presenter.dismiss()))
        sheet.take_over.agreed.connect(lambda: start(presenter.take_over()))
        sheet.take_over.declined.connect(lambda: start(presenter.leave_scheme()))
        step = sheet.address
        step.typed.connect(lambda text: start(presenter.typed(text)))
        step.preset.connect(lambda url: start(presenter.choose_preset(url)))
        step.changed.connect(lambda name, value: presenter.change(**{name: value}))
        step.proceed.connect(lambda: start(presenter.begin()))
        step.cancelled.connect(presenter.hide)
        step.waiting_chosen.connect(self._show_waiting)
        sheet.opening.cancelled.connect(presenter.hide)
        browser = sheet.waiting
        browser.open_again.connect(lambda: start(presenter.open_browser_again()))
        browser.pasted.connect(lambda text: start(presenter.paste(text)))
        browser.cancelled.connect(lambda: start(presenter.cancel()))
        browser.hidden.connect(presenter.hide)
        browser.waiting_chosen.connect(self._show_waiting)
        self._connect_code_and_form()
        sheet.done.closed.connect(presenter.hide)
        sheet.done.another.connect(lambda: self.begin_sign_in(""))
        sheet.ended.closed.connect(presenter.hide)
        sheet.ended.retried.connect(lambda: start(self._retry()))

    def _connect_code_and_form(self) -> None:
        sheet, presenter, start = self.window.sign_in_sheet, self.sign_in, self._tasks.start
        code, form, filling = sheet.code, sheet.form, presenter.form
        code.opened_here.connect(lambda: start(presenter.open_code_page()))
        code.cancelled.connect(lambda: start(presenter.cancel()))
        code.hidden.connect(presenter.hide)
        code.another_way.connect(lambda: start(presenter.another_way()))
        code.waiting_chosen.connect(self._show_waiting)
        form.edited.connect(filling.type)
        form.pasted.connect(lambda name, text: start(filling.paste(name, text)))
        form.submitted.connect(lambda: start(filling.submit()))
        form.cancelled.connect(lambda: start(presenter.cancel()))
        form.another_way.connect(lambda: start(presenter.another_way()))

    def _connect_tray(self) -> None:
        tray, start = self.tray, self._tasks.start
        tray.default_chosen.connect(lambda one: start(self.accounts.make_default(one)))
        tray.attention_chosen.connect(self._open_on)
        tray.sign_in.connect(lambda: self.begin_sign_in(""))
        tray.open_window.connect(self.window.bring_to_front)
        tray.quit.connect(self.quitting)

    # What the person wants ------------------------------------------------------------------

    def begin_sign_in(self, address: str) -> None:
        """Open the sheet, with an address or without."""
        self.window.bring_to_front()
        known = {one.server_url: one for one in self.accounts.state.accounts}
        recent = tuple(Preset(one.server_name, url) for url, one in known.items())
        self._tasks.start(self.sign_in.open(address, recent))

    def _sign_in_again(self, account_id: str) -> None:
        account = self.accounts.state.account(account_id)
        if account is not None:
            self._tasks.start(self.sign_in.again(account))

    async def _retry(self) -> None:
        account_id = getattr(self.sign_in.step, "account", None)
        await self.sign_in.retry(self.accounts.state.account(account_id))

    def _show_waiting(self, sign_in: str) -> None:
        self.sign_in.show_waiting(sign_in)
        self._tasks.start(self.sign_in.watch(sign_in))

    async def _open_server(self, account_id: str) -> None:
        account = self.accounts.state.account(account_id)
        if account is not None and not await self.open_browser(account.server_url):
            self.window.tell(
                f"No browser could be opened. The address is {account.address}.", Tone.WARNING
            )

    def _open_on(self, account_id: str) -> None:
        if isinstance(self.sign_in.step, Done | Ended):
            self.sign_in.hide()
        self.accounts.choose(account_id)
        self.window.bring_to_front()

    def _closing(self) -> None:
        """To the tray where there is one; without one, closing the window is quitting."""
        if not self.tray.available:
            self.quitting.emit()
            return
        self.window.hide()
        if not self._told_about_tray:
            self._told_about_tray = True
            self.tray.say("Account Manager goes on in the tray", "Quit it from its menu there.")

    # What the sign-in presenter asks --------------------------------------------------------

    def show_step(self, step: Step, others: tuple[Pending, ...]) -> None:
        self.window.sign_in_sheet.show_step(step, others, _unix_now())

    def close(self) -> None:
        self.window.sign_in_sheet.close_sheet()

    async def open_browser(self, url: str) -> bool:
        """Only web addresses: nothing else that a server may send is ever opened."""
        return isinstance(await open_in_browser_async(url), Opened)

    def signed_in(self, account: Account, renewed: bool) -> None:
        words = "signed in again" if renewed else "signed in"
        if self.window.sign_in_sheet.isVisible():
            # The browser stays where it is after a link to a program: show the way on.
            self.window.bring_to_front()
        else:
            self.window.tell(f"{account.name} is {words} to {account.server_name}.", Tone.POSITIVE)
        self._tasks.start(self._show_new(account.id))

    def waiting_changed(self, waiting: tuple[Pending, ...]) -> None:
        listed = tuple((one.sign_in, also_waiting(one), one.icon) for one in waiting)
        self.window.page.sidebar.show_waiting(listed)

    async def _show_new(self, account_id: str) -> None:
        await self.accounts.refresh()
        self.accounts.choose(account_id)

    # What goes on by itself -----------------------------------------------------------------

    async def live(self) -> None:
        """For ever: read the accounts, then follow what happens to them."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_events())
            group.create_task(self._refresh_when_stale())
            group.create_task(self._redraw_every_minute())

    async def _follow_events(self) -> None:
        while True:
            await self.accounts.refresh()
            try:
                async with aclosing(self._gateway.events()) as events:
                    self._stale.set()
                    async for event in events:
                        if event.topic == "connection.lost":
                            away = "The part that keeps your accounts has stopped."
                            self.accounts.lose(GatewayError("unreachable", away))
                            break  # asking again starts another agent; waiting would not
                        if event.topic == "sign_in.progress":
                            self._tasks.start(self.sign_in.progressed())
                        else:
                            self._stale.set()
            except GatewayError as error:
                self.accounts.lose(error)
            await asyncio.sleep(_AGAIN)

    async def _refresh_when_stale(self) -> None:
        """Many events make one refresh."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            await self.accounts.refresh()
            await asyncio.sleep(0.1)

    async def _redraw_every_minute(self) -> None:
        """ "Valid until", the keychain and the agent's own state move on without any event."""
        while True:
            await asyncio.sleep(_MINUTE)
            if self.window.isVisible() and self.accounts.state.link is Link.CONNECTED:
                await self.accounts.refresh()

    def _accounts_changed(self, state: Accounts) -> None:
        if state.link is not Link.CONNECTED:
            return
        self.tray.show_menu(menu(state.accounts))
        notice = self._notices.notice(state.accounts)
        # On X11 Qt calls a window active for some time after it was put away.
        looked_at = self.window.isActiveWindow() and not self.window.isMinimized()
        if notice is not None and self.tray.available and not looked_at:
            self.tray.notify(notice)


def _unix_now() -> float:
    return local_now().timestamp()
