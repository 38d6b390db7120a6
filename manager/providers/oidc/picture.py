"""The picture of a person, from wherever the server says that it stands."""

from __future__ import annotations

from manager.core.account import Identity, Server
from manager.core.errors import InvalidRequest
from manager.core.provider import Avatar
from manager.oauth.endpoint_address import checked_endpoint
from manager.providers.http_client import HttpClient

LIMIT = 256 * 1024
_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
"""What is shown, and how it begins. No SVG: it can hold script and point elsewhere."""


async def fetch_picture(http: HttpClient, server: Server, identity: Identity) -> Avatar | None:
    """The picture, None where there is none that we would show.

    The address is asked without the person's token: it may be anybody's. Raises ServerUnreachable,
    also for a picture over 256 KiB.
    """
    try:
        address = checked_endpoint(identity.avatar_url, of=server.url)
    except InvalidRequest:
        return None
    accepted = ", ".join(_SIGNATURES)
    answer = await http.request(
        "GET", address, headers={"Accept": accepted}, limit=LIMIT, follow_redirects=True
    )
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or not answer.body.startswith(_SIGNATURES.get(media_type, ())):
        return None
    return Avatar(media_type, answer.body)
