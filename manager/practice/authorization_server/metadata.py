"""What the server says of itself: RFC 8414 and OpenID Connect Discovery section 3."""

from __future__ import annotations

from typing import Any

from .client_registry import GRANT_TYPES


def metadata(base: str, issuer: str, scopes: tuple[str, ...], *, openid: bool) -> dict[str, Any]:
    """The document; `base` is where the endpoints are, `issuer` what the server calls itself."""
    methods = ["none", "client_secret_basic", "client_secret_post"]
    document: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "revocation_endpoint": f"{base}/revoke",
        "introspection_endpoint": f"{base}/introspect",
        "device_authorization_endpoint": f"{base}/device_authorization",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": list(scopes),
        "ui_locales_supported": ["en"],
        "service_documentation": f"{base}/",
    }
    if openid:
        document |= {
            "jwks_uri": f"{base}/jwks",
            "userinfo_endpoint": f"{base}/userinfo",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash",
                "name", "preferred_username", "picture", "email", "email_verified",
            ],
        }  # fmt: skip
    return document
