"""The three ways to authorize a request at FoxNose: Bearer, Simple and Secure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from string import printable
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from manager.core.credential import ApiKey, Credential, SessionToken, SigningKey
from manager.core.errors import InvalidRequest, ProviderError
from manager.core.provider import RequestToAuthorize
from manager.oauth.bearer import bearer

from .key_pair import loaded

EMPTY_BODY = hashlib.sha256(b"").hexdigest()
# What clients leave as it is in a path, `%` of what is encoded already included: all but the path
# percent-encode set of the URL standard.
_KEPT = "".join(each for each in printable if each not in ' "#<>?`{}' and not each.isspace())


def request_headers(
    credential: Credential, request: RequestToAuthorize, wall: float
) -> Mapping[str, str]:
    """`wall`: unix seconds now, which a signature names. Raises InvalidRequest for an address with
    a path that no server could sign the same way, ProviderError for another kind of credential."""
    match credential:
        case SessionToken() if credential.token is not None:
            return bearer(credential.token)
        case ApiKey():
            return {credential.header: credential.prefix + credential.key.reveal()}
        case SigningKey():
            return _secure(credential, request, wall)
    raise ProviderError("This account does not hold a sign-in of FoxNose.")


def _secure(key: SigningKey, request: RequestToAuthorize, wall: float) -> Mapping[str, str]:
    """Signs `<path>|<sha256 of the body>|<date>`: the path as it goes over the wire, without query
    and method; the date ISO 8601 in UTC and whole seconds (not RFC 9110's form)."""
    date = datetime.fromtimestamp(int(wall), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = (request.body_sha256 or EMPTY_BODY).lower()
    content = f"{signed_path(request.url)}|{body}|{date}".encode()
    signature = loaded(key.private_key).sign(content, ec.ECDSA(hashes.SHA256()))
    encoded = base64.b64encode(signature).decode()
    return {"Authorization": f"Secure {key.public_key}:{encoded}", "Date": date}


def signed_path(url: str) -> str:
    """The path as HTTP clients send it: percent-encoded, `/` where there is none."""
    try:
        path = urlsplit(url).path or "/"
        return quote(path, safe=_KEPT)
    except (ValueError, UnicodeEncodeError):
        raise InvalidRequest("The address of the request cannot be read.") from None
