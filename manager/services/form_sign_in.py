"""Signing in by typing or pasting. What was typed is used once and kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from manager.core.account import Account
from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    InvalidRequest,
    SignInExpired,
    TimeHelps,
    TooMany,
)
from manager.core.form_sign_in import SignsInByForm
from manager.core.provider import ServerProbe, SignInRequest
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm, checked_values

from .pending_sign_in import FormSignIn, SignInTarget
from .sign_in_completion import SignInCompletion
from .sign_in_trouble import tried_by_the_person
from .single_flight import SingleFlight
from .waiting_sign_ins import WaitingSignIns

TRIES = 10
"""Refused passwords, codes or keys; then the person starts anew, and a program that guesses too."""

Submitted = Account | SignInForm


class FormSignIns:
    def __init__(
        self, waiting: WaitingSignIns, completion: SignInCompletion, tasks: asyncio.TaskGroup
    ) -> None:
        self._waiting = waiting
        self._completion = completion
        self._submissions: SingleFlight[Submitted] = SingleFlight(tasks)

    async def begin(self, target: SignInTarget, form_id: str, request: SignInRequest) -> FormSignIn:
        """Raises InvalidRequest for a form that the server does not have, and what the provider
        raises."""
        provider = target.provider
        if not isinstance(provider, SignsInByForm):
            raise InvalidRequest(f"{target.server.name} has no sign-in by typing.")
        with tried_by_the_person():
            form = await provider.begin_form(request, form_id)
        deadline, expires_at = self._waiting.times()
        return self._waiting.keep(
            FormSignIn(
                id=self._waiting.new_id(),
                target=target,
                deadline=deadline,
                expires_at=expires_at,
                ended=asyncio.get_running_loop().create_future(),
                form=form,
                tries_left=TRIES,
            )
        )

    async def submit(self, sign_in: str, fields: Mapping[str, object]) -> Submitted:
        """The account, or the next form. One submission at a time; it ends also when its caller
        leaves.

        CredentialsRefused (ten times), InvalidRequest, RateLimited and ServerUnreachable leave the
        sign-in waiting; everything else ends it. Raises TooMany while another is under way.
        """
        pending = self._waiting.get(sign_in)
        if not isinstance(pending, FormSignIn):
            raise InvalidRequest(
                "This sign-in does not wait for something typed.",
                hint=f"It is one by {pending.method.value}.",
            )
        if pending.busy:
            raise TooMany(
                "What was typed before is still being checked.", hint="Wait for its answer."
            )
        values = checked_values(pending.form.form, _texts(fields))
        pending.busy = True
        return await self._submissions.join(pending.id, lambda: self._send(pending, values))

    async def _send(self, pending: FormSignIn, values: Mapping[str, Secret]) -> Submitted:
        try:
            with tried_by_the_person():
                result = await pending.form.submit(values)
                if isinstance(result, SignInForm):
                    self._require_still_waiting(pending)
                    self._waiting.asks_for_more(pending)
                    return result
                account = await self._completion.finish(pending, result)
        except CredentialsRefused as failure:
            pending.tries_left -= 1
            if pending.tries_left <= 0:
                await self._waiting.end(pending, failure)
            raise
        except (InvalidRequest, TimeHelps):
            raise
        except AccountManagerError as failure:
            await self._waiting.end(pending, failure)
            raise
        finally:
            pending.busy = False
        await self._waiting.end(pending, account)
        return account

    def _require_still_waiting(self, pending: FormSignIn) -> None:
        if pending.ended.done():
            raise SignInExpired("The sign-in was over before the server answered.")


def chosen_form(wanted: str | None, probe: ServerProbe) -> str:
    """The id of the form that the front door named, or of the server's first. Raises
    InvalidRequest."""
    offered = [form.id for form in probe.forms]
    if wanted is None and offered:
        return offered[0]
    if wanted is not None and wanted in offered:
        return wanted
    raise InvalidRequest(
        f"{probe.server.name} has no form {(wanted or '')[:40]!r}.",
        hint=f"Offered: {', '.join(offered) or 'none'}.",
    )


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in fields.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidRequest(f"The field {name[:40]!r} is a text.")
        texts[name] = value
    return texts
