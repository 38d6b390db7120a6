"""What an authorization server says of itself (RFC 8414, OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manager.core.errors import InvalidRequest, ProviderError

from .endpoint_address import checked_endpoint
from .json_object import strings
from .pkce import CHALLENGE_METHOD
from .server_text import shown


@dataclass(frozen=True, slots=True)
class AuthorizationServerMetadata:
    """The checked parts of a metadata document; None where the server says nothing.

    `issuer` is kept byte for byte: everything that names the issuer is compared with it.
    `dpop_signing_algorithms` (RFC 9449 section 5.1) is read for later use.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str | None = None
    userinfo_endpoint: str | None = None
    revocation_endpoint: str | None = None
    pushed_endpoint: str | None = None
    requires_pushed_requests: bool = False
    scopes: tuple[str, ...] | None = None
    prompts: tuple[str, ...] | None = None
    client_authentication_methods: tuple[str, ...] | None = None
    id_token_algorithms: tuple[str, ...] | None = None
    sends_iss: bool = False
    is_openid: bool = False
    dpop_signing_algorithms: tuple[str, ...] | None = None
    device_endpoint: str | None = None
    registration_endpoint: str | None = None
    grant_types: tuple[str, ...] | None = None


def names_a_server(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object from a well-known address is a metadata document at all."""
    return isinstance(document.get("issuer"), str) and "authorization_endpoint" in document


def server_metadata(document: Mapping[str, Any], *, url: str) -> AuthorizationServerMetadata:
    """Check a metadata document found for the canonical address `url`.

    The issuer must be `url`, with or without a closing slash: both lead to the same well-known
    address (RFC 8414 section 3.1), so both were asked for. Raises ProviderError.
    """
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or issuer not in (url, f"{url}/"):
        raise ProviderError(
            "The server names itself differently from the address that was asked.",
            hint=f"Use the address that it gives: {shown(issuer)}" if issuer else "",
        )
    methods = strings(document.get("code_challenge_methods_supported"))
    if methods is not None and CHALLENGE_METHOD not in methods:
        raise ProviderError("The server does not protect sign-ins of desktop programs (S256).")
    types = strings(document.get("response_types_supported"))
    if types is not None and "code" not in types:
        raise ProviderError("The server offers no authorization code sign-in.")
    return _Reader(document, issuer).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Mapping[str, Any]
    issuer: str

    def read(self) -> AuthorizationServerMetadata:
        document = self.document
        scopes = strings(document.get("scopes_supported"))
        algorithms = strings(document.get("id_token_signing_alg_values_supported"))
        return AuthorizationServerMetadata(
            issuer=self.issuer,
            authorization_endpoint=self._endpoint("authorization_endpoint"),
            token_endpoint=self._endpoint("token_endpoint"),
            jwks_uri=self._optional("jwks_uri"),
            userinfo_endpoint=self._optional("userinfo_endpoint"),
            revocation_endpoint=self._optional("revocation_endpoint"),
            pushed_endpoint=self._optional("pushed_authorization_request_endpoint"),
            requires_pushed_requests=document.get("require_pushed_authorization_requests") is True,
            scopes=scopes,
            prompts=strings(document.get("prompt_values_supported")),
            client_authentication_methods=strings(
                document.get("token_endpoint_auth_methods_supported")
            ),
            id_token_algorithms=algorithms,
            sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
            is_openid=algorithms is not None or "openid" in (scopes or ()),
            dpop_signing_algorithms=strings(document.get("dpop_signing_alg_values_supported")),
            device_endpoint=self._optional("device_authorization_endpoint"),
            registration_endpoint=self._optional("registration_endpoint"),
            grant_types=strings(document.get("grant_types_supported")),
        )

    def _endpoint(self, name: str) -> str:
        try:
            return checked_endpoint(self.document.get(name), of=self.issuer)
        except InvalidRequest as refused:
            raise ProviderError(f"{refused.message[:-1]} ({name}).") from None

    def _optional(self, name: str) -> str | None:
        return None if self.document.get(name) is None else self._endpoint(name)
