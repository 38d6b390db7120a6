"""Every variable that the SDK's document or the SDK itself (1.5.6) knows: honoured, or why not."""

from __future__ import annotations

from collections.abc import Mapping

from manager.core.credential import ApiKey, Credential
from manager.core.errors import InvalidRequest
from manager.core.provider_abilities import ReadVariables, VariableNote
from manager.core.secret import Secret
from manager.core.server_address import canonical

from .api_keys import PREFIX

DEFAULT_URL = "https://mesh-abh5.onrender.com"
"""Where the SDK goes when nothing is set."""
TRUE = frozenset({"true", "1", "yes"})
_TRIPLE = ("MESH_ACCESS_TOKEN", "MESH_REFRESH_TOKEN", "MESH_TOKEN_EXPIRES_AT")
_BY_SERVER = (
    "The server itself says it (GET /auth/config), and is asked; no SDK release reads this."
)
_HEADLESS = "The SDK takes it for a machine without a browser; Account Manager looks for itself."
_SDK_ONLY = "The SDK reads it by itself; it has nothing to do with accounts."

_EXPLAINED = {
    "AUTH0_DOMAIN": _BY_SERVER,
    "AUTH0_CLIENT_ID": _BY_SERVER,
    "AUTH0_AUDIENCE": _BY_SERVER,
    "AUTH0_CALLBACK_PORT": "The first free port from 8000 to 8999 is taken, as the SDK does.",
    "MESH_DEVICE_TIMEOUT": "The server says how long a code is good, and that is how long it is"
    " waited for.",
    "AUTO_REFRESH": "Account Manager always renews before a token ends; the SDK has no refresh"
    " token of its own then.",
    "DEBUG": "The SDK reads it; it then logs parts of tokens. The agent has --verbose, which logs"
    " none.",
    "MESH_EXTENDED_TOKEN_LIFETIME": "Tokens are renewed as they end, so none has to live longer.",
}  # fmt: skip
_SDK_OWN = (
    "DEFAULT_OPENAI_MODEL", "DEFAULT_ANTHROPIC_MODEL", "DEFAULT_PROVIDER",
    "DEFAULT_OPENAI_MODEL_OVERRIDE", "DEFAULT_ANTHROPIC_MODEL_OVERRIDE", "THINKING_ENABLED",
    "DEFAULT_THINKING_BUDGET", "DEFAULT_THINKING_MAX_TOKENS",
)  # fmt: skip
_MARKERS = (
    "DISPLAY", "DOCKER", "KUBERNETES_SERVICE_HOST", "RENDER", "AWS_LAMBDA_FUNCTION_NAME",
    "GOOGLE_CLOUD_PROJECT", "CI", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS", "JENKINS_URL",
)  # fmt: skip
_OURS = ("MESH_API_URL", "MESH_HEADLESS", "MESH_API_KEY", "MESH_TOKEN_FROM_ENV", *_TRIPLE)
_REASONS = {
    **_EXPLAINED,
    **dict.fromkeys(_SDK_OWN, _SDK_ONLY),
    **dict.fromkeys(_MARKERS, _HEADLESS),
}
NAMES = (*_OURS, *_REASONS)
_SHARED = frozenset({"AUTO_REFRESH", "DEBUG", *_SDK_OWN, *_MARKERS})
"""Names that other programs use as well: alone they say nothing of Mesh."""


def for_programs(server_url: str, credential: Credential) -> dict[str, Secret]:
    """Raises InvalidRequest for a sign-in: what the SDK reads for one holds a refresh token, which
    two programs cannot share, and is fixed for the life of a process."""
    if isinstance(credential, ApiKey):
        return {"MESH_API_KEY": credential.key, "MESH_API_URL": Secret(server_url)}
    raise InvalidRequest(
        "A sign-in of Mesh cannot be handed out as variables: programs would need its refresh"
        " token.",
        hint="Create an API key for this account and keep it as an account of its own; or let the"
        " SDK ask Account Manager itself:"
        " PYTHON_KEYRING_BACKEND=manager.integrations.keyring_backend.Keyring",
    )


