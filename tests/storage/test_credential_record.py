from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.credential import (
    ApiKey,
    ClientRegistration,
    OAuthTokens,
    SessionToken,
    SigningKey,
)
from manager.core.errors import KeyCorrupt
from manager.core.moment import Moment, Validity
from manager.core.secret import Secret
from manager.storage.credential_record import decode, encode
from tests.storage.examples import tokens

texts = st.text(st.characters(exclude_categories=()))  # lone surrogates too
secrets = st.builds(Secret, texts)
numbers = st.floats(allow_nan=False)
moments = st.builds(Moment, wall=numbers, boot=numbers, boot_id=texts)
validities = st.builds(Validity, issued=moments, lifetime=st.none() | numbers)
clients = st.builds(ClientRegistration, client_id=texts, client_secret=st.none() | secrets)
credentials = st.one_of(
    st.builds(
        OAuthTokens,
        access_token=secrets,
        token_type=texts,
        validity=validities,
        token_endpoint=texts,
        client=clients,
        refresh_token=st.none() | secrets,
        scopes=st.lists(texts).map(tuple),
        revocation_endpoint=st.none() | texts,
        renew_at=st.none() | numbers,
        resource=st.none() | texts,
        imported=st.booleans(),
    ),
    st.builds(
        ApiKey,
        key=secrets,
        header=texts,
        prefix=texts,
        validity=st.none() | validities,
        settings=st.lists(st.tuples(texts, texts)).map(tuple),
    ),
    st.builds(
        SessionToken,
        token=secrets,
        cookies=st.lists(st.tuples(texts, secrets)).map(tuple),
        validity=st.none() | validities,
    ),
    st.builds(
        SigningKey,
        public_key=texts,
        private_key=secrets,
        settings=st.lists(st.tuples(texts, texts)).map(tuple),
    ),
)


def equal(one, other) -> bool:
    # A Secret compares UTF-8, which lone surrogates do not have.
    return encode(one) == encode(other) and type(one) is type(other)


@given(credentials)
def test_every_credential_comes_back(credential):
    assert equal(decode(encode(credential)), credential)


def test_the_fields_come_back_as_what_they_were():
    assert decode(encode(tokens())) == tokens()
    assert decode(encode(tokens())).refresh_token.reveal() == "refresh-1"


def changed(**changes) -> bytes:
    return json.dumps({**json.loads(encode(tokens())), **changes}).encode()


def test_fields_of_a_newer_version_are_left_out():
    content = json.loads(encode(tokens()))["is"]
    assert decode(changed(**{"is": {**content, "dpop_key": "x"}})) == tokens()


def test_fields_that_an_older_version_did_not_write_have_their_default():
    content = json.loads(encode(tokens()))["is"]
    del content["imported"], content["resource"]
    assert decode(changed(**{"is": content})) == tokens()


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        changed(v=2),
        changed(kind="password"),
        changed(kind=[]),
        changed(**{"is": None}),
        changed(**{"is": {}}),
        changed(**{"is": {"key": "canary", "header": 5}}, kind="api_key"),
        changed(**{"is": {"key": ["canary"]}}, kind="api_key"),
    ],
)
def test_anything_else_is_corrupt_and_not_shown(record):
    with pytest.raises(KeyCorrupt) as caught:
        decode(record)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@given(st.binary(max_size=300))
def test_random_bytes_are_corrupt(record):
    with pytest.raises(KeyCorrupt):
        decode(record)
