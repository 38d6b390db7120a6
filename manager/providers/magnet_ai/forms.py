"""What is asked for when signing in, by dialect."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from manager.core.errors import InvalidRequest
from manager.core.sign_in_form import FieldKind, FormField, SignInForm, words

SCOPES = (
    "agents:read",
    "agents:write",
    "conversations:read",
    "conversations:write",
    "models:read",
    "models:write",
    "admin",
)
"""Of the seed document, in its order."""

_USER = FormField("username", "User name")
_PASSWORD = FormField("password", "Password", FieldKind.SECRET, hint="Used once, never kept.")
_API_KEY = FormField("api_key", "API key", FieldKind.SECRET)

SEED_PASSWORD = SignInForm(
    "password",
    "User name and password",
    (
        _USER,
        _PASSWORD,
        FormField(
            "scopes",
            "Scopes",
            FieldKind.WORDS,
            required=False,
            hint=f"Empty: all that the role allows. Known: {', '.join(SCOPES)}.",
        ),
        FormField(
            "allowed_ips",
            "Allowed addresses",
            FieldKind.WORDS,
            required=False,
            hint="IP addresses that may use the token. Empty: any.",
        ),
    ),
    note="The server makes a token for this account; it is renewed by itself.",
)
SEED_SESSION = SignInForm(
    "session",
    "Web session",
    (_USER, _PASSWORD),
    note="Cookies as in a browser: programs get them request by request. It cannot be renewed.",
)
SEED_TOKEN = SignInForm(
    "token",
    "Paste a token",
    (FormField("token", "Token", FieldKind.SECRET, hint="Settings, API Tokens in the web page."),),
)
API_KEY = SignInForm(
    "api_key",
    "API key",
    (
        _API_KEY,
        FormField(
            "user_id",
            "User id",
            required=False,
            hint="On whose behalf the key is used, where the server shall know.",
        ),
    ),
    note="An administrator makes keys in the web page.",
)
V2_PASSWORD = SignInForm(
    "password",
    "E-mail and password",
    (FormField("email", "E-mail", FieldKind.EMAIL), _PASSWORD),
)
V2_SECOND_FACTOR = SignInForm(
    "mfa",
    "Second factor",
    (FormField("code", "Code", FieldKind.SECRET, hint="Six digits, or a backup code."),),
    note="The server asks for a code from your authenticator app within five minutes.",
)


def prefilled(form: SignInForm, name: str, text: str | None) -> SignInForm:
    """The form with a field filled in already, where there is something to fill in."""
    fields = tuple(
        replace(field, default=text) if text and field.name == name else field
        for field in form.fields
    )
    return replace(form, fields=fields)


def scopes_typed(text: str) -> tuple[str, ...]:
    """Raises InvalidRequest for one that the seed document does not know."""
    found = words(text)
    if any(word not in SCOPES for word in found):
        raise InvalidRequest(
            "Magnet AI has no such scope.", hint=f"Choose from: {', '.join(SCOPES)}."
        )
    return found


def addresses_typed(text: str) -> tuple[str, ...]:
    """Raises InvalidRequest for what is no IP address."""
    found = words(text)
    for word in found:
        try:
            ipaddress.ip_address(word)
        except ValueError:
            raise InvalidRequest(
                "Allowed addresses are IP addresses.", hint="For example 192.168.1.100, 10.0.0.50."
            ) from None
    return found
