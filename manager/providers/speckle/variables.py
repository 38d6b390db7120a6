"""The environment variables of Speckle's programs (its documents' `.env`, and the connectors')."""

from __future__ import annotations

from collections.abc import Mapping

from manager.core.account import Server
from manager.core.credential import Credential
from manager.core.errors import InvalidRequest
from manager.core.provider_abilities import ReadVariables, VariableNote
from manager.core.secret import Secret
from manager.core.server_address import canonical, origin

from .presented_token import presented_token

TOKEN, SERVER = "SPECKLE_TOKEN", "SPECKLE_SERVER"
CONNECTORS_SERVER = "SPECKLE_DEFAULT_SPECKLE_SERVER_URL"
USER_DATA = "SPECKLE_USERDATA_PATH"
NAMES = (TOKEN, SERVER, CONNECTORS_SERVER, USER_DATA)
DEFAULT_SERVER = "https://app.speckle.systems"
"""What Speckle's own programs mean where no server is named."""


def variables_for(server: Server, credential: Credential) -> Mapping[str, Secret]:
    return {TOKEN: presented_token(credential), SERVER: Secret(origin(server.url))}


def read_variables(variables: Mapping[str, Secret]) -> ReadVariables:
    token = TOKEN in variables
    notes = []
    if token:
        notes.append(
            VariableNote(
                TOKEN, honoured=True, text="Holds a token, which can be kept as an account."
            )
        )
    server = _server(variables, notes)
    if (
        token
        and server is None
        and not any(note.name in (SERVER, CONNECTORS_SERVER) for note in notes)
    ):
        server = DEFAULT_SERVER
        notes.append(
            VariableNote(
                SERVER,
                honoured=True,
                text=f"Is not set: {DEFAULT_SERVER} is meant, as in Speckle's own programs.",
            )
        )
    if USER_DATA in variables:
        text = (
            "Accounts.db below this folder is looked through, and written where an account is"
            " exported; it counts where it is set for the agent itself."
        )
        notes.append(VariableNote(USER_DATA, honoured=True, text=text))
    return ReadVariables(
        server_url=server,
        method="form" if token else ("browser" if server else None),
        holds_credential=token and server is not None,
        notes=tuple(notes),
    )


def server_and_token(variables: Mapping[str, Secret]) -> tuple[str, Secret]:
    """Raises InvalidRequest where they hold no usable pair."""
    token, said = variables.get(TOKEN), read_variables(variables)
    if token is None:
        raise InvalidRequest(f"{TOKEN} is not set.", hint="Set it to a personal access token.")
    if said.server_url is None:
        raise InvalidRequest(
            f"{SERVER} is not the address of a server.",
            hint=f"Write it as {DEFAULT_SERVER}.",
        )
    return said.server_url, token


def _server(variables: Mapping[str, Secret], notes: list[VariableNote]) -> str | None:
    """SPECKLE_SERVER counts more than the connectors' variable."""
    found: str | None = None
    for name in (SERVER, CONNECTORS_SERVER):
        if name not in variables:
            continue
        if found is not None:
            notes.append(
                VariableNote(name, honoured=False, text=f"Is not looked at: {SERVER} is set.")
            )
            continue
        try:
            found = origin(canonical(variables[name].reveal()))
        except InvalidRequest as wrong:
            notes.append(
                VariableNote(name, honoured=False, text=f"{wrong.message} {wrong.hint}".strip())
            )
        else:
            notes.append(VariableNote(name, honoured=True, text=f"The server is {found}."))
    return found
