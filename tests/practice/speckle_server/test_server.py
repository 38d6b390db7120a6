"""The pages, the token check before every route, rate limits and faults."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request

import httpx
import pytest

from manager.practice.person import LostOnTheWay, Person


def test_a_trusted_app_comes_back_without_a_click(client):
    assert re.fullmatch(r"speckle://account\?access_code=[0-9a-f]{42}", client.authorize("sdm"))
    sca = client.authorize("sca")
    assert re.fullmatch(r"http://localhost:29363\?access_code=[0-9a-f]{42}", sca)


def test_an_app_without_trust_asks(client):
    allowed = client.authorize("connectrV3")
    assert allowed.startswith("http://localhost:29355?access_code=")
    denied = client.authorize("connectrV3", allow=False)
    assert denied == "http://localhost:29355/?denied=true"


def test_an_unknown_app_goes_nowhere(server, client):
    with pytest.raises(LostOnTheWay, match="404"):
        client.authorize("nobody")
    person = Person()
    person.visit(f"{server.url}/authn/verify/sdm/x")
    assert "Could not resolve app." in person.read(f"{server.url}/authn/verify/nobody/x")


def test_login_is_asked_once(server, client):
    first = client.http.get("/authn/verify/sdm/x")
    assert (first.status_code, first.headers["location"]) == (302, "/authn/login")
    assert "postAuthRedirect" in first.headers["set-cookie"]
    person = Person("bob")
    person.visit(f"{server.url}/authn/verify/sdm/x")
    assert "You are authorized" in person.read(f"{server.url}/authn/verify/sdm/x")


def test_login_with_unknown_names_or_a_foreign_return_address(client):
    answer = client.http.post("/authn/login", data={"email": "mallory", "password": "x"})
    assert answer.status_code == 401
    client.http.cookies.set("postAuthRedirect", "%2F%2Fevil.example")
    answer = client.http.post("/authn/login", data={"email": "alice", "password": "x"})
    assert answer.headers["location"] == "/"


def test_the_query_of_older_managers_is_ignored(client):
    arrived = client.authorize(query="?suuid=0f0f")
    assert arrived.startswith("speckle://account?access_code=")


@pytest.mark.parametrize("path", ["/auth/token", "/auth/logout", "/graphql", "/liveness"])
def test_a_bad_token_is_refused_before_any_route(client, path):
    for shown in ({"Authorization": "Bearer nonsense"}, {"Cookie": "authn=nonsense"}):
        method = "GET" if path == "/liveness" else "POST"
        answer = client.http.request(method, path, json={}, headers=shown)
        assert (answer.status_code, answer.json()) == (403, {"error": "Your token is not valid."})


def test_how_a_token_may_be_shown(client):
    token = client.sign_in()["token"]
    query = {"query": "{ activeUser { name } }"}
    for shown in (
        {"headers": {"Authorization": f"Bearer {token}"}},
        {"headers": {"Authorization": token}},
        {"headers": {"Cookie": f"authn={token}"}},
        {"params": {"embedToken": token}},
    ):
        answer = client.http.post("/graphql", json=query, **shown).json()
        assert answer["data"]["activeUser"]["name"] == "Alice Moreau"
    lower = client.http.post("/graphql", json=query, headers={"Authorization": f"bearer {token}"})
    assert lower.status_code == 403


@pytest.mark.parametrize(
    "path", ["/auth/token", "/oauth/token", "/.well-known/oauth-authorization-server"]
)
def test_what_is_not_there(client, path):
    assert client.http.get(path).status_code == 404


def test_health_and_cors(client):
    for path in ("/liveness", "/readiness"):
        answer = client.http.get(path)
        assert answer.status_code == 200
        assert isinstance(answer.json(), dict)
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_fifteenth_login_is_too_many(server, client):
    server.change_faults(rate_limits=True)
    body = {"email": "mallory", "password": "x"}
    answers = [client.http.post("/auth/local/login?challenge=c", json=body) for _ in range(15)]
    assert [each.status_code for each in answers] == [401] * 14 + [429]
    last = answers[-1]
    assert last.json()["error"]["code"] == "RATE_LIMIT_ERROR"
    assert re.fullmatch(r"\d{3}\.\d{3}", last.headers["retry-after"])
    assert last.headers["x-ratelimit-reset"].endswith("Z")
    assert last.headers["x-speckle-meditation"] == "https://http.cat/429"
    server.change_faults(clock_offset=601)
    assert client.http.post("/auth/local/login?challenge=c", json=body).status_code == 401


def test_the_rate_limit_switch(server, client):
    server.change_faults(rate_limited={"token": "599.331"})
    answer = client.refresh("anything")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "599.331")
    assert answer.json()["error"]["code"] == "RATE_LIMIT_ERROR"


def test_lost_answers_count_for_both_dialects(server, client):
    tokens = client.sign_in()
    server.change_faults(lost_answers=1, rotation=True)
    with pytest.raises(httpx.RemoteProtocolError):
        client.refresh(tokens["refreshToken"])
    assert client.refresh(tokens["refreshToken"]).status_code == 401
    assert server.reuse_detected == 1


def test_network_faults(server, client):
    server.change_faults(unavailable={"graphql": 502})
    assert client.graphql("{ serverInfo { name } }").status_code == 502
    server.change_faults(unavailable={}, captive_portal="page")
    assert "guest network" in client.graphql("{ serverInfo { name } }").text


def test_avatar(client):
    assert client.http.get("/avatar/bob.png").content.startswith(b"\x89PNG")
    assert client.http.get("/avatar/nobody.png").status_code == 404


def test_as_a_process():
    program = [sys.executable, "-m", "manager.practice.speckle_server"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            arrived = Person().visit(f"{url}/authn/verify/sdm/c")
            assert arrived.startswith("speckle://account?access_code=")
            with urllib.request.urlopen(f"{url}/practice/state") as answer:
                assert json.load(answer)["counters"]["verify"] == 2
            with urllib.request.urlopen(f"{url}/practice/revoke", b"") as answer:
                assert json.load(answer)["live_access_tokens"] == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
