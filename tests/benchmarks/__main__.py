"""One command: every measure, the program and its peers in turn; a table, and JSON if asked for.

    python -m tests.benchmarks [--rounds N] [--requests N] [--only WORD] [--json FILE]

Medians of at least 5 rounds mean something; fewer are for trying it out. The goals are those of the
issue and the design; a missed one does not change the exit status: a busy machine is no fault of
the program.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.cached_token import measure_cached_token
from tests.benchmarks.load_client import LoadClient
from tests.benchmarks.many_accounts import measure_many_accounts
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.oidc_agent import OidcAgent, install_oidc_agent
from tests.benchmarks.program import PYTHON, Program
from tests.benchmarks.renewing import measure_forced_refresh, measure_sign_in
from tests.benchmarks.results import Results, machine, table
from tests.benchmarks.starting import (
    measure_agent_start,
    measure_command,
    measure_python_client,
    measure_window,
)
from tests.benchmarks.timed_server import TimedServer
from tests.real_parts.display import Display
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

PARTS = ("sign-in", "cached", "refresh", "command", "client", "start", "memory", "window", "many")


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="of every measure (5)")
    parser.add_argument(
        "--requests", type=int, default=2000, help="of one client in a round (2000)"
    )
    parser.add_argument("--accounts", type=int, default=10, help="that are signed in (10)")
    parser.add_argument("--no-peer", action="store_true", help="without oidc-agent")
    parser.add_argument("--many", type=int, default=10_000, help="accounts of the largest store")
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts alone")
    parser.add_argument("--json", type=Path, help="write every sample to this file")
    chosen = parser.parse_args(words)
    results = run(chosen)
    print(f"\n{json.dumps(machine())}\nmedians of {chosen.rounds} rounds\n")
    print(table(results.rows()))
    if chosen.json:
        chosen.json.write_text(json.dumps(results.as_json(chosen.rounds), indent=1) + "\n")
    return 0


def run(chosen: argparse.Namespace) -> Results:
    results = Results()
    session = PrivateSession()
    try:
        Keychain(SessionBus(session))
        with TimedServer() as server:
            _measure(results, session, server, chosen)
    finally:
        session.close()
    return results


def _measure(
    results: Results, session: PrivateSession, server: TimedServer, chosen: argparse.Namespace
) -> None:
    rounds, requests, parts = chosen.rounds, chosen.requests, chosen.only or PARTS
    program = Program(session)
    program.start()
    # The first sign-in loads what every other one finds loaded.
    accounts = [program.sign_in(server)[0]]
    accounts += measure_sign_in(results, program, server, chosen.accounts - 1)
    wants_peer = not chosen.no_peer and {"cached", "refresh", "command"} & set(parts)
    peer = OidcAgent(session, server) if wants_peer and install_oidc_agent() else None
    if wants_peer and peer is None:
        print("oidc-agent is not here and cannot be installed: measured without it")
    client = LoadClient(session.folder)
    if not client.compiled:
        print("no C compiler (cc): the load comes from Python, which measures itself as well")
    first = accounts[0]
    every: dict[str, Callable[[], None]] = {
        "cached": lambda: measure_cached_token(
            results, client, program, first, _echo(session), peer, rounds, requests
        ),
        "refresh": lambda: measure_forced_refresh(
            results, client, program, accounts[1], server, peer, rounds
        ),
        "command": lambda: measure_command(results, program, first, peer, rounds),
        "client": lambda: measure_python_client(results, program, first, rounds),
        "start": lambda: measure_agent_start(results, program, first, rounds),
        "memory": lambda: measure_memory(results, program, accounts, rounds),
        "window": lambda: measure_window(results, program, Display(session), rounds),
        "many": lambda: measure_many_accounts(
            results, client, program, first, chosen.many, rounds, requests
        ),
    }
    for part, measure in every.items():
        if part in parts:
            print(f"{part} ...", file=sys.stderr, flush=True)
            measure()
    program.stop()


def _echo(session: PrivateSession) -> str:
    """The socket of the echo server."""
    path = session.folder / "echo"
    session.start([*PYTHON, Path(__file__).with_name("echo_server.py"), path])
    until(path.exists, "echo server")
    return str(path)


if __name__ == "__main__":
    sys.exit(main())
