"""Drives the accounts page: asks the agent, keeps the state, tells the view what to show."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from manager.desktop.account import Account, read_account
from manager.desktop.gateway import Gateway, GatewayError
from manager.desktop.plain_text import plain

from . import state as step
from .screen import Screen, Tone
from .state import Accounts
from .wording import signed_out_sentence, verdict_sentence

PERSON_WAITS = 120.0
"""Seconds that unlocking may take: the keychain's own prompt waits for the person."""
_LARGEST_AVATAR = 1 << 20


class AccountsView(Protocol):
    """What the presenter needs of whatever draws the page."""

    def show(self, screen: Screen) -> None: ...

    def tell(self, text: str, tone: Tone) -> None:
        """A short line that goes away by itself."""

    def show_avatar(self, account: str, image: bytes) -> None: ...

    def put_on_clipboard(self, secret: str) -> None:
        """Marked as a secret and cleared after a minute."""


class AccountsPresenter:
    """`now` is in the person's time zone."""

    def __init__(self, gateway: Gateway, view: AccountsView, now: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._view = view
        self._now = now
        self._pictured: set[str] = set()
        self.state = Accounts()
        self.changed: list[Callable[[Accounts], None]] = []
        """Who else shows accounts: the tray."""

    def move(self, state: Accounts) -> None:
        """Take a new state and show it."""
        self.state = state
        self._view.show(step.screen(state, self._now()))
        for follower in self.changed:
            follower(state)

    async def refresh(self) -> None:
        """Read everything again; a lost agent becomes the page that says so."""
        try:
            accounts = await self._all_accounts()
            status = await self._gateway.call("agent.status")
        except GatewayError as error:
            self.move(step.lost(self.state, error.message, error.hint))
            return
        self.move(step.listed(step.reported(self.state, status), accounts))
        await self._fetch_avatars()

    async def _all_accounts(self) -> tuple[Account, ...]:
        found: list[Account] = []
        cursor: object = None
        while True:
            params = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = await self._gateway.call("accounts.list", params)
            found += [read_account(message) for message in page.get("accounts", ())]
            cursor = page.get("cursor")
            if not cursor:
                return tuple(found)

    async def _fetch_avatars(self) -> None:
        for account in self.state.accounts:
            if not account.has_avatar or account.id in self._pictured:
                continue
            self._pictured.add(account.id)
            try:
                answer = await self._gateway.call("accounts.avatar", {"account": account.id})
                image = base64.b64decode(str(answer.get("base64", "")), validate=True)
            except (GatewayError, binascii.Error):
                continue
            if len(image) <= _LARGEST_AVATAR:
                self._view.show_avatar(account.id, image)

    def lose(self, error: GatewayError) -> None:
        self.move(step.lost(self.state, error.message, error.hint))

    def choose(self, account_id: str) -> None:
        self.move(step.chosen(self.state, account_id))

    def search(self, query: str) -> None:
        self.move(step.searched(self.state, query))

    def choose_nth(self, place: int) -> None:
        """Ctrl+1..9: the account at `place` (from 1) of the list."""
        visible = self.state.visible
        if 1 <= place <= len(visible):
            self.choose(visible[place - 1].id)

    async def make_default(self, account_id: str) -> None:
        """Over all and at its server: whoever is the default is it in both ways of asking."""
        for scope in ("server", "overall"):
            if not await self._ask("accounts.set_default", account=account_id, **{"for": scope}):
                return
        await self.refresh()

    async def sign_out(self, account_id: str) -> None:
        """After the person confirmed it."""
        account = self.state.account(account_id)
        if account is None:
            return
        self.move(step.started(self.state, account_id, "Signing out…"))
        try:
            answer = await self._gateway.call(
                "accounts.remove", {"account": account_id, "revoke": True}, timeout=60.0
            )
        except GatewayError as error:
            self.move(step.ended(self.state, account_id))
            self._fail(error)
            return
        self.move(step.ended(self.state, account_id))
        self._pictured.discard(account_id)
        revoked = answer.get("revoked")
        tone = Tone.POSITIVE if revoked is True else Tone.NEUTRAL
        self._view.tell(signed_out_sentence(account.name, account.server_name, revoked), tone)
        await self.refresh()

    async def check_now(self, account_id: str) -> None:
        """Ask the server whether it still accepts what the account holds."""
        account = self.state.account(account_id)
        if account is None:
            return
        self.move(step.started(self.state, account_id, "Asking the server…"))
        try:
            answer = await self._gateway.call(
                "accounts.verify", {"account": account_id}, timeout=60.0
            )
        except GatewayError as error:
            self._fail(error)
        else:
            good = answer.get("verdict") == "signed_in"
            said = plain(answer.get("message"), 400)
            sentence = verdict_sentence(account, signed_in=good, message=said)
            self._view.tell(sentence, Tone.POSITIVE if good else Tone.WARNING)
        self.move(step.ended(self.state, account_id))
        await self.refresh()

    async def copy_token(self, account_id: str) -> None:
        """After the person confirmed it. The token goes to the clipboard and nowhere else."""
        try:
            answer = await self._gateway.call("token.get", {"account": account_id})
        except GatewayError as error:
            self._fail(error)
            return
        self._view.put_on_clipboard(str(answer["access_token"]))
        self._view.tell(
            "Access token copied. It leaves the clipboard in one minute.", Tone.POSITIVE
        )

    async def unlock(self) -> None:
        """Let the keychain ask the person."""
        try:
            await self._gateway.call("agent.unlock", timeout=PERSON_WAITS)
        except GatewayError as error:
            self._fail(error)
        await self.refresh()

    async def _ask(self, method: str, **params: object) -> bool:
        try:
            await self._gateway.call(method, params)
        except GatewayError as error:
            self._fail(error)
            return False
        return True

    def _fail(self, error: GatewayError) -> None:
        self._view.tell(f"{error.message} {error.hint}".strip(), Tone.DANGER)
