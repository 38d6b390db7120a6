"""The environment variables of FoxNose's programs: what is documented for its SDK
(FOXNOSE_ACCESS_TOKEN, with FOXNOSE_API_URL and FOXNOSE_ENVIRONMENT_KEY) and for its LangChain
packages (FOXNOSE_PUBLIC_KEY and FOXNOSE_SECRET_KEY, with FOXNOSE_BASE_URL and FOXNOSE_API_PREFIX).
The SDK itself reads none of them: programs do."""

from __future__ import annotations

from collections.abc import Mapping

from manager.core.account import Server
from manager.core.credential import ApiKey, Credential, SessionToken, SigningKey
from manager.core.errors import InvalidRequest
from manager.core.provider_abilities import ReadVariables, VariableNote
from manager.core.secret import Secret

from .place import MANAGEMENT_URL, place_of

ACCESS_TOKEN = "FOXNOSE_ACCESS_TOKEN"  # noqa: S105
API_URL, ENVIRONMENT = "FOXNOSE_API_URL", "FOXNOSE_ENVIRONMENT_KEY"
BASE_URL, API_PREFIX = "FOXNOSE_BASE_URL", "FOXNOSE_API_PREFIX"
PUBLIC_KEY, SECRET_KEY = "FOXNOSE_PUBLIC_KEY", "FOXNOSE_SECRET_KEY"
NAMES = (ACCESS_TOKEN, API_URL, ENVIRONMENT, BASE_URL, API_PREFIX, PUBLIC_KEY, SECRET_KEY)


def variables_for(server: Server, credential: Credential) -> Mapping[str, Secret]:
    """Raises InvalidRequest with a sentence where none would work."""
    if isinstance(credential, SigningKey):
        raise InvalidRequest(
            "The private key of a Secure key never leaves Account Manager, and no variable stands"
            " for a signature.",
            hint="Use manager.integrations.foxnose, or a bearer token of the key.",
        )
    place = place_of(credential, server.url)
    around = {
        API_URL: place.management_url,
        ENVIRONMENT: place.environment,
        BASE_URL: place.flux_url,
        API_PREFIX: place.api_prefix,
    }
    found = {name: Secret(value) for name, value in around.items() if value}
    match credential:
        case SessionToken(token=Secret() as token):
            return {ACCESS_TOKEN: token, **found}
        case ApiKey(prefix="Simple "):
            public_key, _, secret = credential.key.reveal().partition(":")
            return {PUBLIC_KEY: Secret(public_key), SECRET_KEY: Secret(secret), **found}
        case ApiKey():
            return {ACCESS_TOKEN: credential.key, **found}
    raise InvalidRequest("This account holds nothing that a variable could carry.")


def read_variables(variables: Mapping[str, Secret]) -> ReadVariables:
    """A token wins over a key pair; the private half of a Secure key is not told from the secret
    of a Simple one by its name, so the pair is taken as documented: Simple."""
    method, used = None, set()
    if ACCESS_TOKEN in variables:
        method, used = "static_token", {ACCESS_TOKEN, API_URL, ENVIRONMENT}
        if is_bearer_token(variables[ACCESS_TOKEN]):
            method, used = "bearer_token", {ACCESS_TOKEN, BASE_URL, API_PREFIX, ENVIRONMENT}
    elif {PUBLIC_KEY, SECRET_KEY} <= variables.keys():
        method = "simple_key"
        used = {PUBLIC_KEY, SECRET_KEY, BASE_URL, API_PREFIX, ENVIRONMENT, API_URL}
    notes = tuple(_note(name, name in used, method) for name in NAMES if name in variables)
    return ReadVariables(server_url(variables, method), method, method is not None, notes)


def is_bearer_token(token: Secret) -> bool:
    return token.reveal().strip().startswith("fxk_")


def server_url(variables: Mapping[str, Secret], method: str | None) -> str | None:
    """The Management API, unless only the Flux address is told and a key is for that."""
    if API_URL in variables:
        return variables[API_URL].reveal()
    if method in ("simple_key", "bearer_token") and BASE_URL in variables:
        return variables[BASE_URL].reveal()
    return MANAGEMENT_URL if variables else None


def _note(name: str, honoured: bool, method: str | None) -> VariableNote:
    if honoured:
        return VariableNote(name, honoured=True, text="Used.")
    if method is None:
        text = f"Alone it signs nobody in: {ACCESS_TOKEN} is missing."
        return VariableNote(name, honoured=False, text=text)
    text = "Not needed beside the credential that is used."
    return VariableNote(name, honoured=False, text=text)
