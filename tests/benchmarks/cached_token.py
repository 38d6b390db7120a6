"""A token that is at hand: beside the echo floor, and beside oidc-agent in both of its modes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.load_client import Load, LoadClient
from tests.benchmarks.oidc_agent import ACCOUNT, OidcAgent
from tests.benchmarks.program import HELLO, Program, token_request
from tests.benchmarks.results import Goal, Results

ECHO = "echo server"
ENCRYPTED = "oidc-agent"
PLAIN = "oidc-agent, plain"


@dataclass(frozen=True)
class Subject:
    mode: str
    path: str
    first: str
    second: str

    def load(self, client: LoadClient, clients: int, requests: int) -> Load:
        return client.run(
            self.mode,
            self.path,
            clients=clients,
            requests=requests,
            first=self.first,
            second=self.second,
        )


def measure_cached_token(
    results: Results,
    client: LoadClient,
    program: Program,
    account: str,
    echo: str,
    peer: OidcAgent | None,
    rounds: int,
    requests: int,
) -> None:
    """`requests`: of the one client in a round; the 64 share four times as many."""
    request = token_request(account)
    peers: dict[str, Subject] = {}
    if peer is not None:
        peers[ENCRYPTED] = Subject("library", peer.socket, ACCOUNT, "0")
        peers[PLAIN] = Subject("closing", peer.socket, "", peer.plain_request)
    both = {
        "kept connection": {
            "ours": Subject("kept", program.connectors, HELLO, request),
            ECHO: Subject("kept", echo, HELLO, request),
            **peers,
        },
        "new connection": {
            "ours": Subject("new", program.connectors, HELLO, request),
            ECHO: Subject("new", echo, HELLO, request),
            **peers,
        },
    }
    one = {
        "kept connection": (Goal(ENCRYPTED, 0.3), Goal(ECHO, 1.6)),
        "new connection": (Goal(ENCRYPTED, 0.5), Goal(PLAIN, 1.2), Goal(ECHO, 1.6)),
    }
    for kind, subjects in both.items():
        single = f"cached token, 1 client, {kind}, p50"
        results.measure(single, "us", *one[kind])
        many = f"cached token, 64 clients, {kind}"
        results.measure(f"{many}, p99", "us", Goal(ENCRYPTED, 0.15))
        results.measure(f"{many}, throughput", "per_second", Goal(ENCRYPTED, 3.0, at_least=True))
        for _ in range(rounds):
            for whose, subject in subjects.items():
                results.add(single, whose, subject.load(client, 1, requests).p50)
            for whose, subject in subjects.items():
                load = subject.load(client, 64, max(1, requests // 16))
                results.add(f"{many}, p99", whose, load.p99)
                results.add(f"{many}, throughput", whose, load.per_second)
