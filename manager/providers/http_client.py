"""The only door to httpx: every request to a server of the world leaves here.

What httpx alone does not give, and why it is here:

- The library is loaded, and the TLS roots read, in a thread at the first request: the agent
  starts without paying for them, and its loop never waits.
- No connection is kept: a server that closes a kept one just as a refresh is written to it looks
  the same as a lost answer, and a refresh token must not be sent twice by mistake. Token endpoints
  are asked once an hour; the extra handshake costs nobody anything.
- "Not sent" and "sent, answer lost" are told apart by httpcore's own trace of the moment the
  request begins to be written (the CONNECT to a proxy does not count).
- Cookies are neither kept nor sent, redirects follow our rules, bodies are decoded within a cap.
- `trust_env` is on for one purpose, the proxies of the environment, and off for this machine's
  own servers, which are never asked through a proxy. Of the environment httpx would also read
  SSL_CERT_FILE and, in other versions, `.netrc`: a ready TLS context and an explicit empty `auth`
  keep it from both.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from manager import __version__
from manager.core.errors import (
    AnswerLost,
    InvalidRequest,
    ServerUnreachable,
    ShuttingDown,
)

from .http_answer import HttpAnswer
from .http_exchange import ForbiddenPeer, HttpExchange
from .response_body import BodyTooLarge, BodyUnreadable, ResponseBody
from .server_url import ServerUrl, check_url, redirected
from .trusted_roots import tls_context
from .unreachable import not_sent

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpAnswer", "HttpClient"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_HEADERS = {
    # Cloudflare refuses the default one of Python libraries (error 1010).
    "user-agent": f"AccountManager/{__version__}",
    "accept": "application/json",
    "accept-encoding": "identity",
}
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})

_ADDRESS = "Check that the address is that of the server."

# httpx logs whole URLs, `?code=` included, at INFO; httpcore headers at DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class _Outgoing(NamedTuple):
    method: str
    headers: Mapping[str, str]
    limit: int
    form: Mapping[str, str] | None = None
    json: object = None

    def __repr__(self) -> str:
        return f"{self.method} ***"


class HttpClient:
    """Asks servers. One for the whole program; `close` it at the end."""

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._building = asyncio.Lock()
        self._closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        deadline: float = 20.0,
        limit: int = 1 << 20,
        follow_redirects: bool = False,
    ) -> HttpAnswer:
        """Send one request, once, and read the whole answer, whatever its status.

        `deadline`: seconds for everything together; `limit`: bytes of the decoded body. Redirects
        are followed for GET and HEAD only, at most 5, never from https to http, and credentials
        stay behind when the origin changes.

        Raises InvalidRequest (the address or a header is not allowed), ServerUnreachable (nothing
        was sent), AnswerLost (it was sent, no usable answer came), ShuttingDown.
        """
        exchange = HttpExchange(check_url(url))
        outgoing = _Outgoing(method.upper(), headers or {}, limit, form, json)
        failure: Exception
        try:
            client = await self._client(exchange.url)
            async with asyncio.timeout(deadline):
                if follow_redirects and outgoing.method in ("GET", "HEAD"):
                    return await self._follow(client, exchange, outgoing, url)
                return await _send(client, exchange, outgoing, url)
        except TimeoutError:
            failure = _late(exchange, deadline)
        except Exception as error:  # noqa: BLE001  # the translator of this edge
            failure = _translated(exchange, error, limit)
        finally:
            await exchange.close()
        # Raised out here: inside, the library's error, which holds the request, would be kept.
        raise failure

    async def close(self) -> None:
        """Close every connection; requests under way end with an error."""
        self._closed = True
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def _client(self, url: ServerUrl) -> httpx.AsyncClient:
        async with self._building:
            if self._closed:
                raise ShuttingDown("Account Manager is stopping.")
            through_proxies = not url.loopback
            if through_proxies not in self._clients:
                if self._context is None:
                    self._context = await asyncio.to_thread(_prepare)
                self._clients[through_proxies] = await asyncio.to_thread(
                    _build, self._context, through_proxies
                )
            return self._clients[through_proxies]

    async def _follow(
        self, client: httpx.AsyncClient, exchange: HttpExchange, outgoing: _Outgoing, url: str
    ) -> HttpAnswer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await _send(client, exchange, outgoing, url)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            url = urljoin(url, location)
            before, exchange.url = exchange.url, redirected(exchange.url, url)
            if exchange.url.origin != before.origin:
                outgoing = outgoing._replace(headers=_without_credentials(outgoing.headers))
                client = await self._client(exchange.url)
        raise ServerUnreachable(
            f"{exchange.url.host} redirects without end.",
            hint="Check that the address is that of the server.",
        )


async def _send(
    client: httpx.AsyncClient, exchange: HttpExchange, outgoing: _Outgoing, url: str
) -> HttpAnswer:
    request = client.build_request(
        outgoing.method,
        url,
        headers=dict(outgoing.headers),
        data=None if outgoing.form is None else dict(outgoing.form),
        json=outgoing.json,
        extensions={"trace": exchange.trace},
    )
    response = await client.send(request, auth=None, stream=True, follow_redirects=False)
    try:
        body = ResponseBody(outgoing.limit, response.headers.get("content-encoding", ""))
        async for chunk in response.aiter_raw():
            body.feed(chunk)
        found = {name.lower(): value for name, value in response.headers.items()}
        cookies = tuple(response.headers.get_list("set-cookie"))
        return HttpAnswer(response.status_code, found, body.finish(), url, cookies)
    finally:
        await response.aclose()


def _without_credentials(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}


def _prepare() -> ssl.SSLContext:
    """Load in this thread what httpx would load on the loop with its first connection."""
    import anyio.lowlevel  # noqa: PLC0415
    import anyio.streams.tls  # noqa: PLC0415

    asyncio.run(anyio.lowlevel.checkpoint())
    return tls_context()


def _build(context: ssl.SSLContext, through_proxies: bool) -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415  # 0.4 s that an agent without requests never pays

    try:
        return httpx.AsyncClient(
            verify=context,
            trust_env=through_proxies,
            headers=_HEADERS,
            timeout=None,  # noqa: S113  # one deadline for everything, in request()
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        pass  # raised below, outside: a proxy's address may hold a password
    raise ServerUnreachable(
        "The proxy settings of this system are not understood.",
        hint="Set https_proxy to an address like http://proxy.example.org:3128.",
    )


def _late(exchange: HttpExchange, deadline: float) -> ServerUnreachable:
    host = exchange.url.host
    if exchange.sent:
        return AnswerLost(f"{host} took the request, but did not answer within {deadline:g} s.")
    return ServerUnreachable(f"{host} could not be reached within {deadline:g} s.")


def _translated(exchange: HttpExchange, error: Exception, limit: int) -> Exception:
    """What a failure means; an error of ours passes as it is."""
    import httpx  # noqa: PLC0415

    host = exchange.url.host
    match error:
        case BodyTooLarge():
            return AnswerLost(f"{host} answered with more than {limit >> 10} KiB.", hint=_ADDRESS)
        case BodyUnreadable():
            return AnswerLost(f"The answer of {host} is damaged.", hint=_ADDRESS)
        case ForbiddenPeer():
            error = ServerUnreachable(
                f"{host} leads to an address that is not used.", hint=_ADDRESS
            )
        case httpx.ProxyError():
            error = ServerUnreachable(
                f"The proxy that leads to {host} refused.",
                hint="Check the proxy settings of this system (https_proxy).",
            )
        case httpx.LocalProtocolError() | httpx.InvalidURL() | UnicodeError() | TypeError():
            error = InvalidRequest(f"The request to {host} holds what it may not hold.")
        case httpx.TransportError() | OSError() if exchange.sent:
            error = AnswerLost(f"{host} took the request, but the connection broke.")
        case httpx.TransportError() | OSError():
            error = not_sent(exchange.reaching, error)
    return error
