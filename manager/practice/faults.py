"""What may go wrong, as options: frozen values, changed whole while a server runs.

Every field also has its name on `POST /practice/faults` as JSON, for tests in other processes.
Endpoints are named as each server's `ENDPOINTS` lists them; "*" means all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

AS_LIFETIME = "lifetime"
"""The honest value of `expires_in`: the seconds that the token really lives."""

ID_TOKEN_FLAWS = frozenset(
    {
        "alg_hs256", "alg_none", "bad_signature", "expired", "extra_audience", "issued_in_future",
        "missing", "missing_nonce", "not_a_token", "unknown_kid", "wrong_at_hash",
        "wrong_audience", "wrong_azp", "wrong_issuer", "wrong_nonce", "wrong_subject",
    }
)  # fmt: skip
"""What the fault `id_token` may be set to; one for each step of OIDC Core 3.1.3.7."""

_CHOICES = {
    "captive_portal": {"", "redirect", "page"},
    "grace_pair": {"same", "new"},
    "response_issuer": {"", "wrong", "absent"},
    "response_state": {"", "wrong", "absent"},
    "metadata_issuer": {"", "wrong"},
    "id_token": {"", *ID_TOKEN_FLAWS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFaults:
    """Faults below the protocol: what any server, proxy or network does on a bad day."""

    delay: Mapping[str, float] = field(default_factory=dict)
    """Endpoint to seconds. The request is processed at once, its reply waits."""
    hang: frozenset[str] = frozenset()
    """Endpoints that process the request and never answer."""
    drip: frozenset[str] = frozenset()
    """Endpoints whose body comes a byte every `drip_interval` seconds."""
    drip_interval: float = 0.25
    unavailable: Mapping[str, int] = field(default_factory=dict)
    """Endpoint to a status (500, 502, 503...) with an HTML page; nothing is processed."""
    rate_limited: Mapping[str, str] = field(default_factory=dict)
    """Endpoint to the text of Retry-After: seconds, fractional seconds or an HTTP date."""
    captive_portal: str = ""
    """"redirect": everything answers 302 to a login page. "page": 200 with HTML."""
    gzip_bomb: frozenset[str] = frozenset()
    """Endpoints that answer 512 KiB of gzip which unpack to 512 MiB."""
    redirect: Mapping[str, str] = field(default_factory=dict)
    """Endpoint to the Location of a 307; nothing is processed."""
    lost_answers: int = 0
    """The next so many token requests are processed, then cut without an answer."""
    cut_requests: int = 0
    """The next so many token requests are cut before anything is processed."""
    clock_offset: float = 0.0
    """Seconds that the server's clock is ahead: makes codes and tokens older."""

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            chosen = getattr(self, name, "")
            if chosen and chosen not in choices:
                raise ValueError(f"{name} cannot be {chosen}")

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """A copy with `changes` (field to JSON value). Raises ValueError with the field's name."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(self, **{n: _fitting(n, v, known) for n, v in changes.items()})

    def as_json(self) -> dict[str, Any]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {n: sorted(v) if isinstance(v, frozenset) else v for n, v in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServerFaults(HttpFaults):
    """Faults, and lawful variations, of an OAuth 2 / OpenID Connect server."""

    rotation: bool = True
    """A refresh yields a new refresh token and retires the old one (RFC 9700 section 4.14)."""
    reuse_detection: bool = True
    """A retired refresh token revokes the whole family of tokens."""
    grace: float = 0.0
    """Seconds in which a retired refresh token still works once it was used."""
    grace_pair: str = "same"
    """What it yields then: "same", the pair issued before, or "new", one more pair."""
    lifetime: int = 3600
    """Seconds that an access token lives."""
    expires_in: int | str | None = AS_LIFETIME
    """What the token response says: anything, or None to leave it out."""
    token_type: str = "Bearer"  # noqa: S105  # the RFC's word for it
    refuse_refresh: str = ""
    """The `error` of every refresh: invalid_grant, invalid_client, temporarily_unavailable..."""
    refuse_registration: str = ""
    """The `error` of every registration: invalid_redirect_uri, invalid_client_metadata..."""
    omit_refresh_token: bool = False
    """Refresh answers come without a refresh token."""
    narrow_scope: str = ""
    """The scope granted, whatever was asked."""
    deny: bool = False
    """The person says no, whatever they press."""
    response_issuer: str = ""
    """`iss` of the authorization response: "wrong" or "absent" (RFC 9207)."""
    response_state: str = ""
    """`state` of the authorization response: "wrong" or "absent"."""
    metadata_issuer: str = ""
    """"wrong": the metadata name another issuer (RFC 8414 section 3.3)."""
    id_token: str = ""
    """One of `ID_TOKEN_FLAWS`."""
    userinfo_subject: str = ""
    """`sub` of userinfo, where it is to differ from the ID token's (OIDC Core 5.3.2)."""
    signing_key: int = 0
    """The number of the signing key in use: a change rotates it (OIDC Core 10.1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeckleFaults(HttpFaults):
    """Faults of a Speckle server, and what a newer one may do."""

    rotation: bool = False
    """Retires the refresh token (and its access token) at use; Speckle itself does not."""
    s256: bool = False
    """Speaks the newer dialect: `/oauth/token` answers, challenges are S256."""
    moved_from: str = ""
    moved_to: str = ""
    """`serverInfo.migration`; a trailing slash is added as the real server does."""
    access_lifetime: float = 3_154_000_000.0
    """Seconds; the real default is a hundred years."""
    refresh_lifetime: float = 15_770_000.0
    rate_limits: bool = False
    """Counts requests as the real server does and answers 429."""


def _fitting(name: str, value: Any, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise ValueError(f"there is no fault named {name}")
    if name == "expires_in":
        return value
    now = known[name]
    if isinstance(now, frozenset) and isinstance(value, (list, set, frozenset, tuple)):
        return frozenset(value)
    if isinstance(now, float) and isinstance(value, int):
        return float(value)
    if isinstance(now, Mapping) and isinstance(value, Mapping):
        return dict(value)
    if type(now) is not type(value):
        raise ValueError(f"{name} takes {type(now).__name__}, not {type(value).__name__}")
    return value
