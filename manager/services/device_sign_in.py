"""Signing in with a code on another device: the agent asks the server until somebody answered
there (RFC 8628 section 3.4)."""

from __future__ import annotations

import asyncio
import logging

from manager.core.account import Account
from manager.core.device_sign_in import SignsInByDevice
from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    SignInExpired,
    TimeHelps,
)
from manager.core.provider import SignInRequest

from .pending_sign_in import DeviceSignIn, SignInTarget
from .sign_in_completion import SignInCompletion
from .sign_in_trouble import tried_by_the_person
from .waiting_sign_ins import WaitingSignIns

_log = logging.getLogger(__name__)
LONGEST_PAUSE = 60.0
"""Seconds; the person stands there and waits, so trouble is not answered with minutes."""


class DeviceSignIns:
    """The server's own `expires_in` says how long one waits; no time of ours is shorter."""

    def __init__(
        self, waiting: WaitingSignIns, completion: SignInCompletion, tasks: asyncio.TaskGroup
    ) -> None:
        self._waiting = waiting
        self._completion = completion
        self._tasks = tasks

    async def begin(self, target: SignInTarget, request: SignInRequest) -> DeviceSignIn:
        """Raises InvalidRequest, ServerUnreachable, RateLimited, ProviderError."""
        provider = target.provider
        if not isinstance(provider, SignsInByDevice):
            raise InvalidRequest(f"{target.server.name} has no sign-in by a code.")
        with tried_by_the_person():
            device = await provider.begin_device(request)
        deadline, expires_at = self._waiting.times(device.expires_in)
        pending = self._waiting.keep(
            DeviceSignIn(
                id=self._waiting.new_id(),
                target=target,
                deadline=deadline,
                expires_at=expires_at,
                ended=asyncio.get_running_loop().create_future(),
                device=device,
            )
        )
        self._tasks.create_task(self._poll(pending))
        return pending

    async def _poll(self, pending: DeviceSignIn) -> None:
        """Trouble of the connection only makes the pauses longer (section 3.5)."""
        failures, asked_for = 0, 0.0
        while True:
            pause = pause_before_poll(pending.device.interval, failures, asked_for)
            await asyncio.wait([pending.ended], timeout=pause)
            if pending.ended.done():
                return
            try:
                account = await self._ask(pending)
            except TimeHelps as trouble:
                failures, asked_for = failures + 1, trouble.retry_after or 0.0
                continue
            except SignInExpired as failure:
                await self._waiting.end(pending, failure, status="expired")
                return
            except AccountManagerError as failure:
                await self._waiting.end(pending, failure)
                return
            except Exception as failure:  # noqa: BLE001  # one bad provider must not end the agent
                _log.error("a sign-in by code failed: %s", type(failure).__name__)
                mistake = ProviderError("Account Manager could not finish this sign-in.")
                await self._waiting.end(pending, mistake)
                return
            failures, asked_for = 0, 0.0
            if account is not None:
                await self._waiting.end(pending, account)
                return

    async def _ask(self, pending: DeviceSignIn) -> Account | None:
        pending.busy = True
        try:
            result = await pending.device.poll()
            if result is None:
                return None
            return await self._completion.finish(pending, result)
        finally:
            pending.busy = False


def pause_before_poll(interval: float, failures: int, asked_for: float) -> float:
    """Seconds: the server's interval, doubled with each failure in a row, never less than the
    server's own Retry-After (`asked_for`)."""
    pause = interval * 2.0 ** min(failures, 16)
    return max(min(pause, max(interval, LONGEST_PAUSE)), asked_for)
