"""`login --provider X` without a server: what the variables of the shell say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.test_login import BEGUN, PROBE


@pytest.fixture
def agent(serve: Callable, wire: object) -> object:
    def answer(peer: object, request: dict) -> None:
        method, params = request["method"], request["params"]
        if method == "providers.list":
            if server.older:
                peer.error(request, "unknown_method")
                return
            known = [{"id": "mesh", "name": "Mesh", "dialects": [], "variables": ["MESH_API_URL"]}]
            peer.result(request, {"providers": known})
        elif method == "variables.read":
            server.variables = params["variables"]
            note = {"name": "MESH_API_URL", "honoured": True, "text": "The address."}
            ignored = {"name": "MESH_HEADLESS", "honoured": False, "text": "Use --method."}
            url = params["variables"].get("MESH_API_URL")
            read = {"provider": "mesh", "server_url": url, "method": None, "notes": [note, ignored]}
            peer.result(request, {"providers": [read | {"holds_credential": True}]})
        elif method == "servers.probe":
            peer.result(request, PROBE)
        elif method == "sign_in.begin":
            server.begun = params
            peer.result(request, BEGUN)
        else:
            peer.result(request, {"sign_in": "s1", "account": wire.account(1)})

    server = serve(answer, name="control.sock")
    server.older, server.variables, server.begun = False, None, None
    return server


def test_the_server_comes_from_the_variables_and_every_note_is_said(
    agent: object, run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_API_URL", "https://mesh.example")
    monkeypatch.setenv("UNRELATED_TOKEN", "canary")
    done = run("login", "--provider", "mesh", "--no-browser")
    assert done.returncode == 0
    assert agent.begun["server"] == "https://mesh.example"
    assert agent.variables == {"MESH_API_URL": "https://mesh.example"}, "and no other one"
    assert "MESH_API_URL: The address." in done.stderr
    assert "MESH_HEADLESS (not honoured): Use --method." in done.stderr
    assert "account-manager import --environment" in done.stderr


def test_nothing_set(agent: object, run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MESH_API_URL", raising=False)
    done = run("login", "--provider", "mesh", "--no-browser")
    assert done.returncode == 64
    assert "No server is named" in done.stderr


def test_a_kind_that_nobody_knows(agent: object, run: Callable) -> None:
    done = run("login", "--provider", "nonsense")
    assert done.returncode == 64
    assert "Known: mesh." in done.stderr


def test_an_agent_that_knows_no_variables_yet(agent: object, run: Callable) -> None:
    agent.older = True
    assert "No server is named" in run("login", "--provider", "mesh").stderr
