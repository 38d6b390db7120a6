"""The verifier takes what FoxNose's own algorithm signs, and nothing that was changed since."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from manager.practice.foxnose_server.signature import verified_public_key
from manager.practice.http_message import HttpRequest

NOW = 1_795_000_000.0
KEY = ec.generate_private_key(ec.SECP256R1())
POINT = KEY.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
)
PUBLIC = base64.b64encode(POINT).decode()


def signed(target: str, body: bytes, date: str, *, content: str = "") -> HttpRequest:
    content = content or f"{target}|{hashlib.sha256(body).hexdigest()}|{date}"
    signature = base64.b64encode(KEY.sign(content.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    headers = {"authorization": f"Secure {PUBLIC}:{signature}", "date": date}
    return HttpRequest("POST", target, headers, body)


def date_of(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_was_signed_is_taken() -> None:
    request = signed("/v1/articles/_search", b'{"find_text":{"query":"x"}}', date_of(NOW))
    assert verified_public_key(request, NOW, 300) == PUBLIC


def test_a_query_is_not_signed() -> None:
    date = date_of(NOW)
    content = f"/v1/articles|{hashlib.sha256(b'').hexdigest()}|{date}"
    request = signed("/v1/articles?limit=1", b"", date, content=content)
    assert verified_public_key(request, NOW, 300) == PUBLIC
    with_query = signed("/v1/articles?limit=1", b"", date)
    assert verified_public_key(with_query, NOW, 300) is None


@pytest.mark.parametrize("away", [-301, 301])
def test_an_old_or_early_date_is_refused(away: int) -> None:
    request = signed("/v1/a", b"", date_of(NOW))
    assert verified_public_key(request, NOW + away, 300) is None


def test_another_body_path_date_or_form_is_refused() -> None:
    good = signed("/v1/a", b"body", date_of(NOW))
    changed = [
        HttpRequest("POST", good.target, good.headers, b"other"),
        HttpRequest("POST", "/v1/b", good.headers, good.body),
        HttpRequest("POST", good.target, {**good.headers, "date": date_of(NOW + 1)}, good.body),
        signed("/v1/a", b"", "Mon, 23 Nov 2026 15:39:48 GMT"),
        HttpRequest("GET", "/v1/a", {"authorization": "Secure :"}, b""),
        HttpRequest("GET", "/v1/a", {**good.headers, "authorization": "Secure ä:ö"}, b""),
        HttpRequest("GET", "/v1/a", {}, b""),
    ]
    assert verified_public_key(good, NOW, 300) == PUBLIC
    assert [verified_public_key(each, NOW, 300) for each in changed] == [None] * len(changed)
