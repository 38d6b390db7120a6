"""One vector that stands, and one that falls for every step of OpenID Connect Core 3.1.3.7."""

from __future__ import annotations

import base64
import hashlib
import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk, jwt

from manager.core.errors import AccountManagerError, ProviderError
from manager.core.secret import Secret
from manager.oauth.id_token import LEEWAY, ExpectedIdToken, check_refreshed, id_token_claims
from manager.oauth.key_set import UnknownKey

NOW = 1_700_000_000.0
ISSUER = "https://as.example"
EXPECTED = ExpectedIdToken(ISSUER, "app", "n0nce")
CLAIMS = {
    "iss": ISSUER, "aud": "app", "sub": "ada", "nonce": "n0nce", "iat": int(NOW),
    "exp": int(NOW) + 300,
}  # fmt: skip
RSA = jwk.generate_key("RSA", 2048, parameters={"kid": "rsa"})
EC = jwk.generate_key("EC", "P-256", parameters={"kid": "ec"})
ED = jwk.generate_key("OKP", "Ed25519", parameters={"kid": "ed"})
OTHER = jwk.generate_key("RSA", 2048, parameters={"kid": "rsa"})


def key_set(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


KEYS = key_set(EC, RSA, ED)


def signed(claims=CLAIMS, key=RSA, alg="RS256", **header):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = {"alg": alg, "kid": key.as_dict().get("kid"), **header}
        kept = {name: value for name, value in chosen.items() if value is not None}
        return Secret(jwt.encode(kept, claims, key, algorithms=[alg]))


def check(token, keys=KEYS, expected=EXPECTED, now=NOW):
    return id_token_claims(token, keys, expected, access_token=Secret("at"), now=now)


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")]
)
def test_a_good_token_is_believed(key, alg):
    assert check(signed(key=key, alg=alg))["sub"] == "ada"


def test_without_a_kid_the_key_that_fits_is_found():
    assert check(signed(kid=None))["sub"] == "ada"


def test_a_key_without_a_kid_serves_a_token_without_one():
    nameless = {name: value for name, value in RSA.as_dict(private=False).items() if name != "kid"}
    assert check(signed(kid=None), {"keys": [nameless]})["sub"] == "ada"


@pytest.mark.parametrize(
    ("key", "alg", "digest"),
    [(RSA, "RS256", "sha256"), (RSA, "RS384", "sha384"), (ED, "EdDSA", "sha512")],
)
def test_an_access_token_that_is_named_is_the_one_that_came(key, alg, digest):
    half = hashlib.new(digest, b"at").digest()
    half = base64.urlsafe_b64encode(half[: len(half) // 2]).rstrip(b"=").decode()
    assert check(signed(CLAIMS | {"at_hash": half}, key=key, alg=alg))["sub"] == "ada"
    for other in (half[:-1] + "_", "", None, 1):
        with pytest.raises(ProviderError):
            check(signed(CLAIMS | {"at_hash": other}, key=key, alg=alg))


def test_several_audiences_need_an_authorized_party():
    several = CLAIMS | {"aud": ["app", "api"], "azp": "app"}
    assert check(signed(several))["azp"] == "app"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": {"app": 1}},
        {"aud": None},
        {"aud": "application"},
        {"aud": ["app", "api"]},
        {"aud": ["app", "api"], "azp": "api"},
        {"azp": "other"},
        {"azp": ["app"]},
        {"exp": NOW - LEEWAY},
        {"exp": str(int(NOW) + 300)},
        {"exp": True},
        {"exp": None},
        {"exp": 10**400},
        {"iat": NOW + LEEWAY + 1},
        {"iat": "now"},
        {"iat": None},
        {"nbf": NOW + LEEWAY + 1},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["n0nce"]},
        {"sub": ""},
        {"sub": 1},
        {"sub": None},
        {"sub": "s" * 256},
    ],
    ids=str,
)
def test_one_wrong_claim_is_enough(changes):
    with pytest.raises(ProviderError):
        check(signed(CLAIMS | changes))


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_no_claim_may_be_missing(name):
    with pytest.raises(ProviderError):
        check(signed({key: value for key, value in CLAIMS.items() if key != name}))