def read(variables: Mapping[str, Secret]) -> ReadVariables:
    if not set(variables) - _SHARED:
        return ReadVariables()
    texts = {name: value.reveal().strip() for name, value in variables.items()}
    url, url_note = _address(texts)
    notes = [
        *url_note,
        *_headless(texts),
        *_key(texts),
        *_tokens(texts),
        *(
            VariableNote(name, honoured=False, text=_REASONS[name])
            for name in _REASONS
            if name in texts
        ),
    ]
    return ReadVariables(
        server_url=url,
        method="device" if texts.get("MESH_HEADLESS", "").lower() in TRUE else None,
        holds_credential=has_key(texts) or has_tokens(texts),
        notes=tuple(notes),
    )


def server_url(texts: Mapping[str, str]) -> str:
    """Raises InvalidRequest for an address that cannot be one."""
    return canonical(texts.get("MESH_API_URL") or DEFAULT_URL)


def has_key(texts: Mapping[str, str]) -> bool:
    return texts.get("MESH_API_KEY", "").startswith(PREFIX)


def has_tokens(texts: Mapping[str, str]) -> bool:
    """All three must be there, as in the SDK."""
    asked_for = texts.get("MESH_TOKEN_FROM_ENV", "").lower() in TRUE
    return asked_for and all(texts.get(name) for name in _TRIPLE) and _expiry(texts) > 0


def _expiry(texts: Mapping[str, str]) -> float:
    try:
        return float(texts.get("MESH_TOKEN_EXPIRES_AT", "0"))
    except ValueError:
        return 0.0


def _address(texts: Mapping[str, str]) -> tuple[str | None, list[VariableNote]]:
    if "MESH_API_URL" not in texts:
        return DEFAULT_URL, []
    try:
        url = server_url(texts)
    except InvalidRequest as wrong:
        return None, [VariableNote("MESH_API_URL", honoured=False, text=wrong.message)]
    return url, [VariableNote("MESH_API_URL", honoured=True, text="The server to sign in at.")]


def _headless(texts: Mapping[str, str]) -> list[VariableNote]:
    value = texts.get("MESH_HEADLESS")
    if value is None:
        return []
    if value.lower() in TRUE:
        return [
            VariableNote(
                "MESH_HEADLESS", honoured=True, text="Signing in is by a code on another device."
            )
        ]
    return [
        VariableNote(
            "MESH_HEADLESS", honoured=True, text="Whether a browser can open is found out here."
        )
    ]


def _key(texts: Mapping[str, str]) -> list[VariableNote]:
    if "MESH_API_KEY" not in texts:
        return []
    if has_key(texts):
        return [
            VariableNote(
                "MESH_API_KEY", honoured=True, text="It can be kept as an account of its own."
            )
        ]
    return [
        VariableNote(
            "MESH_API_KEY", honoured=False, text="No key of Mesh: one begins with “mesh_”."
        )
    ]


def _tokens(texts: Mapping[str, str]) -> list[VariableNote]:
    found = [name for name in ("MESH_TOKEN_FROM_ENV", *_TRIPLE) if name in texts]
    if has_key(texts):
        why = "MESH_API_KEY is set and counts more, as in the SDK."
        return [VariableNote(name, honoured=False, text=why) for name in found]
    if has_tokens(texts):
        why = "The sign-in can be kept as an account; it is renewed here from then on."
        return [VariableNote(name, honoured=True, text=why) for name in found]
    why = (
        "Only together: MESH_TOKEN_FROM_ENV=true, MESH_ACCESS_TOKEN, MESH_REFRESH_TOKEN and"
        " MESH_TOKEN_EXPIRES_AT."
    )
    return [VariableNote(name, honoured=False, text=why) for name in found]
