"""Thousands of accounts beside a few: start, cached token, memory an account, idle time."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from manager.core.account import Account, Identity, Server
from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.moment import Validity
from manager.core.secret import Secret
from manager.practice.memory_keychain import memory_keychain
from manager.storage.account_store import SealedAccountStore
from manager.system.clock import SystemClock
from tests.benchmarks.load_client import LoadClient
from tests.benchmarks.program import HELLO, Program, token_request
from tests.benchmarks.results import Goal, Results

FEW = "10 accounts"


def measure_many_accounts(
    results: Results,
    client: LoadClient,
    program: Program,
    account: str,
    count: int,
    rounds: int,
    requests: int,
) -> None:
    """The last measure: it fills the session's store."""
    token, start = f"cached token with {count} accounts, p50", f"agent: start with {count} accounts"
    by_server = f"the same, the server named, {count} accounts, p50"
    size, idle = (
        f"memory an account, of {count}",
        f"idle: processor time a second, {count} accounts",
    )
    results.measure(token, "us", Goal(FEW, 1.2))
    results.measure(by_server, "us", Goal(FEW, 1.2))
    results.measure(start, "ms", Goal(limit=1.5))
    results.measure(size, "KB", Goal(limit=4096))
    results.measure(idle, "us", Goal(limit=0.001))
    stores = {FEW: program.session.home / ".few", "ours": program.session.home / ".many"}
    data = program.session.home / ".local/share/account-manager"
    with program.client(control=True) as control:
        control.call("accounts.set_default", {"account": account, "for": "server"})
        server = control.account(account).server_url
    program.stop()
    for whose, folder in stores.items():
        data.rename(folder) if whose == FEW else _copied(stores[FEW], folder, count)
    for _ in range(rounds):
        resident = {}
        for whose, folder in stores.items():
            folder.rename(data)
            results.add(start, whose, program.start())
            with program.client() as connection:
                connection.token(account)
            for measure, request in (
                (token, token_request(account)),
                (by_server, token_request(None, server=server)),
            ):
                results.add(measure, whose, _cached(client, program, request, requests))
            resident[whose] = program.resident()
            if whose == "ours":
                results.add(idle, whose, _idle(program))
            program.stop()
            data.rename(folder)
        results.add(size, "ours", (resident["ours"] - resident[FEW]) / count)


def _cached(client: LoadClient, program: Program, request: str, requests: int) -> float:
    path = program.connectors
    return client.run("kept", path, clients=1, requests=requests, first=HELLO, second=request).p50


def _idle(program: Program, seconds: float = 41.0) -> float:
    """Processor seconds a second while nobody asks, over one whole sleep of the scheduler."""
    assert program.process is not None
    before = _spent(program.process.pid)
    time.sleep(seconds)
    return (_spent(program.process.pid) - before) / seconds


def _spent(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _copied(few: Path, many: Path, count: int) -> None:
    """The same store with `count` accounts more, whose keys nobody will ask the keychain for."""
    many.mkdir(mode=0o700)
    for file in few.iterdir():
        (many / file.name).write_bytes(file.read_bytes())
    asyncio.run(_fill(many, count))


async def _fill(folder: Path, count: int) -> None:
    store, now = SealedAccountStore(folder, memory_keychain()), SystemClock().now()
    for number in range(count):
        server = f"https://id-{number % 100}.example"
        account = Account(
            id=f"{number:032x}",
            provider="oidc",
            server=Server(server, "Example"),
            identity=Identity(f"subject-{number}", f"p{number}@example.org", f"Person {number}"),
            scopes=("openid", "profile", "email", "offline_access"),
            capabilities=("token",),
        )
        tokens = OAuthTokens(
            access_token=Secret(f"access-{number}"),
            token_type="Bearer",
            validity=Validity(now, 86_400.0),
            token_endpoint=f"{server}/token",
            client=ClientRegistration("client"),
            refresh_token=Secret(f"refresh-{number}"),
            scopes=account.scopes,
        )
        await store.add(account, tokens)
    await store.close()
