from __future__ import annotations

import pytest
from oauthlib.oauth2 import WebApplicationClient

from manager.core.errors import InvalidRequest
from manager.core.secret import Secret
from manager.oauth.pkce import CHALLENGE_METHOD, challenge_for, proof_key


class Counting:
    def __init__(self):
        self.sizes = []

    def token(self, size=32):
        self.sizes.append(size)
        return "x" * 43

    def fraction(self):
        return 0.0


def test_the_vector_of_rfc_7636_appendix_b():
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge_for(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_proof_key_takes_256_bits_of_randomness_and_is_s256():
    randomness = Counting()
    key = proof_key(randomness)
    assert randomness.sizes == [32]
    assert CHALLENGE_METHOD == "S256"
    oracle = WebApplicationClient("client").create_code_challenge("x" * 43, "S256")
    assert key.challenge == oracle
    assert "x" * 43 not in repr(key)


@pytest.mark.parametrize("verifier", ["x" * 42, "x" * 129, "x" * 42 + "+", "x" * 43 + "\n", ""])
def test_an_unfit_verifier_is_refused(verifier):
    with pytest.raises(InvalidRequest):
        challenge_for(Secret(verifier))
