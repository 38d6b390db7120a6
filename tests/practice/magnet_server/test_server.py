"""Life of the stand-in, network faults, and itself as a process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

import httpx
import pytest

from manager.practice.magnet_server import DIALECTS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_everything_ends_at_once(start, dialect):
    server, client = start(dialect)
    if dialect == "seed":
        body = {"username": "bob", "password": "x"}
        value = client.post("/api/auth/token", json=body).json()["data"]["token"]
        headers = {"Authorization": f"Bearer {value}"}
    else:
        made = server.release_0_6.new_key() if dialect == "0.6" else server.v2.new_key()
        headers = {"x-api-key": made}
    assert server.accepts(headers)
    server.revoke_everything()
    assert not server.accepts(headers)
    assert all(secret not in json.dumps(server.state()) for secret in server.issued)


def test_lost_answers_are_processed(start):
    server, client = start("v2", lost_answers=1)
    body = {"email": "alice@example.com", "password": "x"}
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/api/v2/auth/login", json=body)
    assert server.state()["live_sessions"] == 1


def test_the_rate_limit_switch(start):
    for dialect, body in (
        ("seed", {"success": False, "error": "Rate limit exceeded", "code": "RATE_LIMITED"}),
        ("v2", {"error": "Too many requests. Please try again later."}),
    ):
        _, client = start(dialect, rate_limited={"*": "7"})
        answer = client.get("/health")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert answer.json() == body


@pytest.mark.parametrize("dialect", DIALECTS)
def test_as_a_process(dialect):
    program = [sys.executable, "-m", "manager.practice.magnet_server", "--dialect", dialect]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            with urllib.request.urlopen(f"{url}/practice/state") as answer:
                assert json.load(answer)["reuse_detected"] == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
