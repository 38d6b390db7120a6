"""A callback URI as it comes from a browser, the operating system or the clipboard.

Anybody can send one: a web page, another program, a person who was told to. It is split here and
judged in `authorization_response`; nothing here trusts it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urlsplit

from manager.core.errors import InvalidRequest
from manager.core.server_address import is_loopback

from .private_use_redirect import SCHEME

LONGEST = 8 * 1024
_MOST_PARAMETERS = 64
_SCHEMES = frozenset({SCHEME, "speckle"})
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Azure AD breaks its descriptions into lines; they are cleaned where they are shown.
_FREE_TEXT = frozenset({"error_description"})


@dataclass(frozen=True, slots=True)
class RedirectionUri:
    """`base`: the URI as it came, up to its query. `parameters`: decoded, each name once."""

    base: str
    parameters: Mapping[str, str] = field(repr=False)

    def answers(self, redirect_uri: str) -> bool:
        """Whether this came to `redirect_uri`, byte for byte.

        A browser writes `http://localhost:29363` as `http://localhost:29363/`; they are the same
        address (RFC 3986 section 6.2.3), and Speckle's is registered without the slash.
        """
        return _without_root_slash(self.base) == _without_root_slash(redirect_uri)


def parse_redirection_uri(uri: str) -> RedirectionUri:
    """Split a callback URI.

    Takes our own scheme, `speckle:` and http on the loopback. A fragment is ignored: browsers carry
    one over from the page before, and nothing is ever read from it (no implicit grant). Raises
    InvalidRequest for everything else, for a repeated parameter (RFC 6749 section 3.1), and for
    characters that no URI holds.
    """
    if len(uri) > LONGEST:
        raise InvalidRequest("The callback is too long.")
    if not _VISIBLE.fullmatch(uri) or _STRAY_PERCENT.search(uri):
        raise InvalidRequest("The callback holds characters that no address has.")
    without_fragment = uri.split("#", 1)[0]
    base, _, query = without_fragment.partition("?")
    _check_base(base)
    return RedirectionUri(base, _parameters(query))


def _check_base(base: str) -> None:
    try:
        parts = urlsplit(base)
        loopback = parts.scheme == "http" and parts.port != 0 and is_loopback(base)
    except ValueError:
        raise InvalidRequest("The callback is not an address.") from None
    if not (loopback or parts.scheme in _SCHEMES) or "@" in parts.netloc:
        raise InvalidRequest("The callback is not one of ours.")


def _parameters(query: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    if len(pairs) > _MOST_PARAMETERS:
        raise InvalidRequest("The callback has too many parameters.")
    parameters: dict[str, str] = {}
    for encoded_name, _, encoded_value in pairs:
        name, value = _decoded(encoded_name), _decoded(encoded_value)
        if name in parameters:
            raise InvalidRequest("The callback has a parameter twice.")
        if not name.isprintable() or (name not in _FREE_TEXT and not value.isprintable()):
            raise InvalidRequest("The callback holds unprintable characters.")
        parameters[name] = value
    return parameters


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest("The callback is not UTF-8.") from None


def _without_root_slash(uri: str) -> str:
    if uri.startswith("http://") and uri.count("/") == 3 and uri.endswith("/"):
        return uri[:-1]
    return uri
