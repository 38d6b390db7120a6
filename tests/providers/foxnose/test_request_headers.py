"""Secure signatures, judged by the verification that FoxNose documents and by nothing of ours."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from manager.core.credential import ApiKey, OAuthTokens, SessionToken, SigningKey
from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError
from manager.core.provider import RequestToAuthorize
from manager.core.secret import Secret
from manager.practice.foxnose_server import FoxNoseServer
from manager.providers.foxnose.key_pair import key_pair
from manager.providers.foxnose.request_headers import request_headers, signed_path
from tests.providers.foxnose.random_requests import random_requests

NOW = 1_795_000_000.9
PRIVATE = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
ENCODINGS = {
    "PKCS#8": serialization.PrivateFormat.PKCS8,
    "SEC1": serialization.PrivateFormat.TraditionalOpenSSL,
}


def point(key: ec.EllipticCurvePrivateKey, *, compressed: bool = True) -> str:
    form = (
        serialization.PublicFormat.CompressedPoint
        if compressed
        else serialization.PublicFormat.UncompressedPoint
    )
    content = key.public_key().public_bytes(serialization.Encoding.X962, form)
    return base64.b64encode(content).decode()


def written(
    key: ec.EllipticCurvePrivateKey, form: serialization.PrivateFormat, *, pem: bool = False
) -> str:
    encoding = serialization.Encoding.PEM if pem else serialization.Encoding.DER
    content = key.private_bytes(encoding, form, serialization.NoEncryption())
    return content.decode() if pem else base64.b64encode(content).decode()


def signing_key() -> SigningKey:
    secret = Secret(written(PRIVATE, serialization.PrivateFormat.PKCS8))
    return SigningKey(point(PRIVATE), secret)


def verify(headers: dict[str, str], target: str, body: bytes) -> None:
    """The documented verification; raises InvalidSignature."""
    public, signature = headers["Authorization"][7:].split(":", 1)
    message = f"{urlsplit(target).path}|{hashlib.sha256(body).hexdigest()}|{headers['Date']}"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(public))
    key.verify(base64.b64decode(signature), message.encode(), ec.ECDSA(hashes.SHA256()))


def test_a_thousand_random_requests_verify() -> None:
    key = signing_key()
    requests = random_requests(1000)
    assert sum("%" in url for url, _, _ in requests) > 500
    for url, body, method in requests:
        digest = hashlib.sha256(body).hexdigest() if body else None
        headers = dict(request_headers(key, RequestToAuthorize(method, url, digest), NOW))
        target = httpx.URL(url).raw_path.decode()
        verify(headers, target, body)
        with pytest.raises(InvalidSignature):
            verify(headers, target, body + b"x")


def test_random_requests_over_the_wire() -> None:
    """The stand-in takes what its own verifier reads off the socket, and nothing twice."""
    rolled = random_requests(60)
    with FoxNoseServer() as server, httpx.Client(trust_env=False) as http:
        stored, secret = server.new_key()
        key = SigningKey(stored.public_key, Secret(secret))
        for url, body, method in rolled:
            here = server.flux_url + "/v1/" + url.partition("/v1/")[2]
            sent = http.build_request(method, here, content=body)
            digest = hashlib.sha256(body).hexdigest().upper()
            asked = RequestToAuthorize(method, str(sent.url), digest)
            headers = dict(request_headers(key, asked, server.now()))
            sent.headers.update(headers)
            first, again = http.send(sent).status_code, http.send(sent).status_code
            assert (first != 401, again) == (True, 401), url


def test_the_sample_of_the_wire() -> None:
    body = b'{"find_text":{"query":"x"}}'
    asked = RequestToAuthorize(
        "POST", "https://abc.fxns.io/v1/articles/_search?limit=1", hashlib.sha256(body).hexdigest()
    )
    headers = dict(request_headers(signing_key(), asked, NOW))
    assert headers.keys() == {"Authorization", "Date"}
    moment = datetime.fromtimestamp(int(NOW), UTC)
    assert headers["Date"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert headers["Authorization"].startswith(f"Secure {point(PRIVATE)}:")
    verify(headers, "/v1/articles/_search", body)


def test_no_body_is_the_empty_one_and_no_path_is_a_slash() -> None:
    headers = dict(
        request_headers(signing_key(), RequestToAuthorize("GET", "https://abc.fxns.io"), NOW)
    )
    verify(headers, "/", b"")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://h/v1/grüße", "/v1/gr%C3%BC%C3%9Fe"),
        ("https://h/v1/gr%C3%BC%c3%9Fe", "/v1/gr%C3%BC%c3%9Fe"),
        ("https://h/v1/a b", "/v1/a%20b"),
        ("https://h/v1/it's|a^b[c]", "/v1/it's|a^b[c]"),
        ("https://h/v1/a;b=1?c#d", "/v1/a;b=1"),
    ],
)
def test_the_path_is_signed_as_it_is_sent(url: str, path: str) -> None:
    assert signed_path(url) == path
    assert httpx.URL(url).raw_path.decode().partition("?")[0] == path


def test_an_address_that_cannot_be_read_is_refused() -> None:
    for url in ("https://[", "https://h/\udc80"):
        with pytest.raises(InvalidRequest):
            signed_path(url)


def test_bearer_and_simple_are_sent_as_they_are() -> None:
    asked = RequestToAuthorize("GET", "https://api.foxnose.net/organizations/")
    session = SessionToken(Secret("jwt"))
    assert request_headers(session, asked, NOW) == {"Authorization": "Bearer jwt"}
    simple = ApiKey(Secret("pub:sec"), prefix="Simple ")
    assert request_headers(simple, asked, NOW) == {"Authorization": "Simple pub:sec"}
    with pytest.raises(ProviderError):
        request_headers(OAuthTokens.__new__(OAuthTokens), asked, NOW)


# Key pairs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pem", [False, True])
@pytest.mark.parametrize("name", ENCODINGS)
def test_every_form_of_a_private_key(name: str, pem: bool) -> None:
    text = written(PRIVATE, ENCODINGS[name], pem=pem)
    if not pem:
        assert len(text) == {"PKCS#8": 184, "SEC1": 164}[name]
    found = key_pair(point(PRIVATE), Secret(text))
    assert found.public_key == point(PRIVATE)
    assert len(found.public_key) == 44
    assert found.private_key.reveal() == written(PRIVATE, ENCODINGS["PKCS#8"])


def test_a_public_half_in_other_forms_and_with_line_breaks() -> None:
    private = written(PRIVATE, ENCODINGS["PKCS#8"])
    pem = PRIVATE.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    broken = private[:64] + "\r\n" + private[64:] + "\n"
    urlsafe = private.replace("+", "-").replace("/", "_")
    for public in (point(PRIVATE, compressed=False), pem.decode(), f" {point(PRIVATE)} "):
        assert key_pair(public, Secret(broken)).public_key == point(PRIVATE)
    assert key_pair(point(PRIVATE), Secret(urlsafe)).public_key == point(PRIVATE)


def test_halves_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(CredentialsRefused, match="do not belong together"):
        key_pair(point(OTHER), Secret(written(PRIVATE, ENCODINGS["PKCS#8"])))


def test_what_is_no_p256_key_is_refused_without_being_quoted() -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    locked = PRIVATE.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    ).decode()
    good = written(PRIVATE, ENCODINGS["PKCS#8"])
    for private in (
        "canary",
        "",
        "ä",
        "-----BEGIN canary",
        locked,
        written(p384, ENCODINGS["SEC1"]),
    ):
        with pytest.raises(CredentialsRefused) as caught:
            key_pair(point(PRIVATE), Secret(private))
        assert caught.value.__context__ is None
        assert "canary" not in f"{caught.value} {caught.value.hint}"
    for public in ("canary", "", "-----BEGIN canary", good, point(PRIVATE)[:-4]):
        with pytest.raises(CredentialsRefused):
            key_pair(public, Secret(good))
