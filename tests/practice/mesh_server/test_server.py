"""The stand-in speaks as the SDK was seen to be spoken to."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.request import urlopen

import pytest

from manager.practice.mesh_server.grants import payload
from manager.practice.person import Person

from .conftest import REDIRECT, confirm

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def test_config_names_another_client_for_devices(server, program):
    web = program.http.get("/auth/config").json()
    device = program.http.get("/auth/config", params={"flow": "device"}).json()
    assert set(web) == set(device) == {"domain", "client_id", "audience"}
    assert web["domain"] == device["domain"] == server.tenant.domain
    assert web["client_id"] != device["client_id"]


def test_browser_flow(program):
    assert program.come_back()["state"] == "mesh_auth_1_2345"
    tokens = program.sign_in()
    assert set(tokens) == {
        "access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type",
    }  # fmt: skip
    assert tokens["access_token"].count(".") == 2
    claims = payload(tokens["access_token"])
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 86400
    profile = program.get("/auth/profile", tokens["access_token"]).json()
    assert profile["email"] == "alice@example.com"
    assert program.get("/auth/validate", tokens["access_token"]).status_code == 200


def test_code_counts_once_and_for_its_redirect_uri(program):
    code = program.come_back()["code"]
    other = program.post("/auth/exchange-token", code=code, redirect_uri="http://localhost:8001/x")
    assert other.status_code == 400
    assert program.post("/auth/exchange-token", code=code, redirect_uri=REDIRECT).status_code == 400


def test_denial_comes_back(program):
    answer = program.come_back(Person(allow=False))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "mesh_auth_1_2345"


def test_refresh_rotates_and_reuse_ends_everything(server, program):
    first = program.sign_in()
    second = program.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    reused = program.refresh(first["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (401, "invalid_grant")
    assert program.refresh(second["refresh_token"]).status_code == 401
    assert server.reuse_detected == 1
    assert server.refreshes == 3


@pytest.mark.parametrize("fault", ["rotation", "omit_refresh_token"])
def test_refresh_without_a_new_refresh_token(server, program, fault):
    server.change_faults(**{fault: fault != "rotation"})
    token = program.sign_in()["refresh_token"]
    for _ in range(2):
        answer = program.refresh(token).json()
        assert "refresh_token" not in answer
        assert program.get("/auth/validate", answer["access_token"]).status_code == 200


def test_refresh_token_belongs_to_its_kind_of_client(program):
    assert program.refresh(program.sign_in()["refresh_token"], "device").status_code == 401


def test_refusals_in_words_of_its_own(server, program):
    server.change_faults(plain_refusals=True)
    answer = program.refresh("no-such-token")
    assert (answer.status_code, answer.json()) == (401, {"error": "Token request failed"})


def test_validation_may_be_absent(server, program):
    token = program.sign_in()["access_token"]
    server.change_faults(validate=False)
    assert program.get("/auth/validate", token).status_code == 404


def test_access_token_expires(server, program):
    token = program.sign_in()["access_token"]
    server.change_faults(clock_offset=86401.0)
    assert program.get("/auth/validate", token).status_code == 401
    assert program.get("/auth/profile", token).status_code == 401


def test_device_flow(server, program):
    asked = {"client_id": "practice-device-client", "scope": "openid offline_access"}
    device = program.tenant("/oauth/device/code", **asked, audience="x").json()
    assert (device["interval"], device["expires_in"]) == (5, 900)
    polled = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"]}
    polled["client_id"] = asked["client_id"]

    def poll():
        return program.tenant("/oauth/token", **polled)

    assert (poll().status_code, poll().json()["error"]) == (403, "slow_down")
    server.change_faults(clock_offset=60.0)
    assert poll().json()["error"] == "authorization_pending"
    confirm(device["verification_uri_complete"])
    tokens = poll().json()
    assert program.refresh(tokens["refresh_token"], "device").status_code == 200
    assert (poll().status_code, poll().json()["error"]) == (403, "invalid_grant")


@pytest.mark.parametrize("how", ["denied", "expired"])
def test_device_flow_that_ends(server, program, how):
    asked = {"client_id": "practice-device-client", "scope": "openid"}
    device = program.tenant("/oauth/device/code", **asked).json()
    if how == "denied":
        confirm(device["verification_uri_complete"], allow=False)
    else:
        server.change_faults(clock_offset=901.0)
    polled = {"grant_type": DEVICE_GRANT, "device_code": device["device_code"]}
    answer = program.tenant("/oauth/token", **polled, client_id=asked["client_id"])
    expected = "access_denied" if how == "denied" else "expired_token"
    assert (answer.status_code, answer.json()["error"]) == (403, expected)


def test_revocation_ends_the_grant_and_leaves_access_tokens_as_auth0_does(server, program):
    tokens = program.sign_in()
    sent = {"client_id": "practice-web-client", "token": tokens["refresh_token"]}
    for body in (sent, sent):
        url = f"{server.tenant.url}/oauth/revoke"
        assert program.http.post(url, json=body).status_code == 200
    assert program.refresh(tokens["refresh_token"]).status_code == 401
    assert program.get("/auth/validate", tokens["access_token"]).status_code == 200
    server.change_faults(revocation_ends_access=True)
    assert program.get("/auth/validate", tokens["access_token"]).status_code == 401


def test_api_keys_open_the_same_doors(server, program):
    token = program.sign_in()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    made = program.http.post("/v1/mesh/api-keys", json={"name": "CI"}, headers=bearer).json()
    assert made["success"] is True
    assert set(made["api_key"]) == {"api_key", "key_id", "name"}
    key = made["api_key"]["api_key"]
    assert key.startswith("mesh_")
    for headers in ({"x-api-key": key}, {"Authorization": f"ApiKey {key}"}):
        asked = {"messages": [{"role": "user", "content": "Hello"}]}
        said = program.http.post("/v1/mesh/chat", json=asked, headers=headers).json()
        assert said["choices"][0]["message"]["content"] == "Alice Moreau said: Hello"
        assert server.accepts(headers)
    server.revoke_everything()
    assert not server.accepts({"x-api-key": key})
    assert not server.accepts(bearer)


def test_stands_at_the_same_addresses_when_it_comes_back(server, program):
    config = program.http.get("/auth/config").json()
    server.stop()
    server.start()
    assert program.http.get("/auth/config").json() == config


def test_runs_as_a_process():
    command = [sys.executable, "-m", "manager.practice.mesh_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        with urlopen(f"{ready['url']}/auth/config") as answer:
            assert "domain" in json.load(answer)
        process.terminate()
        assert process.wait(10) == 0
