"""Which redirect URI a sign-in uses: the operator's, where the catalogue names one, else ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from manager.core.catalogue import PresetServer
from manager.core.errors import InvalidRequest
from manager.core.provider import LoopbackRedirect, Redirection, RedirectMethod, SchemeRedirect
from manager.oauth.private_use_redirect import (
    loopback_redirect_template,
    portless_loopback_redirect_uri,
    private_use_redirect_uri,
)
from manager.oauth.redirection import parse_redirection_uri

_PORT = "{port}"


def redirect_methods(preset: PresetServer | None) -> tuple[RedirectMethod, ...]:
    """Those that can work, the best first. Pasting back needs a loopback address that nobody
    listens on, so it comes with the loopback."""
    named = None if preset is None else preset.redirect_uris
    if not named:
        return (RedirectMethod.SCHEME, RedirectMethod.LOOPBACK, RedirectMethod.PASTE)
    return tuple(
        method
        for method in RedirectMethod
        if method in named or (method is RedirectMethod.PASTE and RedirectMethod.LOOPBACK in named)
    )


def redirect_uris_to_register(server_url: str, preset: PresetServer | None) -> dict[str, str]:
    """What an operator has to register, by method; a loopback one covers every port."""
    if preset is not None and preset.redirect_uris:
        return dict(preset.redirect_uris)
    return {
        RedirectMethod.SCHEME.value: private_use_redirect_uri(server_url),
        RedirectMethod.LOOPBACK.value: portless_loopback_redirect_uri(server_url),
    }


def redirection(
    server_url: str, method: RedirectMethod, preset: PresetServer | None
) -> Redirection:
    """Where the browser shall come back. Raises InvalidRequest."""
    if method not in redirect_methods(preset):
        raise InvalidRequest(f"This server cannot send the browser back by {method.value}.")
    named = dict((preset.redirect_uris if preset else None) or {})
    uri = named.get(method.value)
    match method:
        case RedirectMethod.SCHEME:
            return SchemeRedirect(_usable(uri or private_use_redirect_uri(server_url)))
        case RedirectMethod.LOOPBACK:
            return _loopback(uri or loopback_redirect_template(server_url))
        case RedirectMethod.PASTE:
            # Nobody listens there: the browser shows an error, and its address line the answer.
            template = uri or named.get(RedirectMethod.LOOPBACK.value)
            own = portless_loopback_redirect_uri(server_url)
            return SchemeRedirect(_usable(template.replace(f":{_PORT}", "") if template else own))


def _loopback(template: str) -> LoopbackRedirect:
    parts = urlsplit(_usable(template.replace(_PORT, "80")))
    port = 0 if _PORT in template else parts.port or 0
    if port == 0 and _PORT not in template:
        template = template.replace(parts.netloc, f"{parts.netloc}:{_PORT}", 1)
    return LoopbackRedirect(template, port=port, dual_stack=parts.hostname == "localhost")


def _usable(uri: str) -> str:
    """`uri`, if an answer to it could be read. Raises InvalidRequest."""
    if "?" in uri or "#" in uri:
        raise InvalidRequest("A redirect address with a query or a fragment is not supported.")
    parse_redirection_uri(uri)
    return uri
