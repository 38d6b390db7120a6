"""FoxNose's SDK with its own strategies, against whatever stands at the addresses given."""

from __future__ import annotations

import asyncio
import json
import sys

from foxnose_sdk.auth import JWTAuth, SecureKeyAuth, SimpleKeyAuth
from foxnose_sdk.errors import FoxnoseAPIError
from foxnose_sdk.flux import AsyncFluxClient, FluxClient
from foxnose_sdk.management import ManagementClient

asked = json.loads(sys.stdin.read())
PATHS = ["articles", "über uns/größe", "漢字", "it's|a^b[c]", "a%25b", "50% off"]


def refused(call):
    try:
        call()
    except FoxnoseAPIError as error:
        return [error.status_code, error.error_code, str(error.message)]
    return None


def flux(auth, kind=FluxClient):
    return kind(base_url=asked["flux_url"], api_prefix="v1", auth=auth)


def management(auth):
    return ManagementClient(base_url=asked["url"], environment_key=asked["environment"], auth=auth)


async def unsync(auth):
    client = flux(auth, AsyncFluxClient)
    return [await client.search(path, body={"q": path}) for path in PATHS]


person = management(JWTAuth.from_static_token(asked["access"]))
key = person.create_flux_api_key({"description": "Kiosk", "role": "reader"})
token = person.issue_flux_api_key_bearer_token(key.key)
strategies = {
    "simple": SimpleKeyAuth(key.public_key, key.secret_key),
    "secure": SecureKeyAuth(key.public_key, key.secret_key),
    "bearer": JWTAuth.from_static_token(token.bearer_token),
}
said = {
    name: [
        len([flux(auth).list_resources(path, params={"limit": 1}) for path in PATHS]),
        len(asyncio.run(unsync(auth))),
        flux(auth).get_router()["prefix"],
    ]
    for name, auth in strategies.items()
}
said["keys"] = [each.description for each in person.list_flux_api_keys().results]
said["prefix"] = token.bearer_token_prefix == token.bearer_token[:12]
said["organizations"] = len(person.list_organizations())
said["environments"] = [each.key for each in person.list_environments("org1", "project")]
# Its own signatures leave out what follows a semicolon, which is part of the path.
said["semicolon"] = refused(lambda: flux(strategies["secure"]).list_resources("a;b=1"))
said["apis"] = [[each.prefix, each.is_auth_required] for each in person.list_apis().results]
person.revoke_flux_api_key_bearer_token(key.key)
said["no bearer"] = refused(flux(strategies["bearer"]).get_router)
person.delete_flux_api_key(key.key)
said["no key"] = refused(flux(strategies["secure"]).get_router)
said["no person"] = refused(management(JWTAuth.from_static_token("x")).list_organizations)
said["no such key"] = refused(lambda: person.get_flux_api_key("nobody"))
said["wrong body"] = refused(lambda: person.create_flux_api_key({"name": "x", "roles": []}))
print(json.dumps(said))
