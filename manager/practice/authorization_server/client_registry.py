"""The clients that an authorization server knows, and where it may send a browser for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1"})
GRANT_TYPES = (
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client (RFC 6749 section 2); without a secret it is a public one."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email", "offline_access", "api")
    grant_types: tuple[str, ...] = GRANT_TYPES

    @property
    def confidential(self) -> bool:
        return bool(self.client_secret)

    def may_redirect_to(self, redirect_uri: str) -> bool:
        return any(same_redirect_uri(known, redirect_uri) for known in self.redirect_uris)


ACCOUNT_MANAGER = Client(
    "account-manager",
    "Account Manager",
    (
        "io.github.account-manager:/callback",
        "io.github.account-manager:/oauth/callback",
        "http://127.0.0.1/callback",
        "http://[::1]/callback",
        "http://127.0.0.1/",
        "http://[::1]/",
    ),
)
CONFIDENTIAL = Client(
    "confidential-client",
    "Confidential Client",
    ACCOUNT_MANAGER.redirect_uris,
    "practice secret: with %, & and +",
)


def same_redirect_uri(registered: str, asked: str) -> bool:
    """Whether `asked` is the registered URI: byte for byte, but for the port on a loopback IP.

    RFC 8252 section 7.3; RFC 9700 section 2.1.
    """
    if registered == asked:
        return True
    try:
        ours, theirs = urlsplit(registered), urlsplit(asked)
        hosts = ours.hostname, theirs.hostname
        port = theirs.port
    except ValueError:
        return False
    if ours.scheme != "http" or hosts[0] not in LOOPBACK_HOSTS or "@" in theirs.netloc:
        return False
    netloc = theirs.netloc.removesuffix(f":{port}") if port is not None else theirs.netloc
    here = ours.netloc.removesuffix(f":{ours.port}") if ours.port is not None else ours.netloc
    return theirs._replace(netloc=netloc).geturl() == ours._replace(netloc=here).geturl()


def client_from_json(value: Mapping[str, Any]) -> Client:
    """A client as `--client` gives it. Raises KeyError or TypeError."""
    fields = dict(value)
    for name in ("redirect_uris", "scopes", "grant_types"):
        if name in fields:
            fields[name] = tuple(fields[name])
    fields.setdefault("name", fields["client_id"])
    return Client(**fields)
