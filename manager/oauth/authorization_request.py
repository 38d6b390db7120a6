"""The authorization request that a browser carries to the server (RFC 6749 section 4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from manager.core.errors import InvalidRequest

from .pkce import CHALLENGE_METHOD

_STANDARD = frozenset(
    {
        "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method", "request", "request_uri", "client_secret",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What is asked for. `extra`: parameters of the server's own; none may be a standard one.

    `dpop_jkt` (RFC 9449 section 10) and `acr_values` (RFC 9470) are reserved: nothing sets them.
    """

    client_id: str
    redirect_uri: str
    state: str = field(repr=False)
    code_challenge: str
    scopes: tuple[str, ...] = ()
    nonce: str | None = field(default=None, repr=False)
    prompt: tuple[str, ...] = ()
    login_hint: str | None = None
    resource: str | None = None
    dpop_jkt: str | None = None
    acr_values: str | None = None
    extra: Mapping[str, str] | None = None

    def parameters(self) -> dict[str, str]:
        """The request's parameters by name. Raises InvalidRequest where `extra` would override."""
        optional = {
            "scope": " ".join(self.scopes),
            "nonce": self.nonce,
            "prompt": " ".join(self.prompt),
            "login_hint": self.login_hint,
            "resource": self.resource,
            "dpop_jkt": self.dpop_jkt,
            "acr_values": self.acr_values,
        }
        standard = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.code_challenge,
            "code_challenge_method": CHALLENGE_METHOD,
            **{name: value for name, value in optional.items() if value},
        }
        extra = dict(self.extra or {})
        if _STANDARD & extra.keys() or standard.keys() & extra.keys():
            raise InvalidRequest("An extra parameter would replace one of the sign-in's own.")
        return {**standard, **extra}


def authorization_url(endpoint: str, parameters: Mapping[str, str]) -> str:
    """`endpoint` (already checked) with `parameters` in its query, which is kept (section 3.1).

    Raises InvalidRequest where the endpoint's own query names one of them.
    """
    parts = urlsplit(endpoint)
    present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if present & (parameters.keys() | _STANDARD):
        raise InvalidRequest("The server's sign-in address carries parameters of the sign-in.")
    query = "&".join(part for part in (parts.query, urlencode(parameters)) if part)
    return urlunsplit(parts._replace(query=query))
