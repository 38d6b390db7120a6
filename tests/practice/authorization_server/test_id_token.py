"""An honest ID token passes every check of OIDC Core 3.1.3.7, and each flaw fails one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc import errors, jwt
from joserfc.jwk import KeySet

from manager.practice.authorization_server import id_token
from manager.practice.faults import ID_TOKEN_FLAWS


def read(text: str) -> tuple[dict, dict]:
    parts = text.split(".")[:2]
    header, claims = (json.loads(urlsafe_b64decode(part + "==")) for part in parts)
    return header, claims


def verified(app, text: str) -> dict:
    keys = KeySet.import_key_set(app.http.get("/jwks").json())
    return jwt.decode(text, keys, algorithms=["RS256"]).claims


def test_the_honest_token(server, app):
    tokens = app.sign_in()
    claims = verified(app, tokens["id_token"])
    assert claims["iss"] == server.issuer
    assert claims["aud"] == "account-manager"
    assert claims["nonce"] == "a nonce"
    assert claims["sub"] == app.userinfo(tokens["access_token"]).json()["sub"]
    assert abs(claims["iat"] - server.now()) < 5
    assert claims["exp"] > claims["iat"]


def test_a_refreshed_token_keeps_the_subject_and_has_no_nonce(app):
    tokens = app.sign_in()
    fresh = app.refresh(tokens["refresh_token"]).json()
    claims = verified(app, fresh["id_token"])
    assert claims["sub"] == verified(app, tokens["id_token"])["sub"]
    assert "nonce" not in claims


def test_without_openid_there_is_none(app):
    assert "id_token" not in app.sign_in(scope="profile")


@pytest.mark.parametrize(
    ("flaw", "claim", "value"),
    [
        ("wrong_issuer", "iss", "https://issuer.invalid"),
        ("wrong_nonce", "nonce", "not the nonce that was sent"),
        ("missing_nonce", "nonce", None),
        ("wrong_audience", "aud", "another-client"),
        ("extra_audience", "aud", ["account-manager", "another-client"]),
        ("wrong_azp", "azp", "another-client"),
        ("wrong_subject", "sub", "somebody else"),
    ],
)
def test_flaws_of_claims(server, app, flaw, claim, value):
    server.change_faults(id_token=flaw)
    assert verified(app, app.sign_in()["id_token"]).get(claim) == value


def test_flaws_of_time(server, app):
    server.change_faults(id_token="expired")
    assert verified(app, app.sign_in()["id_token"])["exp"] < server.now()
    server.change_faults(id_token="issued_in_future")
    assert verified(app, app.sign_in()["id_token"])["iat"] > server.now() + 3600


def test_a_wrong_at_hash(server, app):
    honest = verified(app, app.sign_in()["id_token"])["at_hash"]
    server.change_faults(id_token="wrong_at_hash")
    tokens = app.sign_in()
    stated = verified(app, tokens["id_token"])["at_hash"]
    assert len(stated) == len(honest) == 22
    right = id_token.claims(
        issuer="", subject="", audience="", now=0, nonce=None, auth_time=None,
        access_token=tokens["access_token"],
    )["at_hash"]  # fmt: skip
    assert stated != right


@pytest.mark.parametrize("flaw", ["bad_signature", "alg_none", "alg_hs256", "unknown_kid"])
def test_flaws_of_the_signature(server, app, flaw):
    server.change_faults(id_token=flaw)
    text = app.sign_in()["id_token"]
    with pytest.raises((errors.JoseError, ValueError)):
        verified(app, text)


def test_headers_of_the_flawed_signatures(server, app):
    seen = {}
    for flaw in ("alg_none", "alg_hs256", "unknown_kid"):
        server.change_faults(id_token=flaw)
        seen[flaw] = read(app.sign_in()["id_token"])[0]
    assert seen["alg_none"]["alg"] == "none"
    assert seen["alg_hs256"]["alg"] == "HS256"
    assert seen["unknown_kid"]["kid"] == "no-such-key"


def test_no_token_or_no_jwt(server, app):
    server.change_faults(id_token="missing")
    assert "id_token" not in app.sign_in()
    server.change_faults(id_token="not_a_token")
    assert app.sign_in()["id_token"] == "this.is.no-token"


def test_a_rotated_key_is_published_beside_the_old_one(server, app):
    old = app.sign_in()["id_token"]
    server.change_faults(signing_key=1)
    new = app.sign_in()["id_token"]
    assert read(old)[0]["kid"] != read(new)[0]["kid"]
    assert verified(app, old)["sub"] == verified(app, new)["sub"]


def test_every_flaw_is_known_and_another_is_not(server):
    for flaw in ID_TOKEN_FLAWS:
        server.change_faults(id_token=flaw)
        assert server.faults.id_token == flaw
    with pytest.raises(ValueError, match="wrong_colour"):
        server.change_faults(id_token="wrong_colour")


def test_two_servers_that_start_at_once_have_one_key():
    numbers = range(900, 903)
    for number in numbers:
        with ThreadPoolExecutor(4) as threads:
            keys = list(threads.map(id_token.signing_key, [number] * 4))
        assert len({id(key) for key in keys}) == 1
