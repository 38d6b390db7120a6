"""Our redirect URIs: one per authorization server, so that no server's answer passes for another's
(RFC 8252 sections 7.1, 7.3 and 8.10).

`https://login.example.org:8443/realms/x/` gives
`io.github.account-manager:/callback/login.example.org:8443/realms/x` and
`http://127.0.0.1:{port}/callback/login.example.org:8443/realms/x`.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from manager.core.server_address import canonical, origin

SCHEME = "io.github.account-manager"
_PATH_CHARACTERS = "/:@!$&()*+,;=-._~"


def private_use_redirect_uri(server_url: str) -> str:
    """Where the operating system hands the browser's answer to us. Raises InvalidRequest."""
    return f"{SCHEME}:{_callback_path(server_url)}"


def loopback_redirect_template(server_url: str) -> str:
    """The same on the loopback's IP literal, `{port}` to be filled in. Raises InvalidRequest."""
    return f"http://127.0.0.1:{{port}}{_callback_path(server_url)}"


def portless_loopback_redirect_uri(server_url: str) -> str:
    """What an operator registers for the loopback: servers let the port vary (section 7.3).

    Also where a browser on another machine ends up, whose address the person pastes back: byte
    for byte what is registered, so that it works with servers that compare ports too.
    """
    return f"http://127.0.0.1{_callback_path(server_url)}"


def _callback_path(server_url: str) -> str:
    address = canonical(server_url)
    authority = origin(address).partition("://")[2]
    return quote(f"/callback/{authority}{unquote(urlsplit(address).path)}", safe=_PATH_CHARACTERS)
