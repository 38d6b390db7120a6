"""Programs that want tokens, as other people write them: they know `manager.client` alone.

    python -I connector_program.py JOB OPTIONS     OPTIONS is JSON; answers are lines of JSON

Jobs: `token` asks once and ends; `renew` asks again at every line on stdin; `refused` had its token
refused; `crowd` asks over many connections at once when told to; `events` tells what happens.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from manager.client import AccountManagerError, Client


def say(**answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def ask(client: Client, options: dict[str, object]) -> None:
    asked_at = time.time()
    try:
        token = client.token(**options)
    except AccountManagerError as error:
        say(error=error.kind, message=error.message, hint=error.hint)
    else:
        say(
            account=token.account,
            access_token=token.access_token,
            authorization=token.authorization,
            expires_at=token.expires_at,
            asked_at=asked_at,
        )


def token(options: dict[str, object]) -> None:
    with Client(name="A connector") as client:
        ask(client, options)


def renew(options: dict[str, object]) -> None:
    with Client(name="A connector") as client:
        say(ready=True)
        for _ in sys.stdin:
            ask(client, options)


def refused(options: dict[str, object]) -> None:
    """As after a 401: ask for another token than the one that the server refused."""
    with Client(name="A connector") as client:
        token = client.token(**options)
        try:
            client.refresh(token.account, token.access_token)
        except AccountManagerError as error:
            say(error=error.kind, message=error.message, hint=error.hint)


def crowd(options: dict[str, object]) -> None:
    connections = int(options.pop("connections"))
    together = threading.Barrier(connections)

    def one() -> None:
        with Client(name="One of many", timeout=60) as client:
            together.wait()
            ask(client, options)

    members = [threading.Thread(target=one) for _ in range(connections)]
    say(ready=True)
    sys.stdin.readline()
    for member in members:
        member.start()
    for member in members:
        member.join()


def events(options: dict[str, object]) -> None:
    with Client(name="A listener") as client:
        for event in client.events(options["topics"]):
            say(**event.params)


JOBS = {"token": token, "renew": renew, "refused": refused, "crowd": crowd, "events": events}

if __name__ == "__main__":
    JOBS[sys.argv[1]](json.loads(sys.argv[2]))
