"""The picture of a person, from wherever the server says that it stands."""

from __future__ import annotations

from manager.core.account import Identity, Server
from manager.core.errors import InvalidRequest
from manager.core.provider import Avatar
from manager.oauth.endpoint_address import checked_endpoint
from manager.providers.avatar import KINDS, LARGEST, avatar_of
from manager.providers.http_client import HttpClient

_ACCEPTED = ", ".join(KINDS)


async def fetch_picture(http: HttpClient, server: Server, identity: Identity) -> Avatar | None:
    """The picture, None where there is none that we would show.

    The address is asked without the person's token: it may be anybody's. Raises ServerUnreachable,
    also for a picture over 256 KiB.
    """
    try:
        address = checked_endpoint(identity.avatar_url, of=server.url)
    except InvalidRequest:
        return None
    answer = await http.request(
        "GET", address, headers={"Accept": _ACCEPTED}, limit=LARGEST, follow_redirects=True
    )
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    found = avatar_of(answer.body) if answer.status == 200 else None
    return found if found is not None and found.media_type == media_type else None