@pytest.mark.parametrize("offset", [-LEEWAY + 1, LEEWAY])
def test_clocks_may_differ_a_little(offset):
    claims = CLAIMS | {"iat": NOW + offset, "exp": NOW + offset}
    assert check(signed(claims))["sub"] == "ada"


@pytest.mark.parametrize("now", [NOW + 3600, NOW - 3600, NOW + 3e8, NOW - 3e8])
def test_a_wrong_clock_here_is_named_in_the_hint(now):
    with pytest.raises(ProviderError) as wrong:
        check(signed(), now=now)
    assert "clock" in wrong.value.hint


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_signature_by_another_key_falls():
    with pytest.raises(ProviderError):
        check(signed(key=OTHER))


def test_a_changed_claim_falls():
    header, _, signature = signed().reveal().split(".")
    forged = Secret(f"{header}.{encoded(CLAIMS | {'sub': 'eve'})}.{signature}")
    with pytest.raises(ProviderError):
        check(forged)


def test_no_signature_is_none():
    for alg in ("none", "None", "NONE"):
        with pytest.raises(ProviderError):
            check(Secret(f"{encoded({'alg': alg})}.{encoded(CLAIMS)}."))


def test_a_public_key_is_no_shared_secret():
    secret = jwk.import_key(RSA.as_pem(private=False).decode().encode().hex(), "oct")
    with pytest.raises(ProviderError):
        check(signed(key=secret, alg="HS256", kid="rsa"))


def test_an_algorithm_that_the_server_does_not_announce_falls():
    announced = ExpectedIdToken(ISSUER, "app", "n0nce", algorithms=["ES256"])
    with pytest.raises(ProviderError):
        check(signed(), expected=announced)


def test_a_key_inside_the_token_is_not_used():
    with pytest.raises(ProviderError):
        check(signed(key=OTHER, jwk=OTHER.as_dict(private=False), kid="rsa"))


def test_a_key_for_encryption_or_another_algorithm_is_not_used():
    for change in ({"use": "enc"}, {"alg": "RS512"}):
        with pytest.raises(UnknownKey):
            check(signed(), {"keys": [RSA.as_dict(private=False) | change]})


def test_a_weak_key_is_no_key():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weak = jwk.generate_key("RSA", 1024, parameters={"kid": "rsa"})
    with pytest.raises(ProviderError):
        check(signed(key=weak), key_set(weak))


def test_a_key_that_is_not_published_is_told_apart():
    with pytest.raises(UnknownKey):
        check(signed(), key_set(EC))


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": None},
        {"keys": "x"},
        {"keys": [None, 1, "x", {}]},
        {"keys": [{"kty": "RSA", "kid": "rsa"}]},
        {"keys": [{"kty": "RSA", "kid": "rsa", "n": 1, "e": []}]},
    ],
)
def test_broken_keys_are_a_mistake_and_no_crash(keys):
    with pytest.raises(ProviderError):
        check(signed(), keys)


def test_an_unknown_critical_header_falls():
    header, payload, signature = signed().reveal().split(".")
    del header
    with pytest.raises(ProviderError):
        check(
            Secret(
                f"{encoded({'alg': 'RS256', 'kid': 'rsa', 'crit': ['x'], 'x': 1})}"
                f".{payload}.{signature}"
            )
        )


@given(st.text(alphabet="abc.=-_\u00e9 ") | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises(AccountManagerError):
        check(Secret(text))


def test_a_token_too_long_or_encrypted_is_refused():
    for text in ("a" * 70_000, "a.b.c.d.e"):
        with pytest.raises(ProviderError):
            check(Secret(text))


def refreshed(changes=None, **expected):
    asked = {"issuers": (ISSUER, ISSUER + "/"), "client_id": "app", "subject": "ada"} | expected
    check_refreshed(signed(CLAIMS | (changes or {})), **asked)


def test_a_refreshed_token_of_the_same_person_stands_whatever_the_clock_says():
    refreshed({"exp": 0, "iat": 4e9, "nonce": None})


@pytest.mark.parametrize(
    "changes", [{"sub": "eve"}, {"iss": "https://evil.example"}, {"aud": "other"}, {"azp": "other"},
                {"sub": None}, {"iss": [ISSUER]}]
)  # fmt: skip
def test_a_refreshed_token_of_anybody_else_falls(changes):
    with pytest.raises(ProviderError):
        refreshed(changes)
