"""Keeps each token below its server's limit; remembers figures only, for as long as we run."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

from manager.core.errors import RateLimited
from manager.core.ports import Clock
from manager.providers.http_answer import HttpAnswer

from .rate_limit import LONGEST_WAIT, Allowance, allowance_of, pause, pause_after_refusal

_MOST = 1024


class Pacing:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()

    async def turn(self, token: str, host: str, *, essential: bool) -> None:
        """Wait until the token may ask again. Raises RateLimited, with nothing sent, where that
        takes longer than anybody should wait."""
        now = self._clock.now().boot
        allowance = self._allowances.get(token)
        wait = pause(allowance, now, essential=essential)
        if wait > LONGEST_WAIT:
            raise RateLimited(
                f"{host} allows this sign-in no more requests for the moment.", retry_after=wait
            )
        if allowance is not None:
            self._allowances[token] = allowance.taking_one(now + wait)
        while (left := now + wait - self._clock.now().boot) > 0:
            await self._clock.sleep(left)

    def note(self, token: str, answer: HttpAnswer) -> None:
        """What an answer said; after a 429 nothing is sent until its pause is over."""
        now = self._clock.now()
        found = allowance_of(
            answer.headers, self._allowances.get(token), wall=now.wall, boot=now.boot
        )
        asked = pause_after_refusal(answer.headers, now.wall) if answer.status == 429 else None
        if asked:
            found = Allowance(1 if found is None else found.limit, 0, now.boot + asked, now.boot)
        if found is not None and token:
            self._allowances[token] = found
            self._allowances.move_to_end(token)
            while len(self._allowances) > _MOST:
                self._allowances.popitem(last=False)


def token_name(origin: str, headers: Mapping[str, str]) -> str:
    """Which token a request shows, as a digest; empty for none: nobody is counted then."""
    for name in ("Authorization", "x-api-key", "Cookie"):
        if name in headers:
            text = f"{origin}\n{name}\n{headers[name]}"
            return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return ""
