"""Where a server's metadata may stand (OpenID Connect Discovery section 4, RFC 8414 section 3)."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

OPENID = "openid-configuration"
OAUTH = "oauth-authorization-server"


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """The addresses to try for an issuer, in order.

    OpenID appends to the issuer's path, RFC 8414 puts its part between host and path; section 5
    there allows the OpenID name in that place as well. Without a path two of the three coincide.
    """
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    paths = (
        f"{path}/.well-known/{OPENID}",
        f"/.well-known/{OAUTH}{path}",
        f"/.well-known/{OPENID}{path}",
    )
    urls = (urlunsplit((parts.scheme, parts.netloc, each, "", "")) for each in paths)
    return tuple(dict.fromkeys(urls))
