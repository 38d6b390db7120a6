"""Environment variables: nothing is documented for clients of Magnet AI, so the names are ours.

MAGNET_AI_URL says where, MAGNET_AI_TOKEN holds a bearer token (seed, v2), MAGNET_AI_API_KEY a key
for `x-api-key` (0.6, v2). The names that the seed document lists (TOKEN_EXPIRATION, SECRET_KEY,
ENABLE_AUTH, RATE_LIMIT_PER_MINUTE) configure a server and mean nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping

from manager.core.account import Server
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import InvalidRequest
from manager.core.provider_abilities import ReadVariables, VariableNote
from manager.core.secret import Secret
from manager.core.server_address import canonical

URL = "MAGNET_AI_URL"
TOKEN = "MAGNET_AI_TOKEN"  # noqa: S105
API_KEY = "MAGNET_AI_API_KEY"
NAMES = (URL, TOKEN, API_KEY)


def variables_for(server: Server, credential: Credential) -> Mapping[str, Secret]:
    """Raises InvalidRequest for a web session: cookies fit in no variable of anybody's."""
    where = {URL: Secret(server.url)}
    match credential:
        case ApiKey():
            return {**where, API_KEY: credential.key}
        case SessionToken(token=Secret() as token):
            return {**where, TOKEN: token}
        case _:
            raise InvalidRequest(
                "A web session of Magnet AI is made of cookies, which no program reads from"
                " variables.",
                hint="Sign in for a token, or use an API key.",
            )


def read_variables(variables: Mapping[str, Secret]) -> ReadVariables:
    where = address_in(variables)
    held = [name for name in (API_KEY, TOKEN) if variables.get(name)]
    return ReadVariables(
        server_url=where,
        method={API_KEY: "api_key", TOKEN: "token"}[held[0]] if held else None,
        holds_credential=bool(held) and where is not None,
        notes=tuple(_note(name, where, held) for name in NAMES if name in variables),
    )


def address_in(variables: Mapping[str, Secret]) -> str | None:
    """The canonical address; None where there is none, or none that may be used."""
    url = variables.get(URL)
    try:
        return canonical(url.reveal()) if url else None
    except InvalidRequest:
        return None


def _note(name: str, where: str | None, held: list[str]) -> VariableNote:
    if name == URL:
        text = f"The server is {where}." if where else "This is not the address of a server."
        return VariableNote(name, where is not None, text)
    if name not in held:
        return VariableNote(name, honoured=False, text="It is empty.")
    if where is None:
        return VariableNote(name, honoured=False, text=f"{URL} has to say for which server.")
    if name != held[0]:
        return VariableNote(name, honoured=False, text=f"{held[0]} is used instead.")
    return VariableNote(name, honoured=True, text="It can be kept as an account.")
