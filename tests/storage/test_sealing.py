from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.errors import KeyCorrupt
from manager.storage.sealing import Binding, seal, unseal

KEY = bytearray(range(32))
BINDING = Binding("a1", "credential", 1)


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens(content):
    sealed = seal(KEY, content, BINDING, secrets.token_bytes)
    assert unseal(KEY, sealed, BINDING) == content
    assert len(sealed) == len(content) + 1 + 12 + 16


@pytest.mark.parametrize(
    "other",
    [
        replace(BINDING, account_id="a2"),
        replace(BINDING, kind="retired"),
        replace(BINDING, generation=2),
        Binding('a1", "credential', "", 1),
    ],
)
def test_it_opens_only_for_what_it_was_sealed_for(other):
    sealed = seal(KEY, b"content", BINDING, secrets.token_bytes)
    with pytest.raises(KeyCorrupt):
        unseal(KEY, sealed, other)


@given(st.integers(0, 35), st.integers(0, 7))
def test_every_changed_bit_is_noticed(place, bit):
    sealed = bytearray(seal(KEY, b"content", BINDING, secrets.token_bytes))
    sealed[place] ^= 1 << bit
    with pytest.raises(KeyCorrupt):
        unseal(KEY, bytes(sealed), BINDING)


@given(st.binary(max_size=60))
def test_anything_else_is_corrupt(record):
    with pytest.raises(KeyCorrupt) as caught:
        unseal(KEY, record, BINDING)
    assert caught.value.__suppress_context__


def test_another_key_does_not_open_it():
    sealed = seal(KEY, b"content", BINDING, secrets.token_bytes)
    with pytest.raises(KeyCorrupt):
        unseal(bytearray(b"k" * 32), sealed, BINDING)


def test_no_nonce_comes_twice():
    sealed = {seal(KEY, b"content", BINDING, secrets.token_bytes)[1:13] for _ in range(1000)}
    assert len(sealed) == 1000


def test_a_wiped_key_seals_nothing():
    with pytest.raises(ValueError, match="wiped"):
        seal(bytearray(32), b"content", BINDING, secrets.token_bytes)
