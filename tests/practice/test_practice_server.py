"""Life, network faults and the control endpoint, which all practice servers share."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import httpx
import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.faults import AuthorizationServerFaults
from manager.practice.http_faults import gzip_bomb

METADATA = "/.well-known/openid-configuration"


def test_two_hundred_connections_at_once(server):
    gate = threading.Barrier(200)

    def ask(_: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.connect()
        gate.wait()
        try:
            for _ in range(2):  # the second over the kept connection
                connection.request("GET", METADATA)
                answer = connection.getresponse()
                answer.read()
            return answer.status
        finally:
            connection.close()

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(ask, range(200))) == {200}
    assert server.counters["metadata"] == 400


def test_it_stops_within_a_second_whatever_hangs():
    server = AuthorizationServer(AuthorizationServerFaults(hang=frozenset({"metadata"})))
    server.start()
    waiting = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for each in waiting:
        each.sendall(f"GET {METADATA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 1
    for each in waiting:
        each.settimeout(1)
        with suppress(ConnectionResetError):
            assert each.recv(1) == b""
        each.close()


def test_the_port_is_free_again_and_a_taken_one_is_an_error():
    with AuthorizationServer() as first, pytest.raises(OSError, match="in use"):
        AuthorizationServer(port=first.port).start()
    with AuthorizationServer(port=first.port) as second:
        assert second.port == first.port


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST /token HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /token HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    ],
)
def test_bad_requests(server, sent, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(sent)
        assert connection.recv(64).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_kept_connection_answers_without_delayed_acknowledgement(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    took = []
    for _ in range(20):
        started = time.monotonic()
        connection.request("GET", "/nowhere")
        connection.getresponse().read()
        took.append(time.monotonic() - started)
    connection.close()
    assert sorted(took)[10] < 0.03  # it is 0.04 for each where Nagle waits for the other side


def test_head_has_no_body(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("HEAD", METADATA)
    assert connection.getresponse().read() == b""
    connection.close()


def test_delay(server, app):
    server.change_faults(delay={"metadata": 0.3})
    started = time.monotonic()
    app.http.get(METADATA)
    assert 0.3 <= time.monotonic() - started < 2


def test_a_delayed_token_request_is_processed_at_once(server, app):
    tokens = app.sign_in()
    server.change_faults(delay={"token": 5.0})
    with pytest.raises(httpx.ReadTimeout):
        app.http.post(
            "/token",
            data={
                "grant_type": "refresh_token",
                "client_id": "account-manager",
                "refresh_token": tokens["refresh_token"],
            },
            timeout=0.3,
        )
    assert tokens["refresh_token"] not in server.live_refresh_tokens()


def test_hang(server, app):
    server.change_faults(hang=["metadata"])
    with pytest.raises(httpx.ReadTimeout):
        app.http.get(METADATA, timeout=0.2)


def test_drip(server, app):
    server.change_faults(drip=["unknown"], drip_interval=0.05)
    started = time.monotonic()
    assert app.http.get("/nowhere").text == "Not found"
    assert time.monotonic() - started >= 8 * 0.05


@pytest.mark.parametrize("status", [500, 502, 503])
def test_unavailable(server, app, status):
    server.change_faults(unavailable={"*": status})
    answer = app.http.get(METADATA)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("when", ["7", "599.331", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_rate_limited(server, app, when):
    tokens = app.sign_in()
    server.change_faults(rate_limited={"token": when})
    answer = app.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.headers["retry-after"]) == (429, when)
    assert server.token_requests("refresh_token") == 0
    assert app.http.get(METADATA).status_code == 200


def test_captive_portal(server, app):
    server.change_faults(captive_portal="redirect")
    answer = app.refresh("anything")
    assert answer.status_code == 302
    assert "/portal/login" in answer.headers["location"]
    server.change_faults(captive_portal="page")
    answer = app.refresh("anything")
    assert answer.status_code == 200
    assert "guest network" in answer.text


def test_redirect_at_the_token_endpoint(server, app):
    server.change_faults(redirect={"token": "https://elsewhere.invalid/token"})
    answer = app.refresh("anything")
    assert answer.status_code == 307
    assert answer.headers["location"] == "https://elsewhere.invalid/token"


def test_gzip_bomb(server, app):
    server.change_faults(gzip_bomb=["jwks"])
    with app.http.stream("GET", "/jwks") as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 1024 * 1024
    assert raw == gzip_bomb()


def test_the_bomb_is_valid_gzip_of_512_mib():
    size = 0
    with gzip.GzipFile(fileobj=BytesIO(gzip_bomb())) as bomb:
        while piece := bomb.read(1 << 22):
            size += len(piece)
    assert size == 512 * 1024 * 1024


def test_faults_by_http(server, app):
    answer = app.http.post("/practice/faults", json={"lifetime": 5, "hang": ["jwks"]})
    assert answer.json()["hang"] == ["jwks"]
    assert server.faults.lifetime == 5
    for wrong in ({"colour": 1}, {"lifetime": "long"}, {"captive_portal": "maybe"}, [1]):
        assert app.http.post("/practice/faults", json=wrong).status_code == 400
    assert app.http.post("/practice/faults", content=b"{").status_code == 400
    assert server.faults.lifetime == 5


def test_a_web_page_cannot_change_faults(server, app):
    answer = app.http.post(
        "/practice/faults", json={"lifetime": 5}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert server.faults.lifetime == 3600


def test_as_a_process():
    program = [sys.executable, "-m", "manager.practice.authorization_server"]
    options = ["--approve-as", "bob", "--faults", '{"lifetime": 7}']
    with subprocess.Popen([*program, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline())
            with urllib.request.urlopen(ready["issuer"] + "/practice/faults") as answer:
                assert json.load(answer)["lifetime"] == 7
            with urllib.request.urlopen(ready["issuer"] + "/practice/state") as answer:
                assert json.load(answer)["reuse_detected"] == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
