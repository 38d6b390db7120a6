"""What passes through a server: forced refreshes, and sign-ins from the callback on. The server's
own time is taken off."""

from __future__ import annotations

from tests.benchmarks.load_client import LoadClient
from tests.benchmarks.oidc_agent import ACCOUNT, OidcAgent
from tests.benchmarks.program import HELLO, Program, token_request
from tests.benchmarks.results import Goal, Results
from tests.benchmarks.timed_server import TimedServer

_LIFETIME = 3600.0
_REFRESHES = 5


def measure_forced_refresh(
    results: Results,
    client: LoadClient,
    program: Program,
    account: str,
    server: TimedServer,
    peer: OidcAgent | None,
    rounds: int,
) -> None:
    """A token is asked for that lives longer than the one at hand; the server rotates."""
    name = "forced refresh with rotation, above the server"
    results.measure(name, "ms", Goal(limit=0.005))
    # A hair under the lifetime: only a token of this very instant lives so long.
    request = token_request(account, _LIFETIME - 1e-4)

    def ours() -> float:
        server.start_watch()
        load = client.run(
            "kept", program.connectors, clients=1, requests=_REFRESHES, first=HELLO, second=request
        )
        return load.p50 - server.spent / _REFRESHES

    def theirs() -> float:
        assert peer is not None
        server.start_watch()
        forced = str(int(_LIFETIME * 10))
        load = client.run(
            "library", peer.socket, clients=1, requests=1, first=ACCOUNT, second=forced
        )
        return load.p50 - server.spent

    ours()  # the first one loads the HTTP client
    subjects = {"ours": ours} if peer is None else {"ours": ours, "oidc-agent": theirs}
    results.in_turn(name, subjects, rounds)


def measure_sign_in(
    results: Results, program: Program, server: TimedServer, rounds: int
) -> list[str]:
    """The accounts that were added."""
    name = "callback to account stored, above the server"
    results.measure(name, "ms", Goal(limit=0.05))
    accounts = []
    for _ in range(rounds):
        account, seconds = program.sign_in(server)
        accounts.append(account)
        results.add(name, "ours", seconds)
    return accounts
