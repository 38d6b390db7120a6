"""Is this still signed in? Looked at from here first, then asked of the backend.

| the backend says | what it means (docs/authentication.md of the SDK) |
|---|---|
| 200 | it accepts the token |
| 401, 403 | it does not: renew |
| 404 | it has no /auth/validate: what is seen here counts |
| nothing, anything else | it cannot be asked now: the same |
"""

from __future__ import annotations

from manager.core.account import Server
from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import InvalidRequest, ServerUnreachable
from manager.core.moment import Moment
from manager.core.provider_abilities import SignedOutThere, StillSignedIn, Verification
from manager.oauth.json_object import json_object

from .access_token import is_good_locally
from .api_keys import key_headers
from .backend import MeshBackend

_REFUSED = (401, 403)


async def verified(
    backend: MeshBackend, server: Server, credential: Credential, now: Moment
) -> Verification:
    """Raises ServerUnreachable, RateLimited, ProviderError: no verdict (keys only)."""
    if isinstance(credential, ApiKey):
        return await _key(backend, server, credential)
    if not isinstance(credential, OAuthTokens):
        raise InvalidRequest("This account holds another kind of credential.")
    if not is_good_locally(credential.access_token, credential.validity, now):
        return SignedOutThere("The access token has ended.")
    try:
        answer = await backend.validate(credential.access_token)
    except ServerUnreachable:
        return StillSignedIn(server)
    # A portal's page is no verdict where nothing could be renewed after it.
    speaks = json_object(answer.body) is not None or credential.refresh_token is not None
    if answer.status in _REFUSED and speaks:
        return SignedOutThere("The server does not accept the access token any more.")
    return StillSignedIn(server)


async def _key(backend: MeshBackend, server: Server, credential: ApiKey) -> Verification:
    """Nothing can be seen of a key from here, and /auth/validate is for tokens alone."""
    answer = await backend.profile(key_headers(credential.key))
    document = json_object(answer.body)
    if answer.status in _REFUSED and document is not None:
        return SignedOutThere("The server does not accept this API key any more.")
    if answer.status == 200 and document is not None:
        return StillSignedIn(server)
    raise backend.no_verdict(answer)
