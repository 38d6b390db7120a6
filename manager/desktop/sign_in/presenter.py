"""Drives the sign-in sheet. Several sign-ins may wait at once; the sheet shows one step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

from manager.desktop.account import Account, read_account
from manager.desktop.gateway import Gateway, GatewayError

from .catalogue import Preset, kinds, presets
from .form_filling import FormFilling
from .pending import read_pending
from .probe import Asking, Found, NotAsked, Refused, found
from .problem import Problem, problem
from .schemes import Schemes, SchemesUnavailable
from .steps import (
    Done,
    Ended,
    EnterAddress,
    EnterCode,
    FillIn,
    Opening,
    Pending,
    Step,
    TakeOver,
    Waiting,
)
from .typed_address import given, plausible
from .waiting_sign_ins import WaitingSignIns

TYPING_PAUSE = 0.35
"""Seconds without a key before the server is asked."""
_PROBE, _BEGIN = 15.0, 30.0


class SignInView(Protocol):
    """What the presenter needs of whatever draws the sheet."""

    def show_step(self, step: Step, others: tuple[Pending, ...]) -> None: ...

    def close(self) -> None: ...

    async def open_browser(self, url: str) -> bool:
        """False when no browser could be opened."""

    def signed_in(self, account: Account, renewed: bool) -> None:
        """A sign-in ended well; the sheet may be closed or show another one."""

    def waiting_changed(self, waiting: tuple[Pending, ...]) -> None: ...


class SignInPresenter:
    def __init__(
        self,
        gateway: Gateway,
        view: SignInView,
        schemes: Schemes,
        now: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`now`: unix seconds."""
        self._gateway = gateway
        self._view = view
        self._schemes = schemes
        self._pause = pause
        self._entered: dict[str, EnterAddress] = {}
        self._waiting = WaitingSignIns(gateway, view.waiting_changed, now)
        self.step: Step | None = None
        self.form = FormFilling(
            gateway, self._waiting, lambda: self.step, self._show, self._succeed
        )

    # What is shown ----------------------------------------------------------------------------

    def _show(self, step: Step) -> None:
        self.step = step
        if isinstance(step, Pending):
            self._waiting.update(step)
        shown = step.sign_in if isinstance(step, Pending) else None
        self._view.show_step(step, self._waiting.but(shown))

    def tick(self) -> None:
        """The time that is left, once a second, or a picture that came: draw the step again."""
        if isinstance(self.step, Waiting | EnterCode | Done):
            self._show(self.step)

    def hide(self) -> None:
        """The sheet closes; a sign-in that waits goes on waiting, without what is secret in it."""
        self.step = None
        self._view.close()

    def show_waiting(self, sign_in: str) -> None:
        step = self._waiting.get(sign_in)
        if step is not None:
            self._show(step)

    # Step 1 -------------------------------------------------------------------------------------

    def show_first(
        self, text: str = "", recent: tuple[Preset, ...] = (), entered: EnterAddress | None = None
    ) -> None:
        """The first step, at once: the next key belongs to it."""
        self._show(replace(entered or EnterAddress(), presets=recent, text=text))

    async def open(
        self, text: str = "", recent: tuple[Preset, ...] = (), entered: EnterAddress | None = None
    ) -> None:
        """The first step; goes straight on to asking the server when `text` is an address."""
        self.show_first(text, recent, entered)
        await self.fill_first(text, recent)

    async def fill_first(self, text: str, recent: tuple[Preset, ...]) -> None:
        """What the agent knows, into the first step that is shown."""
        await self._read_waiting()
        known = await presets(self._gateway, recent)
        named = await kinds(self._gateway)
        if isinstance(self.step, EnterAddress):
            self._show(replace(self.step, presets=known, kinds=named))
            if text and self.step.text == text:
                await self.typed(text)

    async def typed(self, text: str) -> None:
        """Ask the server once the person stops typing."""
        step = self.step
        if not isinstance(step, EnterAddress) or step.beginning:
            return
        if text != step.text:
            step = replace(step, account=None)
        if not plausible(text):
            self._show(replace(step, text=text, probe=NotAsked(), trouble=None))
            return
        self._show(replace(step, text=text, probe=Asking(), trouble=None))
        await self._pause(TYPING_PAUSE)
        if isinstance(self.step, EnterAddress) and self.step.text == text:
            await self._probe(text)

    async def _probe(self, text: str) -> None:
        step = self.step
        kind = step.named_kind if isinstance(step, EnterAddress) else None
        params = {"url": text.strip(), **(kind.params if kind else {})}
        try:
            answer = await self._gateway.call("servers.probe", params, _PROBE)
            probe: Found | Refused = found(answer)
        except GatewayError as error:
            probe = Refused(problem(error))
        current = self.step
        if (
            isinstance(current, EnterAddress)
            and current.text == text
            and current.named_kind == kind
        ):
            self._show(replace(current, probe=probe))

    async def name_kind(self, key: str) -> None:
        """The person says what kind of server it is, or lets it be found out again."""
        step = self.step
        if isinstance(step, EnterAddress) and not step.beginning:
            self._show(replace(step, kind=key, probe=NotAsked(), trouble=None))
            await self.typed(step.text)

    def change(self, **fields: object) -> None:
        """Another way, client id, client secret, scopes, redirect method, or *More* opened."""
        if isinstance(self.step, EnterAddress):
            self._show(replace(self.step, **fields, trouble=None))  # type: ignore[arg-type]

    async def choose_preset(self, url: str) -> None:
        """One click: the address is filled in and the server's best way begins."""
        if isinstance(self.step, EnterAddress):
            self._show(replace(self.step, text=url, probe=Asking(), trouble=None))
            await self.begin()

    async def begin(self) -> None:
        """On by the chosen way."""
        step = self.step
        if not isinstance(step, EnterAddress) or step.beginning or not step.text.strip():
            return
        text = step.text
        if not isinstance(step.probe, Found):
            self._show(replace(step, probe=Asking()))
            await self._probe(text)
            step = self.step
            if not isinstance(step, EnterAddress) or not isinstance(step.probe, Found):
                return
        if not step.ready:
            self._show(step)
            return
        self._show(replace(step, beginning=True, trouble=None))
        params: dict[str, object] = {"server": step.probe.url, "provider": step.probe.provider}
        params |= given(step)
        try:
            answer = await self._gateway.call("sign_in.begin", params, _BEGIN)
        except GatewayError as error:
            current = self.step
            if isinstance(current, EnterAddress):
                trouble = problem(error)
                self._show(replace(current, beginning=False, trouble=trouble))
            await self._read_waiting()
            return
        if isinstance(self.step, EnterAddress) and self.step.beginning:
            self._entered[step.probe.url] = replace(step, client_secret="", trouble=None)
            await self._prepare(read_pending(answer, step.account), params)
        else:
            await self._waiting.abandon(str(answer["sign_in"]))

    async def again(self, account: Account, *, select_account: bool = False) -> None:
        """Sign in once more as the same person. `select_account`: let the server ask who it is,
        whoever is signed in to it in the browser."""
        self._show(Opening(account.server_name))
        params: dict[str, object] = {"server": account.server_url, "account": account.id}
        if select_account:
            params["select_account"] = True
        try:
            answer = await self._gateway.call("sign_in.begin", params, _BEGIN)
        except GatewayError as error:
            trouble = problem(error)
            self._show(Ended(trouble, account.server_name, account.server_url, account.id))
            return
        if isinstance(self.step, Opening):
            await self._prepare(read_pending(answer, account.id), params)
        else:
            await self._waiting.abandon(str(answer["sign_in"]))

    # Between: the way back ----------------------------------------------------------------------

    async def _prepare(self, step: Pending, params: Mapping[str, object]) -> None:
        """See to it that a browser's answer comes here, then let the person do their part."""
        if isinstance(step, Waiting) and step.scheme:
            try:
                holder = await self._schemes.holder(step.scheme)
                if holder.other:
                    self._show(TakeOver(step, holder.other, params))
                    return
                if not holder.ours:
                    await self._schemes.take(step.scheme, from_another=False)
            except SchemesUnavailable as error:
                step = replace(step, trouble=Problem(error.message, error.hint))
        await self._wait(step)

    async def take_over(self) -> None:
        """The person lets Account Manager open the scheme from now on."""
        step = self.step
        if not isinstance(step, TakeOver):
            return
        going = step.waiting
        try:
            await self._schemes.take(going.scheme, from_another=True)
        except SchemesUnavailable as error:
            going = replace(going, trouble=Problem(error.message, error.hint))
        await self._wait(going)

    async def leave_scheme(self) -> None:
        """The person lets the other program keep it: sign in by a local port instead."""
        step = self.step
        if not isinstance(step, TakeOver):
            return
        self._show(Opening(step.waiting.server_name))
        await self._waiting.abandon(step.waiting.sign_in)
        params = {**step.params, "redirect": "loopback"}
        account = step.waiting.account
        try:
            answer = await self._gateway.call("sign_in.begin", params, _BEGIN)
        except GatewayError as error:
            where = step.waiting
            self._show(Ended(problem(error), where.server_name, where.server_url, account))
            return
        await self._wait(read_pending(answer, account))

    async def dismiss(self) -> None:
        """Esc. A sign-in that waits for the person goes on; one before it ends."""
        step = self.step
        self.hide()
        if isinstance(step, TakeOver):
            await self._waiting.abandon(step.waiting.sign_in)

    # Step 2 -------------------------------------------------------------------------------------

    async def _wait(self, step: Pending) -> None:
        self._waiting.add(step)
        self._show(step)
        if not isinstance(step, Waiting):
            await self.watch(step.sign_in)
            return
        # Together: a browser that is already signed in may answer before its starter is done.
        async with asyncio.TaskGroup() as group:
            group.create_task(self._open_browser(step))
            await self.watch(step.sign_in)

    async def _open_browser(self, step: Waiting) -> None:
        opened = await self._view.open_browser(step.url)
        after = self._waiting.opened(step.sign_in, opened)
        if after is None:
            return
        if isinstance(self.step, Waiting) and self.step.sign_in == step.sign_in:
            self._show(after)

    async def watch(self, sign_in: str) -> None:
        """Until the sign-in ends, well or not."""
        try:
            account = await self._waiting.outcome(sign_in)
        except GatewayError as error:
            self._fail(sign_in, problem(error))
        else:
            if account is not None:
                self._succeed(sign_in, account)

    async def open_browser_again(self) -> None:
        if isinstance(self.step, Waiting):
            await self._open_browser(self.step)

    async def open_code_page(self) -> None:
        """The page that asks for the code, in a browser of this computer after all."""
        step = self.step
        if isinstance(step, EnterCode) and not await self._view.open_browser(step.scanned):
            trouble = Problem("No browser could be opened here.", "Use another device.")
            if isinstance(self.step, EnterCode) and self.step.sign_in == step.sign_in:
                self._show(replace(self.step, trouble=trouble))

    async def paste(self, text: str) -> None:
        """The address that the browser ended at, pasted by the person."""
        step = self.step
        if not isinstance(step, Waiting) or not text.strip():
            return
        self._show(replace(step, checking=True, trouble=None))
        try:
            answer = await self._gateway.call("sign_in.complete", {"uri": text.strip()}, 60.0)
        except GatewayError as error:
            if isinstance(self.step, Waiting) and self.step.sign_in == step.sign_in:
                self._show(replace(self.step, checking=False, trouble=problem(error)))
            return
        self._succeed(str(answer["sign_in"]), read_account(answer["account"]))

    async def cancel(self) -> None:
        """Give up the sign-in that is shown."""
        step = self.step
        self.hide()
        await self._give_up(step)

    async def another_way(self) -> None:
        """Give it up, and back to the choice with everything filled in."""
        step = self.step
        if not isinstance(step, Pending):
            return
        entered = self._entered.get(step.server_url)
        again = replace(entered or EnterAddress(text=step.server_url), account=step.account)
        self._show(again)
        await self._give_up(step)
        if self.step is not None and entered is None:
            await self.open(again.text, entered=again)

    async def _give_up(self, step: Step | None) -> None:
        if isinstance(step, Pending):
            self._waiting.forget(step.sign_in)
            await self._waiting.abandon(step.sign_in)

    async def progressed(self) -> None:
        """A sign-in began, went on or ended, wherever; the one that is shown may ask for more."""
        await self._read_waiting()
        step = self.step
        if isinstance(step, FillIn):
            kept = self._waiting.get(step.sign_in)
            if isinstance(kept, FillIn) and kept.form != step.form:
                self._show(kept)

    async def retry(self, account: Account | None) -> None:
        """From a failed sign-in to the next try, with everything filled in."""
        if not isinstance(self.step, Ended):
            return
        if account is not None:
            somebody_else = self.step.trouble.kind == "identity_mismatch"
            await self.again(account, select_account=somebody_else)
        else:
            url = self.step.server_url
            await self.open(url, entered=self._entered.get(url))

    # How it ends --------------------------------------------------------------------------------

    def _succeed(self, sign_in: str, account: Account) -> None:
        before = self._waiting.forget(sign_in)
        if before is None:
            return
        renewed = before.account is not None
        self._view.signed_in(account, renewed)
        if isinstance(self.step, Pending) and self.step.sign_in == sign_in:
            self._show(Done(account, renewed))

    def _fail(self, sign_in: str, trouble: Problem) -> None:
        before = self._waiting.forget(sign_in)
        if before is None:
            return
        if isinstance(self.step, Pending) and self.step.sign_in == sign_in:
            self._show(Ended(trouble, before.server_name, before.server_url, before.account))

    async def _read_waiting(self) -> None:
        if await self._waiting.read() and isinstance(self.step, EnterAddress):
            self._show(self.step)
