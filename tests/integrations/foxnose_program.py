"""A connector in the SDK's own environment: calls FoxNose with an account of the agent.

Started with `python -I`; reads one JSON object from stdin, prints one JSON object, and ends when
stdin does.
"""

from __future__ import annotations

import asyncio
import json
import sys

from foxnose_sdk.auth import AuthStrategy, JWTAuth
from foxnose_sdk.errors import FoxnoseAPIError
from foxnose_sdk.flux import AsyncFluxClient, FluxClient
from foxnose_sdk.management import AsyncManagementClient, ManagementClient

from manager.integrations.foxnose import AccountAuth, SocketTokenProvider


class SeedAuth(AccountAuth, AuthStrategy):
    """As the older documents write a strategy: two methods without a request."""

    def get_headers(self):
        return {**super().get_headers(), "X-Seed": "get"}

    async def aget_headers(self):
        return {**await super().aget_headers(), "X-Seed": "aget"}


class SeedOnly(AuthStrategy):
    """Written after the older documents and moved to the SDK's contract with one line."""

    def __init__(self, auth):
        self._auth = auth

    def get_headers(self):
        return self._auth.get_headers()

    def build_headers(self, request):
        return self.get_headers()


STRATEGIES = {
    "account": lambda asked: AccountAuth(asked["account"]),
    "server": lambda asked: AccountAuth(server=asked["url"]),
    "provider": lambda asked: JWTAuth(SocketTokenProvider(asked["account"])),
    "seed": lambda asked: SeedAuth(asked["account"]),
    "seed only": lambda asked: SeedOnly(AccountAuth(asked["account"])),
}


def flux_calls(client):
    yield client.list_resources("articles", params={"limit": 1})
    yield client.get_resource("artikel über uns", "größe 漢字/1")
    yield client.search("it's|a", body={"find_text": {"query": "Zürich 🦊"}})
    yield client.create_resource("articles", {"title": "ñandú"})


def management_calls(client):
    yield client.list_organizations()
    key = client.create_flux_api_key({"description": "Kiosk"})
    yield key
    token = client.issue_flux_api_key_bearer_token(key.key)
    yield token
    yield client.list_flux_api_keys()
    client.revoke_flux_api_key_bearer_token(key.key)
    client.delete_flux_api_key(key.key)


def key_calls(client):
    """What a management key may do."""
    yield client.list_flux_api_keys()
    yield client.create_flux_api_key({"description": "größer"})


async def flux_calls_async(client):
    await client.list_resources("articles", params={"limit": 1})
    await client.get_resource("artikel über uns", "größe 漢字/1")
    await client.search("it's|a", body={"find_text": {"query": "Zürich 🦊"}})
    return 3


async def management_calls_async(client):
    await client.list_flux_api_keys()
    await client.create_flux_api_key({"description": "größer"})
    return 2


def sync(asked, auth):
    if asked["api"] == "flux":
        client = FluxClient(base_url=asked["flux_url"], api_prefix="v1", auth=auth)
        return len(list(flux_calls(client)))
    client = ManagementClient(
        base_url=asked["url"], environment_key=asked["environment"], auth=auth
    )
    calls = management_calls if asked["api"] == "management" else key_calls
    return len(list(calls(client)))


async def unsync(asked, auth):
    if asked["api"] == "flux":
        client = AsyncFluxClient(base_url=asked["flux_url"], api_prefix="v1", auth=auth)
        return await flux_calls_async(client)
    client = AsyncManagementClient(
        base_url=asked["url"], environment_key=asked["environment"], auth=auth
    )
    return await management_calls_async(client)


def again_after_401(asked, auth):
    """One call that is made again, once, when the server refuses the token."""
    client = ManagementClient(
        base_url=asked["url"], environment_key=asked["environment"], auth=auth
    )
    try:
        client.list_organizations()
    except FoxnoseAPIError as refused:
        if refused.status_code != 401:
            raise
        auth.refresh(auth.get_headers()["Authorization"])
        client.list_organizations()
        return "after a refresh"
    return "at once"


def main():
    asked = json.loads(sys.stdin.readline())
    auth = STRATEGIES[asked["strategy"]](asked)
    if asked["how"] == "sync":
        done = sync(asked, auth)
    elif asked["how"] == "async":
        done = asyncio.run(unsync(asked, auth))
    else:
        done = again_after_401(asked, auth)
    print(json.dumps({"done": done}), flush=True)
    sys.stdin.read()


main()
