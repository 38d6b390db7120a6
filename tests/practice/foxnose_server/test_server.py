"""The stand-in by plain HTTP: what its documents promise, refusals included."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from manager.practice.foxnose_server import FoxNoseFaults, FoxNoseServer

ALICE = {"email": "alice@example.com", "password": "correct horse"}


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def post(server: FoxNoseServer, http: httpx.Client) -> Callable[..., httpx.Response]:
    return lambda path, body=None, **more: http.post(server.url + path, json=body, **more)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def keys_at(server: FoxNoseServer, word: str = "permissions") -> str:
    return f"/v1/{server.environment}/{word}/flux-api/api-keys/"


def test_a_pair_says_its_end_in_itself_and_nowhere_else(server, post) -> None:
    answer = post("/account/auth/", ALICE)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access", "refresh"}
    lives = {}
    for kind, token in answer.json().items():
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        assert claims["token_type"] == kind
        lives[kind] = claims["exp"] - claims["iat"]
    assert lives == {"access": 86_400, "refresh": 604_800}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**ALICE, "password": "wrong"}, 401, "authentication_failed"),
        ({**ALICE, "email": "nobody@example.com"}, 401, "authentication_failed"),
        ({"email": "alice@example.com"}, 422, "validation_error"),
    ],
)
def test_a_wrong_sign_in_is_refused_in_the_envelope(post, body, status: int, code: str) -> None:
    answer = post("/account/auth/", body)
    assert answer.status_code == status
    assert answer.json().keys() == {"message", "error_code", "detail"}
    assert answer.json()["error_code"] == code


def test_a_refresh_token_counts_once(server: FoxNoseServer, post) -> None:
    first = post("/account/auth/", ALICE).json()
    second = post("/account/auth/refresh/", {"refresh": first["refresh"]})
    assert second.status_code == 200
    again = post("/account/auth/refresh/", {"refresh": first["refresh"]})
    assert again.status_code == 401
    assert (server.refreshes, server.reuse_detected) == (1, 1)


def test_the_refresh_path_is_where_it_was_put(server: FoxNoseServer, post) -> None:
    server.change_faults(refresh_path="/account/token/renew/")
    pair = post("/account/auth/", ALICE).json()
    body = {"refresh": pair["refresh"]}
    assert post("/account/auth/refresh/", body).status_code == 404
    assert post("/account/token/renew/", body).status_code == 200


def test_tokens_end_by_the_clock(server: FoxNoseServer, http, post) -> None:
    pair = post("/account/auth/", ALICE).json()
    url = server.url + "/organizations/"
    assert http.get(url, headers=bearer(pair["access"])).status_code == 200
    server.change_faults(clock_offset=86_401)
    assert http.get(url, headers=bearer(pair["access"])).status_code == 401
    assert post("/account/auth/refresh/", {"refresh": pair["refresh"]}).status_code == 200
    server.change_faults(clock_offset=2 * 604_800)
    assert post("/account/auth/refresh/", {"refresh": pair["refresh"]}).status_code == 401


def test_a_path_without_its_slash_is_told_so(server: FoxNoseServer, http) -> None:
    answer = http.get(server.url + "/organizations")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "trailing_slash_required")


@pytest.mark.parametrize("word", ["permissions", "roles"])
def test_keys_and_bearer_tokens_at_both_paths(server: FoxNoseServer, http, post, word: str) -> None:
    mine = bearer(post("/account/auth/", ALICE).json()["access"])
    path = keys_at(server, word)
    made = post(path, {"description": "Kiosk", "role": "reader"}, headers=mine)
    assert made.status_code == 201
    key, secret = made.json()["key"], made.json()["secret_key"]
    assert len(made.json()["public_key"]) == 44
    assert len(secret) == 184
    listed = http.get(server.url + path, headers=mine).json()
    assert listed["count"] == 1
    assert listed["results"][0]["secret_key"] == "********"
    token = post(f"{path}{key}/bearer-token/", headers=mine).json()
    assert token["bearer_token"].startswith("fxk_")
    assert token["bearer_token_prefix"] == token["bearer_token"][:12]
    newer = post(f"{path}{key}/bearer-token/", headers=mine).json()
    content = f"{server.flux_url}/v1/articles"
    assert http.get(content, headers=bearer(token["bearer_token"])).status_code == 401
    assert http.get(content, headers=bearer(newer["bearer_token"])).status_code == 200
    for _ in range(2):  # it may be repeated
        revoked = http.delete(f"{server.url}{path}{key}/bearer-token/", headers=mine)
        assert revoked.status_code == 204
    assert http.get(content, headers=bearer(newer["bearer_token"])).status_code == 401
    simple = {"Authorization": f"Simple {made.json()['public_key']}:{secret}"}
    assert http.get(content, headers=simple).status_code == 200
    assert http.delete(f"{server.url}{path}{key}/", headers=mine).status_code == 204
    assert http.get(content, headers=simple).status_code == 401


def test_one_of_the_two_paths_only(server: FoxNoseServer, http, post) -> None:
    server.change_faults(key_paths="roles")
    mine = bearer(post("/account/auth/", ALICE).json()["access"])
    assert http.get(server.url + keys_at(server), headers=mine).status_code == 404
    assert http.get(server.url + keys_at(server, "roles"), headers=mine).status_code == 200


def test_the_older_body_of_a_key_where_it_is_wanted(server: FoxNoseServer, post) -> None:
    server.change_faults(key_body="seed")
    mine = bearer(post("/account/auth/", ALICE).json()["access"])
    path = keys_at(server)
    refused = post(path, {"description": "Kiosk"}, headers=mine)
    assert (refused.status_code, refused.json()["error_code"]) == (422, "validation_error")
    assert refused.json()["detail"].keys() == {"name", "roles"}
    assert post(path, {"name": "Kiosk", "roles": ["reader"]}, headers=mine).status_code == 201


def test_each_api_takes_its_own_keys_and_a_person_only_manages(server, http, post) -> None:
    access = post("/account/auth/", ALICE).json()["access"]
    flux = server.flux_url + "/v1/articles"
    assert http.get(flux, headers=bearer(access)).json()["error_code"] == "authentication_required"
    for api, good, bad in (
        ("flux", flux, server.url + keys_at(server)),
        ("management", server.url + keys_at(server), flux),
    ):
        key, secret = server.new_key(api)
        simple = {"Authorization": f"Simple {key.public_key}:{secret}"}
        assert http.get(good, headers=simple).status_code == 200
        assert http.get(bad, headers=simple).status_code == 401


def test_rate_limits_and_other_refusals(server: FoxNoseServer, http, post) -> None:
    server.change_faults(rate_limited={"login": "7"})
    answer = post("/account/auth/", ALICE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error_code"] == "rate_limit_exceeded"
    server.change_faults(rate_limited={}, refuse_everybody="spend_cap_reached")
    mine = bearer(post("/account/auth/", ALICE).json()["access"])
    assert http.get(server.url + "/organizations/", headers=mine).status_code == 402


def test_a_fault_that_does_not_exist_is_told() -> None:
    with pytest.raises(ValueError, match="key_body"):
        FoxNoseFaults(key_body="neither")


def test_figures_hold_no_secret(server: FoxNoseServer, http, post) -> None:
    pair = post("/account/auth/", ALICE).json()
    server.new_key()
    shown = http.get(server.url + "/practice/state").text + repr(server.requests)
    secrets = [*server.sessions.issued, *server.keys.issued, *pair.values(), ALICE["password"]]
    assert not any(secret in shown for secret in secrets)
    assert json.loads(http.get(server.url + "/practice/state").text)["keys"] == 1
    assert http.post(server.url + "/practice/revoke").json()["live_refresh_tokens"] == 0
