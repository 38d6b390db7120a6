"""Keys of FoxNose: EC P-256, the public half as base64 of the compressed point (44 characters).

The private half comes as base64 of DER, PKCS#8 or SEC1, or as PEM; it is kept as PKCS#8 DER.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from manager.core.errors import CredentialsRefused
from manager.core.secret import Secret

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves in the one form that is kept, belonging together."""

    public_key: str
    private_key: Secret


def key_pair(public_key: str, private_key: Secret) -> KeyPair:
    """Raises CredentialsRefused where one half cannot be read, is no P-256 key, or the halves do
    not belong together; nothing of either is quoted."""
    private = loaded(private_key)
    mine = private.public_key()
    if _public(public_key).public_numbers() != mine.public_numbers():
        raise CredentialsRefused(
            "The public key and the private key do not belong together.",
            hint="Copy both again from the place where the key was made.",
        )
    point = mine.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    content = private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return KeyPair(base64.b64encode(point).decode(), Secret(base64.b64encode(content).decode()))


def loaded(private_key: Secret) -> ec.EllipticCurvePrivateKey:
    """Raises CredentialsRefused."""
    text = private_key.reveal().strip()
    found: object = None
    try:
        if text.startswith("-----BEGIN"):
            found = serialization.load_pem_private_key(text.encode(), password=None)
        else:
            found = serialization.load_der_private_key(_decoded(text), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass  # raised below, outside: the library's error may hold what was pasted
    if not isinstance(found, ec.EllipticCurvePrivateKey) or not _is_p256(found.curve):
        raise CredentialsRefused(
            "The private key cannot be read as a P-256 key.",
            hint="Paste it as FoxNose shows it (base64), or as PEM without a passphrase.",
        )
    return found


def _public(text: str) -> ec.EllipticCurvePublicKey:
    text = text.strip()
    found: object = None
    try:
        if text.startswith("-----BEGIN"):
            found = serialization.load_pem_public_key(text.encode())
        else:
            point = _decoded(text)
            found = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, UnsupportedAlgorithm):
        pass
    if not isinstance(found, ec.EllipticCurvePublicKey) or not _is_p256(found.curve):
        raise CredentialsRefused("The public key cannot be read as a P-256 key.")
    return found


def _is_p256(curve: ec.EllipticCurve) -> bool:
    return isinstance(curve, ec.SECP256R1)


def _decoded(text: str) -> bytes:
    """Base64 in either alphabet, over several lines if need be. Raises ValueError."""
    compact = _SPACE.sub("", text).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
