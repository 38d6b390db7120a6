"""Signing in from the command line: what is printed, pasted, cancelled and never shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

BEGUN = {
    "sign_in": "s1",
    "method": "browser",
    "server": {"url": "https://id.example", "name": "Example"},
    "provider": "oidc",
    "redirect": "loopback",
    "authorization_url": "https://id.example/authorize?state=1",
    "expires_at": 1,
}

PROBE = {
    "sign_in_methods": ["browser"],
    "redirect_methods": ["loopback", "paste"],
    "forms": [],
}


def finish_later(server: object, peer: object, request: dict, account: dict) -> None:
    assert server.ended.wait(30)
    if server.failure:
        peer.error(request, server.failure)
    elif not server.gone:
        peer.result(request, {"sign_in": "s1", "account": account})


@pytest.fixture
def agent(serve: Callable, wire: object) -> Iterator[object]:
    """An agent whose sign-in ends when the right answer is pasted, or `server.ended` is set."""
    ended = threading.Event()
    account = wire.account(1)

    def answer(peer: object, request: dict) -> None:
        method, params = request["method"], request["params"]
        if method == "sign_in.begin":
            peer.result(request, server.begun)
        elif method == "servers.list":
            peer.result(request, {"servers": []})
        elif method == "servers.probe":
            peer.result(request, server.probe)
        elif method == "sign_in.wait":
            server.waiting.set()
            server._run(finish_later, server, peer, request, account)
        elif method == "sign_in.cancel":
            peer.result(request, {"cancelled": True})
        elif method == "accounts.list":
            peer.result(request, {"accounts": [account]})
        elif params["uri"] == "http://127.0.0.1/?code=canary":
            ended.set()
            peer.result(request, {"sign_in": "s1", "account": account})
        else:
            peer.error(request, "invalid_request")

    server = serve(answer, name="control.sock")
    server.begun, server.failure, server.ended = dict(BEGUN), "", ended
    server.probe = dict(PROBE)
    server.gone = False
    server.waiting = threading.Event()
    yield server
    ended.set()


def requests(agent: object, method: str) -> list[dict]:
    return [each["params"] for each in agent.requests if each["method"] == method]


def test_the_link_is_printed_and_the_account_at_the_end(agent: object, run: Callable) -> None:
    agent.ended.set()
    done = run("login", "https://id.example", "--no-browser")
    assert done.returncode == 0
    assert BEGUN["authorization_url"] in done.stdout
    assert done.stdout.splitlines()[-1] == "Signed in as person1@id.example at https://id.example."


def test_json_is_one_object_a_line(agent: object, run: Callable) -> None:
    agent.ended.set()
    done = run("login", "https://id.example", "--no-browser", "--json")
    first, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert first == BEGUN
    assert last["id"] == "account-1"


def test_every_option_reaches_the_agent(agent: object, run: Callable) -> None:
    agent.ended.set()
    run(
        *("login", "https://id.example", "--no-browser", "--provider", "oidc", "--client-id", "me"),
        *("--method", "browser", "--redirect", "loopback", "--scope", "a", "--scope", "b"),
    )
    (params,) = requests(agent, "sign_in.begin")
    assert {**params, "timeout": None} == {
        "server": "https://id.example",
        "provider": "oidc",
        "client_id": "me",
        "method": "browser",
        "redirect": "loopback",
        "scopes": ["a", "b"],
        "timeout": None,
    }


def test_signing_in_again_names_the_account_and_its_server(agent: object, run: Callable) -> None:
    agent.ended.set()
    assert run("login", "--account", "person1@id.example", "--no-browser").returncode == 0
    (params,) = requests(agent, "sign_in.begin")
    assert (params["account"], params["server"]) == ("account-1", "https://id.example")


def test_login_without_a_server(agent: object, run: Callable) -> None:
    assert run("login").returncode == 64


def test_a_pasted_answer_ends_the_sign_in_and_a_wrong_one_does_not(
    agent: object, run: Callable
) -> None:
    agent.begun["redirect"] = "paste"
    typed = "wrong\n\n  http://127.0.0.1/?code=canary \n"
    done = run("login", "https://id.example", "--redirect", "paste", "--no-browser", typed=typed)
    assert done.returncode == 0
    assert done.stderr == "A sentence. Do this.\n"
    assert "canary" not in done.stdout + done.stderr
    assert [each["uri"] for each in requests(agent, "sign_in.complete")] == [
        "wrong",
        "http://127.0.0.1/?code=canary",
    ]


def test_the_client_secret_comes_through_the_pipe_alone(agent: object, run: Callable) -> None:
    agent.begun["redirect"] = "paste"
    typed = "canary-secret\nhttp://127.0.0.1/?code=canary\n"
    arguments = ("--client-id", "me", "--client-secret-stdin", "--no-browser")
    done = run("login", "https://id.example", *arguments, typed=typed)
    assert done.returncode == 0
    assert requests(agent, "sign_in.begin")[0]["client_secret"] == "canary-secret"
    assert agent.requests[1]["method"] == "servers.list", "an agent answers before it is read"
    assert "canary" not in done.stdout + done.stderr


def test_an_empty_client_secret_is_wrong_use(agent: object, run: Callable) -> None:
    done = run("login", "https://id.example", "--client-secret-stdin")
    assert done.returncode == 64
    assert requests(agent, "sign_in.begin") == []


def test_a_denied_sign_in(agent: object, run: Callable) -> None:
    agent.failure = "sign_in_denied"
    agent.ended.set()
    done = run("login", "https://id.example", "--no-browser")
    assert (done.returncode, done.stderr) == (77, "A sentence.\nDo this.\n")


def test_ctrl_c_cancels_the_sign_in_at_the_agent(agent: object) -> None:
    command = [sys.executable, "-m", "manager", "login", "https://id.example", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert agent.waiting.wait(30)
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert requests(agent, "sign_in.cancel")[0]["sign_in"] == "s1"
    agent.gone = True  # nobody waits for the answer any more
    agent.ended.set()


def test_an_address_that_no_browser_may_open_is_not_opened(
    agent: object, run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_MANAGER_HEADLESS", "0")
    agent.begun["authorization_url"] = "file:///etc/passwd"
    agent.ended.set()
    done = run("login", "https://id.example")
    assert "Do not open it yourself" in done.stderr
