"""kill -9 of the agent anywhere in a rotation: real process, real keychain, real server.

After each kill the database is read as the dead process left it, the server's log says what was
sent, and a new process goes on from there. Seed and figures are printed; `--seed` repeats a run.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from manager.core.account_state import SignedIn
from manager.practice.memory_keychain import MemoryStore
from tests.hardship.rotation_log import RotatingServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Wire, frame

AT_ONCE = 4
CALM = 8
"""Every so many lives nothing is killed before a connector got a token that the server takes."""
GRACE = 120.0
"""Longer than any restart on a busy machine, so that each lost answer is repaired."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    long = [pytest.mark.whole, pytest.mark.timeout(3000)]
    if metafunc.config.getoption("--soak"):
        kills = [pytest.param(3000, marks=long)]
    else:
        kills = [30, pytest.param(200, marks=long)]
    metafunc.parametrize("kills", kills)


class Lives:
    """One agent with two accounts, started and killed again and again."""

    def __init__(self, agent: RunningAgent, server: RotatingServer, chance: random.Random) -> None:
        self.agent = agent
        self.server = server
        self.chance = chance
        self.accounts: list[str] = []
        self.keys = MemoryStore()
        self.sent: dict[str, int] = {}
        """By account: how much of the server's log stood when the store was read last."""
        self.kept: dict[str, str] = {}
        """By account: the refresh token that was stored then."""
        self.access: dict[str, str] = {}
        self.lost_answers = 0

    def begin(self) -> None:
        self.agent.start()
        self.accounts = [self.agent.sign_in(self.server, login)["id"] for login in ("alice", "bob")]
        self.agent.kill()
        self.keys = self.agent.keys_of(*self.accounts)
        for account in self.accounts:
            self._look(account)

    def live_and_die(self, number: int) -> None:
        self.agent.start()
        for account in self.accounts:
            assert self.agent.state(account)[0] == "signed_in"
        if number % CALM == 0:
            self._use()
        with self.agent.connect() as connector:
            for account in self.accounts:
                known = hashlib.sha256(self.access[account].encode()).hexdigest()
                connector.send(frame("token.refresh", account, account=account, rejected=known))
            self._wait_for_a_point()
            self.agent.kill()
            released = _released(connector)
        for account in self.accounts:
            self._look(account, released.get(account))

    def end(self) -> None:
        self.agent.start()
        for account in self.accounts:
            assert self.agent.state(account)[0] == "signed_in"
        self._use()
        self.agent.kill()
        for account in self.accounts:
            self._look(account)
            family = self.server.family_of(self.kept[account])
            ages = [self.server.age_of(each) for each in self.server.presented_of(family)]
            assert ages == sorted(ages), "an older refresh token came after a newer one"

    def _use(self) -> None:
        for account in self.accounts:
            assert self.server.accepts(self.agent.token(account, 1)["access_token"])

    def _wait_for_a_point(self) -> None:
        """Anywhere in a life, or in the milliseconds around an exchange with the server."""
        if self.chance.random() < 0.25:
            time.sleep(self.chance.random() * 0.6)
            return
        account = self.chance.choice(self.accounts)
        family = self.server.family_of(self.kept[account])
        arrived = self.server.wait_for_refresh(family, self.sent[account], 20)
        assert arrived, "the agent renews what it is told is refused"
        time.sleep(self.chance.random() ** 2 * 0.03)

    def _look(self, account: str, released: str | None = None) -> None:
        """The store as it was left, beside what the server saw."""
        known, credential, marked = asyncio.run(self.agent.stored(account, self.keys))
        assert credential.refresh_token is not None
        stored = credential.refresh_token.reveal()
        access = credential.access_token.reveal()
        if account in self.kept:
            family = self.server.family_of(stored)
            sent = self.server.presented_of(family, self.sent[account])
            first = sent[0] if sent else stored
            assert first == self.kept[account] or (not sent and stored == self.kept[account]), (
                "the first refresh token of a life is the stored one"
            )
            assert self.server.age_of(stored) >= self.server.age_of(self.kept[account])
            assert all(self.server.age_of(each) <= self.server.age_of(stored) for each in sent)
        if released is not None:
            assert self.server.age_of(access) >= self.server.age_of(released), (
                "a token was handed out before it was stored"
            )
        if self.server.retired(stored):
            self.lost_answers += 1
            assert marked, "the store does not know that this refresh token was sent"
        assert known.state == SignedIn()
        self.kept[account], self.access[account] = stored, access
        self.sent[account] = len(self.server.presented)


def _released(connector: Wire) -> dict[str, str]:
    """The access tokens that got out before the end, by account."""
    found = {}
    while True:
        try:
            answer = connector.answer()
        except ValueError:  # the end of the line
            return found
        if "result" in answer:
            found[answer["id"]] = answer["result"]["access_token"]


def test_no_credential_is_lost_and_no_old_one_sent(
    kills: int, new_agent: Callable[[], RunningAgent], request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("--seed")
    print(f"seed {seed}, {kills} kills")
    with RotatingServer() as same, RotatingServer() as new:
        for server, pair in ((same, "same"), (new, "new")):
            server.change_faults(lifetime=3, grace=GRACE, grace_pair=pair)
        lives = [
            Lives(new_agent(), (same, new)[slot % 2], random.Random(f"{seed}/{slot}"))
            for slot in range(AT_ONCE)
        ]

        def live(slot: int) -> None:
            lives[slot].begin()
            for number in range(slot, kills, AT_ONCE):
                lives[slot].live_and_die(number)
            lives[slot].end()

        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(live, range(AT_ONCE)))
        each = (time.monotonic() - began) / kills
        lost = sum(each.lost_answers for each in lives)
        print(f"{each:.2f} s a kill, {lost} answers lost and repaired")
        assert (same.reuse_detected, new.reuse_detected) == (0, 0)
        assert lost > 0, "no kill fell between a rotation and its storing"
