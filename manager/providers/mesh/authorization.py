"""One sign-in through the browser, by the backend.

There is no PKCE here: the backend makes the authorization URL and its exchange takes no code
verifier. What binds the answer to the request is `state`, 256 bits, compared by us (the SDK sends
one and never looks at it), and that only this machine's own addresses are listened at. Who wants
PKCE chooses the dialect `auth0`, which goes to the tenant directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from manager.core.errors import InvalidRequest, ProviderError, SignInExpired
from manager.core.provider import LoopbackRedirect, SchemeRedirect, SignInResult
from manager.core.server_address import is_loopback, origin
from manager.oauth.authorization_response import ExpectedAnswer, authorization_code

from .signed_in import SignedIn
from .tenant import TenantConfig

REDIRECT = LoopbackRedirect(
    "http://localhost:{port}/callback", port=8000, last_port=8999, dual_stack=True
)
"""What is registered at Auth0 for the SDK, which takes the first free port of these."""
PASTED = SchemeRedirect("http://localhost:8000/callback")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and what must come back unchanged."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = field(repr=False)


class MeshAuthorization:
    """PendingAuthorization: one request, one answer, one use of its code."""

    tries = 1

    def __init__(self, url: str, asked: Asked, config: TenantConfig, signed_in: SignedIn) -> None:
        self._url = url
        self._asked = asked
        self._config = config
        self._signed_in = signed_in
        self._spent = False

    @property
    def authorization_url(self) -> str:
        return self._url

    @property
    def redirect_uri(self) -> str:
        return self._asked.redirect_uri

    @property
    def state(self) -> str | None:
        return self._asked.state

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """Raises SignInDenied, InvalidRequest, SignInExpired (a second answer), ProviderError,
        ServerUnreachable, RateLimited."""
        asked = self._asked
        code = authorization_code(parameters, ExpectedAnswer(asked.state, self._config.issuer))
        if self._spent:
            raise SignInExpired("This sign-in has already been answered.")
        self._spent = True
        backend = self._signed_in.backend
        response = await backend.exchange(code, asked.redirect_uri, asked.scopes)
        return await self._signed_in.result(response, self._config, "web")


def checked_redirect_uri(uri: str) -> str:
    """Raises InvalidRequest for an address that Auth0 does not send the browser back to."""
    parts = urlsplit(uri)
    known = (parts.scheme, parts.hostname, parts.path) == ("http", "localhost", "/callback")
    if not known or parts.query or parts.fragment:
        raise InvalidRequest("A Mesh server does not send the browser back to that address.")
    return uri


def checked_authorization_url(url: str, asked: Asked, server_url: str) -> str:
    """The backend's URL, if the browser may open it and its answer will be known again.

    Raises ProviderError: a URL that is not https, or carries another `state` or redirect address
    than ours, could end as a sign-in of somebody else.
    """
    try:
        origin(url)
        usable = is_loopback(server_url) or not is_loopback(url)
    except InvalidRequest:
        usable = False
    if not usable or len(url) > 8192 or "#" in url:
        raise ProviderError("The server gives an address to sign in at that cannot be used.")
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    for name, value in (("state", asked.state), ("redirect_uri", asked.redirect_uri)):
        if [each for key, each in sent if key == name] != [value]:
            raise ProviderError(
                f"The server's sign-in page does not carry our {name}, so its answer would not be"
                " safe to use."
            )
    return url


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """`url` with those of Auth0's own parameters that it does not have yet."""
    known = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    new = {name: value for name, value in parameters.items() if name not in known}
    return f"{url}&{urlencode(new)}" if new else url
