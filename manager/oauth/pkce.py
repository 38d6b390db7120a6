"""Proof Key for Code Exchange (RFC 7636): S256, always."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from manager.core.errors import InvalidRequest
from manager.core.ports import Randomness
from manager.core.secret import Secret

CHALLENGE_METHOD = "S256"
_VERIFIER_BYTES = 32
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@dataclass(frozen=True, slots=True)
class ProofKey:
    """`verifier` stays here until the code is exchanged; `challenge` goes through the browser."""

    verifier: Secret
    challenge: str


def proof_key(randomness: Randomness) -> ProofKey:
    """A fresh proof key of 256 bits (RFC 7636 section 7.1)."""
    verifier = Secret(randomness.token(_VERIFIER_BYTES))
    return ProofKey(verifier, challenge_for(verifier))


def challenge_for(verifier: Secret) -> str:
    """BASE64URL(SHA256(verifier)) (section 4.2). Raises InvalidRequest for an unfit verifier."""
    text = verifier.reveal()
    if not _VERIFIER.fullmatch(text):
        raise InvalidRequest("The proof key does not fit RFC 7636.")
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
