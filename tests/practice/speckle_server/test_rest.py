"""Every line of the real server's REST table: its status, its text, what it leaves behind."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from manager.practice.person import Person
from manager.practice.speckle_server import Application, SpeckleServer

PAIR = {"token", "refreshToken"}
HEX = re.compile(r"[0-9a-f]{42}")
MISMATCH = (
    "Code challenge mismatch. Ensure the same challenge is used for authentication"
    " and token exchange."
)
MISSING = "Invalid request, insufficient information provided. "


def access_code(client, **query):
    return client.http.get("/auth/accesscode", params=query)


def test_access_code_redirects_or_tells(client):
    token = client.web_token()
    asked = {"appId": "sdm", "challenge": "c", "token": token}
    answer = access_code(client, **asked)
    assert answer.status_code == 302
    assert HEX.fullmatch(answer.headers["location"].removeprefix("speckle://account?access_code="))
    told = access_code(client, **asked, preventRedirect="true")
    assert told.json()["redirectUrl"].startswith("speckle://account?access_code=")


def test_access_code_refusals(client):
    web, desktop = client.web_token(), client.sign_in()["token"]
    full = {"appId": "sdm", "challenge": "c", "token": web}
    scope = "Your auth token does not have the required scope: tokens:write."
    for change, text in (
        ({"appId": ""}, "appId missing from querystring."),
        ({"appId": "nobody"}, "App does not exist."),
        ({"challenge": ""}, "Missing challenge"),
        ({"token": ""}, "Missing token"),
        ({"token": "nonsense"}, "Invalid token"),
        ({"token": desktop}, scope),
    ):
        answer = access_code(client, **(full | change))
        assert (answer.status_code, answer.text) == (400, text)


def test_the_challenge_column_holds_255(client):
    asked = {"appId": "sdm", "token": client.web_token()}
    assert access_code(client, **asked, challenge="c" * 255).status_code == 302
    answer = access_code(client, **asked, challenge="c" * 256)
    assert answer.status_code == 500
    assert answer.text == "Something went wrong while processing your request"


def test_a_redirect_url_with_a_query_gets_a_second_question_mark(client_of):
    odd = Application("odd", "Odd", "https://example.com/cb?z=1")
    with SpeckleServer(applications=[odd]) as server:
        arrived = client_of(server).authorize("odd")
    assert arrived.startswith("https://example.com/cb?z=1?access_code=")


def test_exchange_as_json_and_as_form(client):
    answer = client.exchange(client.code())
    assert set(answer.json()) == PAIR
    assert all(HEX.fullmatch(each) for each in answer.json().values())
    form = {"appId": "sdm", "appSecret": "sdm", "accessCode": client.code()}
    posted = client.http.post("/auth/token", data=form | {"challenge": "challenge-1"})
    assert set(posted.json()) == PAIR


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("appId", "App Id is required."),
        ("appSecret", "App Secret is required."),
        ("accessCode", "Access Code is required."),
        ("challenge", "Challenge is required."),
    ],
)
def test_what_an_exchange_needs(client, left_out, message):
    answer = client.exchange("some code", **{left_out: None})
    assert (answer.status_code, answer.json()) == (401, {"err": MISSING + message})


def test_a_wrong_app_keeps_the_code(client):
    code = client.code()
    answer = client.exchange(code, "sca")
    assert answer.json() == {"err": "Invalid request: application id does not match."}
    assert client.exchange(code).status_code == 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"challenge": "another"},
            MISMATCH,
        ),
        ({"appSecret": "wrong"}, "Invalid app secret. Ensure the app secret is correct."),
    ],
)
def test_a_wrong_challenge_or_secret_burns_the_code(client, change, message):
    code = client.code()
    answer = client.exchange(code, **change)
    assert (answer.status_code, answer.json()) == (401, {"err": message})
    assert client.exchange(code).json() == {"err": "Access code not found."}


def test_a_used_code_is_gone_and_its_tokens_stay(server, client):
    code = client.code()
    tokens = client.exchange(code).json()
    assert client.exchange(code).json() == {"err": "Access code not found."}
    assert server.accepts(tokens["token"])


def test_a_code_lives_ten_minutes(server, client):
    code, late = client.code(), client.code()
    server.change_faults(clock_offset=590)
    assert client.exchange(code).status_code == 200
    server.change_faults(clock_offset=601)
    assert client.exchange(late).json() == {"err": "Access code expired"}
    assert client.exchange(late).json() == {"err": "Access code not found."}


def test_challenges_are_plain(client):
    digest = hashlib.sha256(b"challenge-1").digest()
    hashed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert "mismatch" in client.exchange(client.code(), challenge=hashed).json()["err"]


def test_refresh_does_not_rotate(server, client):
    first = client.sign_in()
    answer = client.refresh(first["refreshToken"])
    second = answer.json()
    assert set(second) == PAIR
    assert answer.headers["cache-control"] == "no-cache, no-store"
    assert (answer.headers["expires"], answer.headers["pragma"]) == ("0", "no-cache")
    assert not PAIR & set(first.values()) & set(second.values())
    assert server.accepts(first["token"])
    assert server.accepts(second["token"])
    assert client.refresh(first["refreshToken"]).status_code == 200
    assert server.counters["token:refresh_token"] == 2


def test_refresh_refusals(server, client):
    token = client.sign_in()["refreshToken"]
    needed = MISSING + "A valid refresh token is required."
    assert client.http.post("/auth/token", json={"refreshToken": None}).json() == {"err": needed}
    for answer, message in (
        (client.refresh("0" * 42), "Invalid request"),
        (client.refresh(token, "sca"), "Invalid request"),
        (client.refresh(token, appSecret="wrong"), "Invalid request"),
        (client.refresh(token[:10] + "0" * 32), "Invalid token"),
        (client.refresh(token, appId=""), MISSING + "App Id is required."),
        (client.refresh(token, appSecret=""), MISSING + "App Secret is required."),
    ):
        assert (answer.status_code, answer.json()) == (401, {"err": message})
    assert client.refresh(token).status_code == 200
    server.change_faults(clock_offset=15_770_001)
    assert client.refresh(token).json() == {"err": "Refresh token expired"}
    assert client.refresh(token).json() == {"err": "Invalid request"}


def test_a_body_that_is_not_json(client):
    answer = client.http.post(
        "/auth/token", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "USER_INPUT_ERROR"
    assert answer.json()["error"]["message"].startswith("Invalid request body: ")


def test_a_stale_bearer_spoils_a_refresh(client):
    tokens = client.sign_in()
    answer = client.http.post(
        "/auth/token",
        json={"appId": "sdm", "appSecret": "sdm", "refreshToken": tokens["refreshToken"]},
        headers={"Authorization": "Bearer " + "0" * 42},
    )
    assert (answer.status_code, answer.json()) == (403, {"error": "Your token is not valid."})


def test_logout_by_the_first_ten_characters(server, client):
    tokens = client.sign_in()
    answer = client.http.post("/auth/logout", json={"token": tokens["token"][:10]})
    assert answer.json() == {"message": "You have logged out."}
    assert not server.accepts(tokens["token"])
    assert client.refresh(tokens["refreshToken"]).status_code == 200


def test_logout_ends_only_the_pair_named(server, client):
    first = client.sign_in()
    second = client.refresh(first["refreshToken"]).json()
    body = {"token": second["token"], "refreshToken": second["refreshToken"]}
    assert client.http.post("/auth/logout", json=body).status_code == 200
    assert client.refresh(second["refreshToken"]).json() == {"err": "Invalid request"}
    assert client.refresh(first["refreshToken"]).status_code == 200
    assert server.accepts(first["token"])


def test_logout_of_nothing(client):
    for body in ({}, {"token": "nonsense"}):
        answer = client.http.post("/auth/logout", json=body)
        assert (answer.status_code, answer.text) == (
            400,
            "Something went wrong while trying to logout.",
        )
    tokens = client.sign_in()
    body = {"token": tokens["token"], "refreshToken": "unknown"}
    assert client.http.post("/auth/logout", json=body).status_code == 200


def test_local_login(server, client):
    good = {"email": "alice@example.com", "password": "x"}
    answer = client.http.post("/auth/local/login", json=good)
    assert (answer.status_code, answer.text) == (
        400,
        "Invalid request: no challenge detected.",
    )
    answer = client.http.post("/auth/local/login?challenge=c", json=good | {"password": "wrong"})
    assert answer.status_code == 401
    assert answer.json() == {"err": True, "message": "Invalid credentials."}
    answer = client.http.post("/auth/local/login?challenge=c", json=good)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{server.url}/?access_code=")
    assert server.accepts(client.web_token())


def test_register(client):
    new = {"email": "carol@example.com", "password": "long enough", "name": "Carol Ito"}
    path = "/auth/local/register?challenge=c"
    short = client.http.post(path, json=new | {"password": "short"})
    assert short.status_code == 400
    assert short.json()["error"]["message"] == (
        "Password too short; needs to be 8 characters or longer."
    )
    answer = client.http.post(path, json=new)
    assert answer.status_code == 302
    assert answer.headers["location"].endswith("&register=true")
    taken = client.http.post(path, json=new)
    assert taken.json()["error"]["message"] == "Email taken. Try logging in?"
    assert client.sign_in(login="carol")


def test_rotating_mode_ends_the_old_pair(server, client):
    server.change_faults(rotation=True)
    first = client.sign_in()
    second = client.refresh(first["refreshToken"]).json()
    assert not server.accepts(first["token"])
    answer = client.refresh(first["refreshToken"])
    assert (answer.status_code, answer.json()) == (401, {"err": "Invalid request"})
    assert server.reuse_detected == 1
    assert client.refresh(second["refreshToken"]).status_code == 200


def test_expired_access_tokens_are_deleted(server, client):
    token = client.sign_in()["token"]
    server.change_faults(access_lifetime=60.0, clock_offset=61)
    assert client.graphql("{ serverInfo { name } }", token).status_code == 403
    server.change_faults(clock_offset=0)
    assert client.graphql("{ serverInfo { name } }", token).status_code == 403


def test_revoked_everywhere(server, client):
    here, there = client.sign_in(), client.sign_in()
    assert server.revoke_app_access("sdm")
    for tokens in (here, there):
        assert client.graphql("{ serverInfo { name } }", tokens["token"]).status_code == 403
        assert client.refresh(tokens["refreshToken"]).json() == {"err": "Invalid request"}
    assert not server.revoke_app_access("sdm")


class TestNewerDialect:
    verifier = "a-verifier-of-forty-three-characters-or-more"

    def code(self, server, client) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        url = f"{server.url}/authn/verify/sdm/{challenge}?code_challenge_method=S256"
        return Person().visit(url).partition("access_code=")[2]

    def test_the_probe(self, server, client):
        assert client.http.get("/oauth/token").status_code == 404
        assert client.http.post("/oauth/token", json={}).status_code == 404
        server.change_faults(s256=True)
        assert client.http.get("/oauth/token").text == "supported"

    def test_a_verifier_instead_of_a_secret(self, server, client):
        server.change_faults(s256=True)
        body = {"appId": "sdm", "accessCode": self.code(server, client)}
        answer = client.http.post("/oauth/token", json=body | {"codeVerifier": self.verifier})
        assert set(answer.json()) == PAIR
        assert client.refresh(answer.json()["refreshToken"]).status_code == 200

    def test_a_wrong_verifier_and_the_old_endpoint(self, server, client):
        server.change_faults(s256=True)
        body = {"appId": "sdm", "accessCode": self.code(server, client), "codeVerifier": "wrong"}
        assert "mismatch" in client.http.post("/oauth/token", json=body).json()["err"]
        code = self.code(server, client)
        assert client.exchange(code, challenge=self.verifier).status_code == 401
