"""The form that the person fills in: what stands in it, what is sent, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from manager.desktop.account import Account, read_account
from manager.desktop.gateway import Gateway, GatewayError

from .form import read_form
from .problem import problem
from .steps import FillIn
from .waiting_sign_ins import WaitingSignIns

_CHECKED_WITHIN = 60.0


class FormFilling:
    """A secret lives in the step that is shown, from the keyboard until it is sent, and in the
    request; it is gone with either."""

    def __init__(
        self,
        gateway: Gateway,
        waiting: WaitingSignIns,
        shown: Callable[[], object],
        show: Callable[[FillIn], None],
        succeed: Callable[[str, Account], None],
    ) -> None:
        self._gateway = gateway
        self._waiting = waiting
        self._shown = shown
        self._show = show
        self._succeed = succeed

    @property
    def _step(self) -> FillIn | None:
        step = self._shown()
        return step if isinstance(step, FillIn) and not step.busy else None

    def type(self, name: str, text: str) -> None:
        """Another text stands in a field."""
        if self._step is not None:
            self._show(self._step.with_text(name, text))

    async def paste(self, name: str, text: str) -> None:
        """The same by the clipboard, which likes to bring the ends of lines along. A key that is
        all that is asked for is checked at once."""
        step = self._step
        if step is None:
            return
        field = step.form.field(name)
        if field is not None and field.is_secret:
            text = text.strip() if step.form.is_one_secret else text.strip("\r\n\u2028\u2029")
        self.type(name, text)
        if text and step.form.is_one_secret:
            await self.submit()

    async def submit(self) -> None:
        """Sign in with what stands there."""
        step = self._step
        if step is None:
            return
        typed = step.typed
        wrong = step.form.troubles(typed)
        if wrong:
            self._show(replace(step, wrong=wrong, trouble=None))
            return
        self._show(replace(step, secrets={}, wrong={}, trouble=None, busy=True))
        params: dict[str, object] = {"sign_in": step.sign_in, "fields": step.form.answer(typed)}
        try:
            answer = await self._gateway.call("sign_in.submit", params, _CHECKED_WITHIN)
        except GatewayError as error:
            self._refused(step.sign_in, error)
            return
        if answer.get("account"):
            self._succeed(step.sign_in, read_account(answer["account"]))
        elif answer.get("form"):
            self._next(step.sign_in, answer["form"])

    def _refused(self, sign_in: str, error: GatewayError) -> None:
        """The person may try again; where the sign-in is over, whoever waits for it says so."""
        step = self._current(sign_in)
        if step is None:
            return
        said = problem(error)
        named = _named(step, error)
        if named:
            self._put(replace(step, wrong={named: said.sentence}, busy=False))
        else:
            self._put(replace(step, trouble=said, busy=False))

    def _next(self, sign_in: str, message: Mapping[str, Any]) -> None:
        """The server asks for more, a second factor for one."""
        step = self._current(sign_in)
        if step is not None:
            form = read_form(message)
            pages = step.pages + 1
            self._put(replace(step, form=form, texts={}, secrets={}, busy=False, pages=pages))

    def _current(self, sign_in: str) -> FillIn | None:
        """It may have been hidden while the server was asked."""
        shown = self._shown()
        if isinstance(shown, FillIn) and shown.sign_in == sign_in:
            return shown
        kept = self._waiting.get(sign_in)
        return kept if isinstance(kept, FillIn) else None

    def _put(self, step: FillIn) -> None:
        shown = self._shown()
        if isinstance(shown, FillIn) and shown.sign_in == step.sign_in:
            self._show(step)
        else:
            self._waiting.update(step)


def _named(step: FillIn, error: GatewayError) -> str:
    """The field that a refusal speaks of: such a sentence begins with its label."""
    if error.kind != "invalid_request":
        return ""
    fields = sorted(step.form.fields, key=lambda one: -len(one.label))
    fits = (one.name for one in fields if error.message.startswith(f"{one.label} "))
    return next(fits, "")
