"""Verifies `Authorization: Secure <public>:<signature>` with `Date`, as FoxNose documents it.

Written from the documents alone and sharing nothing with the signing side.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from manager.practice.http_message import HttpRequest


def verified_public_key(request: HttpRequest, now: float, tolerance: float) -> str | None:
    """The public key that signed the path (without its query), the body and the date; None when
    the signature, the date's form or its distance from `now` is wrong."""
    public_key, _, signature = (
        request.headers.get("authorization", "").removeprefix("Secure ").partition(":")
    )
    date = request.headers.get("date", "")
    try:
        moment = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        point = base64.b64decode(public_key, validate=True)
        verifier = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        signed = base64.b64decode(signature, validate=True)
    except ValueError:
        return None
    if abs(moment.timestamp() - now) > tolerance or len(point) != 33:
        return None
    path = request.target.partition("?")[0]
    content = f"{path}|{hashlib.sha256(request.body).hexdigest()}|{date}".encode()
    try:
        verifier.verify(signed, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return None
    return public_key
