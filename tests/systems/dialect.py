"""One dialect of one system, as the table sees it: a stand-in over real HTTP and a person."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from manager.practice.practice_server import PracticeServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

YEAR = 366 * 86_400.0


class Dialect(ABC):
    """Made for one test. `renews`: by itself; `ends`: sign-out ends it at the server; `has_token`:
    there is a token to hand out; `ages_by`: seconds after which the server refuses what it issued,
    None where nothing of it ever expires; `asks_each_time`: what stands at the address is not
    remembered from the last sign-in; `renews_expired`: also after its end (where not, it is renewed
    ahead of it); `lives_out`: a token that was handed out counts to its own end, also
    after the sign-out; `verifies_away`: while the server is away, what can be seen of the token
    from here counts (the SDK's own document says so)."""

    name: ClassVar[str]
    provider: ClassVar[str]
    identity: ClassVar[str] = "alice@example.com"
    renews: ClassVar[bool] = True
    ends: ClassVar[bool] = True
    has_token: ClassVar[bool] = True
    ages_by: ClassVar[float | None] = None
    wrong_kind: ClassVar[str] = "credentials_refused"
    asks_each_time: ClassVar[bool] = True
    renews_expired: ClassVar[bool] = True
    lives_out: ClassVar[bool] = False
    verifies_away: ClassVar[bool] = False

    @property
    @abstractmethod
    def server(self) -> PracticeServer[Any]:
        """The stand-in that the account is at."""

    @contextmanager
    @abstractmethod
    def running(self) -> Iterator[None]:
        """While it is entered the stand-in runs."""

    @abstractmethod
    def begin(self) -> Mapping[str, Any]:
        """The params of `sign_in.begin`."""

    @abstractmethod
    def sign_in(self, agent: RunningAgent) -> dict[str, Any]:
        """All of it, as a person who does everything right; the account."""

    @abstractmethod
    def sign_in_wrongly(self, agent: RunningAgent) -> Refused:
        """With a wrong password or key, or a no in the browser; what the person is told."""

    @abstractmethod
    def resource(self) -> tuple[str, str]:
        """Method and URL of something that only an account may see."""

    @abstractmethod
    def refreshes(self) -> int:
        """How many renewals the server has counted."""

    def serves(self, headers: Mapping[str, str], body: bytes | None = None) -> bool:
        method, url = self.resource()
        return status(method, url, headers, body) == 200

    def age(self) -> None:
        """Time passes at the server, until what it issued has expired."""
        assert self.ages_by is not None
        self.server.change_faults(clock_offset=self.ages_by)

    def revoke(self) -> None:
        """The operator, or the person in the web, ends everything."""
        self.server.revoke_everything()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()


def refused(agent: RunningAgent, method: str, /, **params: Any) -> Refused:
    return agent.refusal(method, **params)


def status(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> int:
    """What the server says to a program's own request; nothing of ours is on the way."""
    request = urllib.request.Request(url, method=method, headers=dict(headers), data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            error.read()
        return error.code


def graphql_serves(url: str, headers: Mapping[str, str]) -> bool:
    """Whether a GraphQL server knows who asks."""
    body = json.dumps({"query": "query { activeUser { id } }"}).encode()
    sent = {**headers, "Content-Type": "application/json"}
    request = urllib.request.Request(url, method="POST", headers=sent, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(json.load(answer)["data"]["activeUser"])
    except urllib.error.HTTPError as error:
        error.close()
        return False
